from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from accounts import commands, queries
from accounts.models import AdImpression
from accounts.rules import ads
from accounts.tests.clubs import SubscriptionFactory

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
HERE = uuid4()


def ago(session=None, **time):
    return ads.Shown(session or uuid4(), NOON - timedelta(**time))


def asked(*shown, session=HERE, now=NOON, zone=WARSAW, may=()):
    return ads.refusal(entitlements=may, shown=shown, session=session, now=now, zone=zone)


class TestPolicy:
    def test_the_first_one_is_shown(self):
        assert asked() is None

    def test_never_to_who_has_none_whatever_was_shown(self):
        assert asked(may={"no_ads"}) is ads.Reason.NO_ADS
        assert asked(*(ago(minutes=5 * n) for n in range(6)), may={"no_ads"}) is ads.Reason.NO_ADS

    def test_six_a_day(self):
        five = [ago(minutes=5 * n) for n in range(1, 6)]
        assert asked(*five) is None
        assert asked(*five, ago(minutes=50)) is ads.Reason.CAP

    def test_the_day_is_the_persons_own(self):
        night = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # half past midnight in Warsaw
        six = [ads.Shown(uuid4(), night - timedelta(minutes=40 + n)) for n in range(6)]
        assert asked(*six, now=night, zone=WARSAW) is None
        assert asked(*six, now=night, zone=ZoneInfo("UTC")) is ads.Reason.CAP

    def test_three_in_a_session_also_past_midnight(self):
        three = [ago(HERE, hours=20 + n) for n in range(3)]
        assert asked(*three) is ads.Reason.CAP
        assert asked(*three, session=uuid4()) is None
        assert asked(*three[:2]) is None

    def test_two_minutes_apart(self):
        assert asked(ago(seconds=119)) is ads.Reason.COOLDOWN
        assert asked(ago(seconds=120)) is None


@pytest.mark.django_db
class TestRecording:
    def test_told_twice_it_counts_once_as_it_was_told_first(self, ben, now):
        told = {"impression_id": uuid4(), "person": ben, "now": now}
        commands.record_impression(**told, session=HERE, shown_at=now)
        again = commands.record_impression(**told, session=uuid4(), shown_at=now - timedelta(hours=1))
        assert (again.session, again.shown_at) == (HERE, now)
        assert AdImpression.objects.count() == 1

    def test_nobody_counts_under_anothers_id(self, ben, cleo, now):
        shown = commands.record_impression(impression_id=uuid4(), person=ben, session=HERE, shown_at=now, now=now)
        with pytest.raises(commands.TakenByAnother):
            commands.record_impression(impression_id=shown.pk, person=cleo, session=HERE, shown_at=now, now=now)
        assert AdImpression.objects.get().person == ben

    @pytest.mark.parametrize("off", [timedelta(days=-1, seconds=-1), timedelta(minutes=5, seconds=1)])
    def test_it_was_shown_today_and_not_tomorrow(self, ben, now, off):
        with pytest.raises(commands.TooLongAgo):
            commands.record_impression(impression_id=uuid4(), person=ben, session=HERE, shown_at=now + off, now=now)

    def test_what_was_told_is_what_is_asked_about(self, ben, cleo, now):
        assert queries.ad_refusal(person=ben, session=HERE, now=now) is None
        commands.record_impression(impression_id=uuid4(), person=ben, session=HERE, shown_at=now, now=now)
        assert queries.ad_refusal(person=ben, session=HERE, now=now) is ads.Reason.COOLDOWN
        assert queries.ad_refusal(person=cleo, session=HERE, now=now) is None
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        assert queries.ad_refusal(person=ben, session=HERE, now=now) is ads.Reason.NO_ADS

    def test_after_thirty_days_it_is_forgotten(self, ben, now):
        for days in (29, 31):
            AdImpression.objects.create(id=uuid4(), person=ben, session=HERE, shown_at=now - timedelta(days=days))
        assert commands.forget_impressions(now=now) == 1
        assert AdImpression.objects.get().shown_at == now - timedelta(days=29)


@pytest.mark.django_db(transaction=True)
def test_eight_who_tell_of_the_same_one_count_it_once(ben, now):
    which = uuid4()

    def tell(_):
        try:
            return commands.record_impression(impression_id=which, person=ben, session=HERE, shown_at=now, now=now).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tell, range(8))) == {which}
    assert AdImpression.objects.count() == 1
