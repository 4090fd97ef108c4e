"""Once a day, at the learner's hour and by the learner's clock, and only when something is due."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import ngettext
from hypothesis import given
from hypothesis import strategies as st

from accounts import commands as accounts
from accounts.models import Notice, NoticePreference, OutgoingMail, User
from accounts.tests.factories import UserFactory
from accounts.tests.telling import way_out
from learning.practice import commands, queries
from learning.practice.models import Learner
from learning.practice.rules.days import begins_at, day_of
from learning.practice.rules.reminding import LATEST, hours_now, is_time, reminder_at
from learning.practice.tests.factories import CardFactory, LearnerFactory
from project.foundation.jobs.models import Job, State
from project.schedules import SCHEDULES

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = ["Europe/Warsaw", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Seoul"]
MINUTES = timedelta(minutes=10)
"""Between two looks at the clock."""


def told_on(hour, zone, begin, end):
    """The instants at which somebody is told between two others, looked at as often as the schedule does."""
    told, last, at = [], None, begin
    while at < end:
        day = day_of(at, zone)
        if is_time(hour, zone=zone, now=at) and last != day:
            told.append(at)
            last = day
        at += MINUTES
    return told


class TestTheHour:
    """Rules: no database."""

    def test_an_hour_after_four_is_on_the_day_itself_and_one_before_it_after_midnight(self):
        on = date(2026, 11, 21)
        assert reminder_at(18, on=on, zone=WARSAW) == datetime(2026, 11, 21, 17, tzinfo=UTC)
        assert reminder_at(4, on=on, zone=WARSAW) == begins_at(on, WARSAW)
        assert reminder_at(3, on=on, zone=WARSAW) == datetime(2026, 11, 22, 2, tzinfo=UTC)

    def test_an_hour_that_the_clock_skips_is_told_at_the_next(self):
        [told] = told_on(2, WARSAW, datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC))
        assert told == datetime(2027, 3, 28, 1, tzinfo=UTC)
        assert told.astimezone(WARSAW).hour == 3

    def test_an_hour_that_the_clock_repeats_is_told_once(self):
        [told] = told_on(2, WARSAW, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
        assert told == datetime(2026, 10, 25, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("zone", "instant"),
        [("Asia/Kathmandu", "2026-11-21T12:15:00Z"), ("America/St_Johns", "2026-11-21T21:30:00Z"),
         ("Australia/Eucla", "2026-11-21T09:15:00Z"), ("Asia/Seoul", "2026-11-21T09:00:00Z")],
    )  # fmt: skip
    def test_clocks_that_are_not_whole_hours_away(self, zone, instant):
        at = datetime.fromisoformat(instant)
        assert reminder_at(18, on=date(2026, 11, 21), zone=ZoneInfo(zone)) == at
        assert is_time(18, zone=ZoneInfo(zone), now=at)
        assert not is_time(18, zone=ZoneInfo(zone), now=at - timedelta(seconds=1))

    def test_who_could_not_be_told_in_time_is_left_alone(self):
        at = reminder_at(20, on=date(2026, 11, 21), zone=WARSAW)
        assert is_time(20, zone=WARSAW, now=at + LATEST - timedelta(seconds=1))
        assert not is_time(20, zone=WARSAW, now=at + LATEST)

    @given(
        hour=st.integers(0, 23),
        zone=st.sampled_from(ZONES),
        begin=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    )
    def test_every_practice_day_has_one_reminder_also_where_the_clock_jumps(self, hour, zone, begin):
        zone = ZoneInfo(zone)
        first = day_of(begin.replace(tzinfo=UTC), zone)
        days = [first + timedelta(days=each) for each in range(4)]
        told = told_on(hour, zone, begins_at(days[0], zone), begins_at(days[-1], zone))
        assert [day_of(each, zone) for each in told] == days[:-1]
        assert all(each - reminder_at(hour, on=day_of(each, zone), zone=zone) < MINUTES for each in told)

    def test_all_hours_of_an_instant(self):
        at = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)
        assert hours_now(WARSAW, now=at) == {16, 17, 18}


@pytest.fixture
def evening():
    """Five past six in Warsaw."""
    return datetime(2026, 11, 19, 17, 5, tzinfo=UTC)


@pytest.fixture
def learner(ben):
    LearnerFactory(person=ben, reminder_hour=18)
    CardFactory(person=ben)
    return ben


def remind(now):
    """What the clock asks for, and what follows from it. Gives how many were asked about."""
    asked = commands.remind(now=now)
    for job in Job.objects.filter(kind="practice.remind_some", state=State.QUEUED):
        commands.remind_some(actors=job.arguments["actors"], now=now)
        Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED, attempt=1, started_at=now, ended_at=now)
    return asked


def post(now):
    """What the jobs do that were asked for when somebody was told."""
    for notice in Notice.objects.filter(handed_on_at=None):
        accounts.deliver_notice(notice_id=notice.pk, now=now)
    for letter in OutgoingMail.objects.all():
        accounts.send_mail(letter_id=letter.pk)


def reminders():
    return list(Notice.objects.filter(kind="reviews_due").order_by("created_at"))


@pytest.mark.django_db
class TestReminding:
    def test_it_says_how_many_are_due_and_leads_to_them(self, learner, evening, mailoutbox, settings):
        CardFactory.create_batch(2, person=learner)
        assert remind(evening) == 1
        [told] = reminders()
        assert told.facts == {"due": 3}
        post(evening)
        [letter] = mailoutbox
        assert (letter.to, letter.subject) == (["ben@dojang.example"], "3 cards are due today")
        assert f"{settings.PUBLIC_URL}/practise/review/\n" in letter.body

    def test_the_number_is_that_of_the_queue(self, learner, evening):
        CardFactory.create_batch(30, person=learner)
        remind(evening)
        assert reminders()[0].facts == {"due": queries.due_count(person=learner, now=evening)}
        assert reminders()[0].facts == {"due": queries.queue(person=learner, now=evening).total}

    def test_before_the_hour_and_without_one_nobody_is_told(self, learner, evening):
        assert remind(evening - timedelta(minutes=6)) == 0
        Learner.objects.update(reminder_hour=None)
        assert remind(evening) == 0
        assert reminders() == []

    def test_where_nothing_is_due_nobody_is_told_and_nobody_asks_again_today(self, ben, evening):
        LearnerFactory(person=ben, reminder_hour=18)
        assert remind(evening) == 1
        assert reminders() == []
        CardFactory(person=ben)
        assert remind(evening + MINUTES) == 0
        assert remind(evening + timedelta(days=1)) == 1
        assert len(reminders()) == 1

    def test_cards_that_are_put_away_or_wait_for_another_day_are_not_due(self, ben, evening):
        LearnerFactory(person=ben, reminder_hour=18)
        CardFactory(person=ben, put_away_at=evening)
        CardFactory(person=ben, buried_until=date(2026, 11, 20))
        assert remind(evening) == 1
        assert reminders() == []
        assert Learner.objects.get().reminded_on == date(2026, 11, 19)

    def test_once_a_day_however_often_the_clock_asks(self, learner, evening):
        for minutes in range(0, 24 * 60, 10):
            remind(evening + timedelta(minutes=minutes))
        assert len(reminders()) == 1
        remind(evening + timedelta(days=1))
        assert len(reminders()) == 2

    def test_a_job_that_runs_again_tells_nobody_twice(self, learner, evening):
        actors = [str(learner.actor_id)]
        assert commands.remind_some(actors=actors, now=evening) == 1
        assert commands.remind_some(actors=actors, now=evening + MINUTES) == 0
        assert len(reminders()) == 1

    def test_what_was_decided_and_what_was_told_are_one(self, learner, evening, monkeypatch):
        """Whoever dies between both has done neither, and the next one does both."""

        def die(**said):
            raise SystemExit

        with monkeypatch.context() as broken:
            broken.setattr("accounts.commands.tell", die)
            with pytest.raises(SystemExit):
                commands.remind_some(actors=[str(learner.actor_id)], now=evening)
        assert Learner.objects.get().reminded_on is None
        assert commands.remind_some(actors=[str(learner.actor_id)], now=evening) == 1

    def test_one_who_cannot_be_reminded_keeps_no_other_from_it(self, learner, cleo, evening, monkeypatch):
        LearnerFactory(person=cleo, reminder_hour=18)
        CardFactory(person=cleo)
        whole = queries.due_count

        def broken(*, person, now):
            if person == learner:
                raise ZeroDivisionError
            return whole(person=person, now=now)

        monkeypatch.setattr(queries, "due_count", broken)
        with pytest.raises(commands.NotAllReminded, match=r"^1$"):
            remind(evening)
        assert [told.person for told in reminders()] == [cleo]

    def test_each_by_their_own_clock(self, learner, cleo, evening):
        User.objects.filter(pk=cleo.pk).update(time_zone="Asia/Kathmandu")
        LearnerFactory(person=cleo, reminder_hour=18)
        CardFactory(person=cleo)
        assert remind(datetime(2026, 11, 19, 12, 20, tzinfo=UTC)) == 1  # 18:05 in Kathmandu
        assert [told.person for told in reminders()] == [cleo]
        assert remind(evening) == 1
        assert [told.person for told in reminders()] == [cleo, learner]

    def test_a_clock_that_this_machine_does_not_know_is_that_of_the_hall(self, learner, evening):
        User.objects.filter(pk=learner.pk).update(time_zone="Mars/Olympus")
        assert remind(evening) == 1
        assert len(reminders()) == 1

    def test_who_travels_east_in_the_evening_is_not_told_twice(self, learner, evening):
        remind(evening)
        User.objects.filter(pk=learner.pk).update(time_zone="America/New_York")
        assert remind(evening + timedelta(hours=6)) == 0
        assert len(reminders()) == 1

    def test_after_midnight_it_is_still_the_same_practice_day(self, learner):
        Learner.objects.update(reminder_hour=2)
        assert remind(datetime(2026, 11, 20, 1, 5, tzinfo=UTC)) == 1
        assert Learner.objects.get().reminded_on == date(2026, 11, 19)

    def test_an_account_that_is_closed_is_left_alone(self, learner, evening):
        User.objects.filter(pk=learner.pk).update(is_active=False)
        assert remind(evening) == 0

    @pytest.mark.parametrize("language", ["en", "pl", "ko"])
    def test_a_letter_in_the_language_of_its_reader(self, learner, evening, mailoutbox, language):
        User.objects.filter(pk=learner.pk).update(locale=language)
        remind(evening)
        post(evening)
        [letter] = mailoutbox
        assert letter.body.count("/practise/review/") == 1
        with translation.override(language):
            assert letter.subject == ngettext("%(due)s card is due today", "%(due)s cards are due today", 1) % {
                "due": 1
            }

    def test_one_click_ends_the_letters(self, learner, evening, mailoutbox):
        remind(evening)
        post(evening)
        assert mailoutbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        posted = Client().post(way_out(mailoutbox[0]), {"List-Unsubscribe": "One-Click"})
        assert posted.status_code == 200
        assert NoticePreference.objects.filter(topic="practice", channel="mail", is_on=False).exists()
        remind(evening + timedelta(days=1))
        post(evening)
        assert len(reminders()) == 2
        assert len(mailoutbox) == 1

    def test_the_list_of_notices_does_not_say_that_yesterdays_cards_are_due(self, learner, evening, client):
        remind(evening)
        client.force_login(learner)
        assert "1 card was due." in client.get("/notices/").text

    def test_the_switches_know_the_topic(self, learner, client):
        client.force_login(learner)
        assert "The cards that are due today, at your hour." in client.get("/notices/preferences/").text


@pytest.mark.django_db
class TestMany:
    def learners(self, number, *, cards=1):
        for each in range(number):
            person = UserFactory(time_zone=ZONES[each % 2])
            LearnerFactory(person=person, reminder_hour=18 if each % 2 == 0 else 21)
            for _ in range(cards):
                CardFactory(person=person)

    def test_looking_who_it_is_time_for_takes_two_queries(self, evening, django_assert_num_queries):
        for number in (4, 40):
            self.learners(number)
            with django_assert_num_queries(2):
                assert len(queries.to_remind(now=evening)) >= number

    def test_a_batch_asks_the_same_for_all_who_have_nothing_to_practise(self, evening, django_assert_num_queries):
        for number in (3, 30):
            User.objects.filter(learner__isnull=False).delete()
            self.learners(number, cards=0)
            actors = queries.to_remind(now=evening)
            assert len(actors) == number
            with django_assert_num_queries(7):
                assert commands.remind_some(actors=actors, now=evening) == 0

    def test_those_who_have_nothing_to_practise_are_locked_in_the_order_of_their_keys(self):
        """Their days differ, so they are written in several statements, and in another order by another job."""
        for zone, hour in (("Asia/Seoul", 5), ("America/St_Johns", 16)):
            LearnerFactory(person=UserFactory(time_zone=zone), reminder_hour=hour)
        actors = [str(each.person.actor_id) for each in Learner.objects.all()]
        with CaptureQueriesContext(connection) as asked:
            commands.remind_some(actors=actors, now=datetime(2026, 11, 21, 20, tzinfo=UTC))
        said = [each["sql"] for each in asked if "practice_learner" in each["sql"]]
        [lock] = [sql for sql in said if "FOR NO KEY UPDATE" in sql]
        assert lock.startswith('SELECT "practice_learner"."person_id" AS "pk"')
        assert lock.endswith("ORDER BY 1 ASC FOR NO KEY UPDATE")
        writes = [place for place, sql in enumerate(said) if sql.startswith("UPDATE")]
        assert len(writes) == 2
        assert said.index(lock) < writes[0]

    def test_who_is_told_costs_the_same_whoever_else_is(self, evening, django_assert_max_num_queries):
        self.learners(1)
        with django_assert_max_num_queries(60) as one:
            assert commands.remind_some(actors=queries.to_remind(now=evening), now=evening) == 1
        self.learners(10)
        with django_assert_max_num_queries(10 * len(one)):
            assert commands.remind_some(actors=queries.to_remind(now=evening), now=evening) == 10

    def test_a_job_for_every_so_many_and_every_learner_in_one_of_them(self, evening, monkeypatch):
        monkeypatch.setattr("learning.practice.commands.reminding.AT_ONCE", 4)
        self.learners(10)
        assert commands.remind(now=evening) == 10
        asked = [job.arguments["actors"] for job in Job.objects.filter(kind="practice.remind_some")]
        assert sorted(map(len, asked)) == [2, 4, 4]
        assert {actor for batch in asked for actor in batch} == {
            str(each.person.actor_id) for each in Learner.objects.all()
        }

    def test_asking_again_before_they_are_done_asks_for_no_second_job(self, learner, evening):
        commands.remind(now=evening)
        commands.remind(now=evening + MINUTES)
        assert Job.objects.filter(kind="practice.remind_some").count() == 1

    def test_jobs_carry_pseudonyms_only(self, learner, evening):
        commands.remind(now=evening)
        [job] = Job.objects.filter(kind="practice.remind_some")
        assert job.arguments == {"actors": [str(learner.actor_id)]}

    def test_the_clock_asks_every_ten_minutes(self):
        [schedule] = [each for each in SCHEDULES if each.kind == "practice.remind"]
        assert schedule.cron == "*/10 * * * *"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_four_workers_tell_once(self, learner, evening):
        start = Barrier(4)
        actors = [str(learner.actor_id)]

        def work(_):
            try:
                start.wait(timeout=10)
                return commands.remind_some(actors=actors, now=evening)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == 1
        assert len(reminders()) == 1

    def test_the_database_tells_once_also_when_nobody_remembers(self, learner, evening):
        commands.remind_some(actors=[str(learner.actor_id)], now=evening)
        Learner.objects.update(reminded_on=None)
        commands.remind_some(actors=[str(learner.actor_id)], now=evening)
        assert len(reminders()) == 1
