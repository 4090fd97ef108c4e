"""The calendar that programs read: what is in it, and who may read it."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.signing import Signer
from django.test import Client
from icalendar import Calendar

from accounts import commands as accounts
from accounts.models import Candidate, Grading, User
from accounts.tests.clubs import a_club, joined
from learning.practice import commands, ical, queries
from learning.practice.models import CardOrigin, Learner, ReviewCard
from learning.practice.rules.subjects import Subject
from learning.practice.tests.deck_factories import put_term
from learning.practice.tests.factories import CardFactory, LearnerFactory
from project.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

ENTRY = ical.Entry("a@b", date(2026, 12, 24), "A", datetime(2026, 11, 1, tzinfo=UTC))


class TestTheFormat:
    """Without a database."""

    def test_long_lines_are_folded_and_signs_are_kept(self):
        words = "승급 심사; with a comma, a \\ and\na second line " * 4
        content = ical.write([ical.Entry("a@b", date(2026, 12, 24), words.strip(), ENTRY.changed_at)], name="Dojang")
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        assert content.endswith(b"END:VCALENDAR\r\n")
        [event] = Calendar.from_ical(content).walk("VEVENT")
        assert str(event["summary"]) == words.strip()

    def test_a_day_is_a_whole_day_and_ends_with_the_next(self):
        [event] = Calendar.from_ical(ical.write([ENTRY], name="Dojang")).walk("VEVENT")
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 12, 24), date(2026, 12, 25))

    def test_the_same_entries_give_the_same_bytes(self):
        assert ical.write([ENTRY], name="Dojang") == ical.write([ENTRY], name="Dojang")

    def test_what_rfc_5545_asks_of_every_calendar_and_event(self):
        calendar = Calendar.from_ical(ical.write([ENTRY], name="Dojang"))
        assert (calendar["version"], str(calendar["prodid"])) == ("2.0", "-//Dojang//Dojang//EN")
        [event] = calendar.walk("VEVENT")
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "LAST-MODIFIED"} <= set(event)


@pytest.fixture
def now():
    return datetime.now(tz=UTC)


@pytest.fixture
def club(ada, ben):
    club = a_club(ada, name="Hwarang")
    joined(club, ben)
    return club


@pytest.fixture
def planned(ada, club, now):
    return accounts.plan_grading(
        club=club, held_on=now.date() + timedelta(days=30), by=ada, now=now, place="Hall 2; upstairs"
    )


@pytest.fixture
def path(ben, now):
    commands.open_calendar(person=ben, now=now)
    return path_of(ben)


def path_of(person):
    return urlsplit(queries.calendar_url(person=person)).path


def read(path):
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content)


def events(path):
    return list(read(path).walk("VEVENT"))


class TestGradings:
    def test_a_grading_of_my_club_is_in_it_with_day_place_and_address(self, planned, path, settings):
        [event] = events(path)
        assert str(event["summary"]) == "Grading, Hwarang"
        assert event.decoded("dtstart") == planned.held_on
        assert str(event["location"]) == "Hall 2; upstairs"
        assert str(event["url"]) == f"{settings.PUBLIC_URL}/gradings/{planned.pk}/"
        assert (event["status"], event["transp"], event["sequence"]) == ("CONFIRMED", "OPAQUE", 0)
        assert event["uid"] == f"grading-{planned.pk}@localhost"

    def test_whoever_is_on_the_list_reads_for_which_belt(self, planned, ada, ben, path, now):
        accounts.enrol(grading=planned, person=ben, belt=8, by=ada, now=now)
        assert str(events(path)[0]["summary"]) == "Grading for 8th kup, Hwarang"

    def test_a_change_keeps_the_name_of_the_event_and_counts_up(self, planned, ada, path, now):
        [before] = events(path)
        later, day = now + timedelta(minutes=5), planned.held_on + timedelta(days=7)
        accounts.change_grading(grading=planned, held_on=day, place="Hall 3", by=ada, now=later)
        [after] = events(path)
        assert after["uid"] == before["uid"]
        assert (after.decoded("dtstart"), after["sequence"]) == (day, 1)
        assert after.decoded("last-modified") == later.replace(microsecond=0)
        assert after.decoded("last-modified") > before.decoded("last-modified")

    def test_one_that_is_called_off_stays_and_says_so(self, planned, ada, path, now):
        accounts.cancel_grading(grading=planned, by=ada, now=now)
        [event] = events(path)
        assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")
        assert str(event["summary"]) == "Called off: Grading, Hwarang"

    def test_gradings_of_other_clubs_are_none_of_my_business(self, ada, cleo, path, now):
        club = a_club(cleo, name="Others")
        accounts.plan_grading(club=club, held_on=now.date() + timedelta(days=9), by=cleo, now=now)
        assert events(path) == []

    def test_what_has_long_been_is_gone(self, club, path, now):
        for days in (59, 62):
            Grading.objects.create(
                club=club, club_name="Hwarang", held_on=now.date() - timedelta(days=days), created_by=uuid4(),
                created_at=now,
            )  # fmt: skip
        assert len(events(path)) == 1

    def test_a_day_that_i_have_set_myself(self, ben, path):
        Learner.objects.update(grading_on=date(2027, 3, 1))
        [event] = events(path)
        assert (str(event["summary"]), event.decoded("dtstart")) == ("My grading day", date(2027, 3, 1))


class TestForecast:
    def at_noon(self, person, days):
        """Noon by their clock, so many days from now."""
        today = queries.practice_day(person=person, now=datetime.now(tz=UTC)).begins_at
        return today + timedelta(days=days, hours=8)

    def card(self, person, days, **more):
        at = self.at_noon(person, days)
        return CardFactory(
            person=person, stage=2, reviews=1, reviewed_at=at - timedelta(days=5), due_at=at, **more
        )  # fmt: skip

    def test_each_day_says_how_many_and_keeps_nobody_from_anything(self, ben, path):
        for days in (0, 1, 1, 13):
            self.card(ben, days)
        today = self.at_noon(ben, 0).date()
        said = [(event.decoded("dtstart"), str(event["summary"])) for event in events(path)]
        assert said == [
            (today, "1 review"), (today + timedelta(days=1), "2 reviews"), (today + timedelta(days=13), "1 review"),
        ]  # fmt: skip
        assert {event["transp"] for event in events(path)} == {"TRANSPARENT"}

    def test_what_was_left_behind_is_for_today_and_what_is_far_is_not_told(self, ben, path):
        for days in (-40, -1, 14, 40):
            self.card(ben, days)
        [event] = events(path)
        assert (event.decoded("dtstart"), str(event["summary"])) == (self.at_noon(ben, 0).date(), "2 reviews")

    def test_cards_that_are_put_away_are_not_counted_and_buried_ones_on_their_day(self, ben, path, now):
        self.card(ben, 0, put_away_at=now)
        tomorrow = self.at_noon(ben, 1).date()
        self.card(ben, 0, buried_until=tomorrow)
        [event] = events(path)
        assert event.decoded("dtstart") == tomorrow

    def test_today_is_what_the_queue_has_new_cards_among_it(self, ben, path):
        self.card(ben, 0)
        CardFactory.create_batch(12, person=ben)
        [event] = events(path)
        assert str(event["summary"]) == "11 reviews"
        assert queries.due_count(person=ben, now=datetime.now(tz=UTC)) == 11

    def test_the_other_direction_of_a_word_comes_tomorrow(self, ben, now):
        put_term(now=now)
        words = [Subject("term", "charyot", way) for way in ("meaning", "korean")]
        commands.add_cards(person=ben, subjects=words, origin=CardOrigin.LEARNER, now=now)
        due = self.at_noon(ben, -1)
        ReviewCard.objects.update(stage=2, reviews=1, reviewed_at=due - timedelta(days=5), due_at=due)
        assert list(queries.reviews_ahead(person=ben, now=now).values())[:3] == [1, 1, 0]

    def test_what_is_caught_up_comes_on_its_days(self, ben, now):
        for _ in range(40):
            self.card(ben, -10)
        self.card(ben, 2)
        commands.catch_up(person=ben, days=7, now=now)
        ahead = queries.reviews_ahead(person=ben, now=now)
        assert sum(ahead.values()) == 41
        told = []
        for days in range(7):
            day = now + timedelta(days=days)
            waiting = queries.queue(person=ben, now=day, limit=99)
            told.append(waiting.total)
            after = {"reviewed_at": day, "due_at": day + timedelta(days=60)}
            ReviewCard.objects.filter(pk__in=[card.pk for card in waiting.cards]).update(**after)
        assert list(ahead.values())[:7] == told
        assert max(told) < 40

    def test_a_practice_day_ends_at_four(self, ben, path):
        begins_at = queries.practice_day(person=ben, now=datetime.now(tz=UTC)).begins_at
        self.card(ben, 0)
        late = begins_at + timedelta(days=1, hours=-1)
        CardFactory(person=ben, stage=2, reviews=1, reviewed_at=begins_at, due_at=late)
        [event] = events(path)
        assert str(event["summary"]) == "2 reviews"

    def test_an_event_keeps_its_name_while_the_day_comes_nearer(self, ben, path):
        self.card(ben, 3)
        [before] = events(path)
        learner = Learner.objects.select_related("person").get(person=ben)
        tomorrow = datetime.now(tz=UTC) + timedelta(days=1)
        content = queries.calendar_file(learner=learner, now=tomorrow)
        [after] = Calendar.from_ical(content).walk("VEVENT")
        assert (after["uid"], after.decoded("dtstart")) == (before["uid"], before.decoded("dtstart"))
        assert after["sequence"] > before["sequence"]
        assert after.decoded("dtstamp") > before.decoded("dtstamp")

    def test_names_of_events_tell_nobody_whose_they_are(self, ben, cleo, path, now):
        self.card(ben, 0)
        self.card(cleo, 0)
        commands.open_calendar(person=cleo, now=now)
        [mine], [hers] = events(path), events(path_of(cleo))
        assert mine["uid"] != hers["uid"]
        assert ben.actor_id.hex not in mine["uid"].replace("-", "")

    @pytest.mark.parametrize(("language", "word"), [("en", "1 review"), ("pl", "1"), ("ko", "1")])
    def test_in_my_language_whoever_asks(self, ben, path, language, word):
        User.objects.filter(pk=ben.pk).update(locale=language)
        self.card(ben, 0)
        answer = Client().get(path, headers={"Accept-Language": "de"})
        [event] = Calendar.from_ical(answer.content).walk("VEVENT")
        assert word in str(event["summary"])


class TestTheAddress:
    def test_the_old_one_is_worthless_when_there_is_a_new_one(self, ben, path, now):
        commands.open_calendar(person=ben, now=now)
        assert Client().get(path).status_code == 404
        assert Client().get(path_of(ben)).status_code == 200

    def test_none_is_left_when_it_is_taken_away(self, ben, path, now):
        commands.close_calendar(person=ben, now=now)
        assert Client().get(path).status_code == 404
        assert queries.calendar_url(person=ben) is None
        commands.close_calendar(person=ben, now=now)
        kinds = AuditEvent.objects.filter(actor_id=ben.actor_id, type__startswith="calendar.")
        assert list(kinds.order_by("id").values_list("type", flat=True)) == ["calendar.opened", "calendar.closed"]

    @pytest.mark.parametrize("forged", ["x", "e30", "W10.x", "%00", "a.b.c"])
    def test_what_the_hall_has_not_signed_is_not_found(self, path, forged):
        assert Client().get(f"/calendar/{forged}.ics").status_code == 404

    def test_every_changed_letter_makes_it_another(self, path):
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        for place in range(0, len(token), 7):
            other = "A" if token[place] != "A" else "B"
            assert Client().get(f"/calendar/{token[:place]}{other}{token[place + 1 :]}.ics").status_code == 404

    def test_what_the_hall_signed_for_something_else_is_none(self, ben, path):
        key = Learner.objects.get(person=ben).calendar_key
        other = Signer(salt="accounts.unsubscribe", sep=".").sign_object([ben.actor_id.hex, key.hex])
        assert Client().get(f"/calendar/{other}.ics").status_code == 404

    def test_somebody_elses_key_does_not_open_mine(self, ben, cleo, path, now):
        hers = commands.open_calendar(person=cleo, now=now).calendar_key
        mixed = Signer(salt="practice.calendar", sep=".").sign_object([ben.actor_id.hex, hers.hex])
        assert Client().get(f"/calendar/{mixed}.ics").status_code == 404

    def test_a_closed_account_has_no_calendar(self, ben, path):
        User.objects.filter(pk=ben.pk).update(is_active=False)
        assert Client().get(path).status_code == 404

    def test_whoever_has_it_needs_no_sign_in_and_robots_keep_away(self, path):
        answer = Client().get(path)
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Cache-Control"] == "private, max-age=3600"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies

    def test_it_can_only_be_read(self, path):
        assert Client().post(path).status_code == 405
        assert Client().head(path).status_code == 200

    def test_what_a_program_has_is_not_sent_again(self, ben, path, now):
        first = Client().get(path)
        again = Client().get(path, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        Learner.objects.update(grading_on=now.date())
        assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200

    def test_the_number_of_queries_does_not_grow(self, ada, ben, club, path, now, django_assert_num_queries):
        def asked():
            learner = queries.calendar_behind(token=path.removeprefix("/calendar/").removesuffix(".ics"))
            return queries.calendar_file(learner=learner, now=now)

        def more(number):
            for _ in range(number):
                grading = accounts.plan_grading(club=club, held_on=now.date() + timedelta(days=9), by=ada, now=now)
                Candidate.objects.create(grading=grading, person=ben, belt=8)
                CardFactory(person=ben, stage=2, reviews=1, reviewed_at=now, due_at=now)

        with django_assert_num_queries(8):  # nothing is aimed at
            asked()
        more(1)
        asked()
        with django_assert_num_queries(12):
            asked()
        more(9)
        with django_assert_num_queries(12):
            asked()


class TestThePage:
    def test_strangers_sign_in_first(self):
        assert Client().get("/practise/calendar/").status_code == 302

    def test_make_renew_and_take_away_without_a_script(self, signed_in, ben):
        assert "Make an address" in signed_in.get("/practise/calendar/").text
        seen = []
        for _ in range(2):
            answer = signed_in.post("/practise/calendar/", follow=True)
            assert answer.redirect_chain == [("/practise/calendar/", 303)]
            url = queries.calendar_url(person=ben)
            assert f'<code class="whole">{url}</code>' in answer.text
            assert f'href="webcal:{url.partition(":")[2]}"' in answer.text
            seen.append(url)
        assert seen[0] != seen[1]
        answer = signed_in.post("/practise/calendar/closure/", follow=True)
        assert answer.redirect_chain == [("/practise/calendar/", 303)]
        assert queries.calendar_url(person=ben) is None
        assert "Make an address" in answer.text

    def test_looking_makes_none(self, signed_in, ben):
        signed_in.get("/practise/calendar/")
        assert signed_in.get("/practise/calendar/closure/").status_code == 405
        assert not Learner.objects.filter(person=ben).exists()

    def test_it_shows_two_weeks(self, signed_in, ben):
        LearnerFactory(person=ben)
        assert signed_in.get("/practise/calendar/").text.count('<th scope="row">') == 14
        answer = signed_in.get("/practise/calendar/")
        assert "no-store" in answer["Cache-Control"]
