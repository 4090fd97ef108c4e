from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import AdImpression, User
from accounts.rules import ads as rules


class TooLongAgo(Exception):
    """Shown at a time that cannot be."""


class TakenByAnother(Exception):
    """Somebody else has counted an advertisement under this id."""


@transaction.atomic
def record_impression(
    *, impression_id: UUID, person: User, session: UUID, shown_at: datetime, now: datetime
) -> AdImpression:
    """Count an advertisement, once however often it is told. Raises TooLongAgo or TakenByAnother."""
    if not rules.is_believable(shown_at=shown_at, now=now):
        raise TooLongAgo
    fresh = AdImpression(id=impression_id, person=person, session=session, shown_at=shown_at)
    AdImpression.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = AdImpression.objects.get(pk=impression_id)
    if kept.person_id != person.pk:
        raise TakenByAnother
    return kept


def forget_impressions(*, now: datetime) -> int:
    """Delete those older than AD_IMPRESSION_DAYS; gives their number."""
    before = now - timedelta(days=settings.AD_IMPRESSION_DAYS)
    deleted, _ = AdImpression.objects.filter(shown_at__lt=before).delete()
    return deleted
