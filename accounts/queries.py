from django.db.models.functions import Lower

from .models import User


def language_of(*, email: str) -> str:
    """The language of whoever signs in with this address; empty when nobody does or they never chose one."""
    people = User.objects.alias(address=Lower("email")).filter(address=email.lower())
    return people.values_list("locale", flat=True).first() or ""
