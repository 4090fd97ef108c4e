import factory
from allauth.account.models import EmailAddress

from accounts.models import User

PASSWORD = "a good password 1"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person with a verified address and PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@dojang.example")
    display_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def address(self, create: bool, extracted: object, **kwargs: object) -> None:
        if create:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)
