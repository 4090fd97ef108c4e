"""Where I am signed in, and ending it there."""

import re
import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import adapter, commands, queries
from accounts.models import Notice
from accounts.rules.devices import Spoken, spoken
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import is_signed_in
from accounts.tests.second_steps import type_password
from accounts.tests.test_app_sign_in import Phone
from project.foundation import privacy
from project.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


def browser(person, agent=FIREFOX):
    """Somebody who has signed in with this browser."""
    client = Client(headers={"User-Agent": agent})
    assert client.post("/account/login/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def marks_on(page):
    return re.findall(r'name="place" value="(\w+)"', page.text)


class TestTheList:
    def test_names_each_device_in_words_and_marks_this_one(self, ben):
        here, _, _ = browser(ben), browser(ben, CHROME), browser(ben, "")
        page = here.get("/account/sessions/")
        assert page.status_code == 200
        for words in ("Firefox on Linux", "Chrome on Android", "A device that says nothing about itself"):
            assert words in page.text
        assert page.text.count("This one, now") == 1
        assert len(set(marks_on(page))) == 2, "this one is not ended here but by signing out"

    def test_is_found_from_the_profile(self, signed_in):
        assert 'href="/account/sessions/"' in signed_in.get("/profile/").text

    def test_shows_no_key_and_nobody_else(self, ben, ada):
        browser(ada, CHROME)
        page = browser(ben).get("/account/sessions/")
        assert "Chrome" not in page.text
        assert not any(session.session_key in page.text for session in Session.objects.all())

    def test_leaves_out_what_ran_out_and_what_a_new_password_closed(self, ben):
        here, old, closed = browser(ben), browser(ben, CHROME), browser(ben)
        Session.objects.filter(session_key=old.session.session_key).update(expire_date=timezone.now() - timedelta(1))
        other = closed.session
        other["_auth_user_hash"] = "of an older password"
        other.save()
        places = queries.places_of(person=ben, session_key=here.session.session_key, now=timezone.now())
        assert [place.is_here for place in places] == [True]

    def test_the_last_seen_comes_first_after_this_one(self, ben):
        here, older, newer = browser(ben), browser(ben, CHROME), browser(ben)
        for client, hours in ((here, 9), (older, 5), (newer, 1)):
            seen = timezone.now() - timedelta(hours=hours)
            UserSession.objects.filter(session_key=client.session.session_key).update(last_seen_at=seen)
        places = queries.places_of(person=ben, session_key=here.session.session_key, now=timezone.now())
        assert [place.mark for place in places] == [
            queries.mark_of(session_key=client.session.session_key) for client in (here, newer, older)
        ]

    def test_costs_the_same_at_two_and_at_ten_places(self, ben, django_assert_num_queries):
        here = browser(ben)
        browser(ben)
        for _ in range(2):
            with django_assert_num_queries(3):  # who is it, their places, which of them are open
                here.get("/account/sessions/")
            for _ in range(8):
                browser(ben)

    def test_a_session_from_before_there_was_a_list_is_no_error(self, signed_in):
        assert "from the next sign-in on" in signed_in.get("/account/sessions/").text

    def test_strangers_are_asked_to_sign_in(self, client):
        for answer in (client.get("/account/sessions/"), client.post("/account/sessions/end/")):
            assert answer.url.startswith("/account/login/?next=")

    def test_is_kept_by_no_browser(self, ben):
        assert "no-store" in browser(ben).get("/account/sessions/")["Cache-Control"]


class TestEnding:
    def test_one_of_them(self, ben):
        here, there, elsewhere = browser(ben), browser(ben, CHROME), browser(ben)
        mark = queries.mark_of(session_key=there.session.session_key)
        answer = here.post("/account/sessions/end/", {"place": mark})
        assert (answer.status_code, answer.url) == (303, "/account/sessions/")
        assert not is_signed_in(there)
        assert is_signed_in(here)
        assert is_signed_in(elsewhere)
        assert UserSession.objects.count() == 2

    def test_all_others(self, ben):
        here, there, elsewhere = browser(ben), browser(ben), browser(ben)
        here.post("/account/sessions/end/", {"place": marks_on(here.get("/account/sessions/"))})
        assert [is_signed_in(each) for each in (here, there, elsewhere)] == [True, False, False]
        event = AuditEvent.objects.get(type="session.ended")
        assert (event.actor_id, event.payload) == (ben.actor_id, {"sessions": 2})

    def test_the_app_too_with_its_tokens(self, ben):
        phone = Phone()
        phone.sign_in(ben)
        here = browser(ben)
        assert "Dojang app on iPhone" in here.get("/account/sessions/").text
        here.post("/account/sessions/end/", {"place": marks_on(here.get("/account/sessions/"))})
        assert phone.turn().status_code == 400
        assert phone.ask("auth/session", "get").status_code == 410

    def test_this_one_is_not_ended_by_its_own_form(self, ben):
        here = browser(ben)
        here.post("/account/sessions/end/", {"place": queries.mark_of(session_key=here.session.session_key)})
        assert is_signed_in(here)

    def test_what_is_somebody_else_s_is_not_found(self, ben, ada):
        hers = browser(ada)
        browser(ben).post("/account/sessions/end/", {"place": queries.mark_of(session_key=hers.session.session_key)})
        assert is_signed_in(hers)
        assert not AuditEvent.objects.filter(type="session.ended").exists()

    def test_nothing_named_or_nonsense_ends_nothing(self, ben):
        here, there = browser(ben), browser(ben)
        for body in ({}, {"place": ""}, {"place": "x"}, {"place": there.session.session_key}):
            assert here.post("/account/sessions/end/", body).status_code == 303
        assert is_signed_in(there)

    def test_signing_out_takes_it_from_the_list(self, ben):
        here, there = browser(ben), browser(ben)
        there.post("/account/logout/")
        assert marks_on(here.get("/account/sessions/")) == []
        assert UserSession.objects.count() == 1

    def test_a_form_is_needed(self, ben):
        assert browser(ben).get("/account/sessions/end/").status_code == 405


class TestLastSeen:
    def seen(self):
        return UserSession.objects.get().last_seen_at

    def test_is_written_down_after_five_minutes_and_not_before(self, ben, django_assert_num_queries):
        here = browser(ben)
        UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
        before = self.seen()
        here.get("/profile/")
        assert self.seen() == before
        session = here.session
        session[adapter.SEEN] = time.time() - 301
        session.save()
        here.get("/profile/", headers={"User-Agent": CHROME})
        assert self.seen() - before > timedelta(minutes=59)
        assert UserSession.objects.get().user_agent == CHROME
        after = self.seen()
        here.get("/profile/")
        assert self.seen() == after

    def test_costs_nothing_in_between(self, ben, django_assert_num_queries):
        here = browser(ben)
        here.get("/more/")
        with django_assert_num_queries(1):
            here.get("/more/")


class TestPersonalData:
    def test_is_told_without_the_key_that_opens_the_session(self, ben):
        here = browser(ben, CHROME)
        [told] = privacy.export(ben)["accounts.places"]
        assert (told["ip"], told["user_agent"]) == ("127.0.0.1", CHROME)
        assert here.session.session_key not in str(told)

    def test_is_forgotten_with_the_session(self, ben):
        here, over, ended = browser(ben), browser(ben), browser(ben)
        Session.objects.filter(session_key=over.session.session_key).update(expire_date=timezone.now() - timedelta(1))
        Session.objects.filter(session_key=ended.session.session_key).delete()
        assert commands.forget_sessions(now=timezone.now()) == 2
        assert [place.session_key for place in UserSession.objects.all()] == [here.session.session_key]
        assert is_signed_in(here)
        assert Session.objects.count() == 1

    def test_is_erased(self, ben, now):
        browser(ben)
        privacy.erase(ben, now=now)
        assert not UserSession.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "program", "system"),
    [
        (CHROME, "Chrome", "Android"),
        (FIREFOX, "Firefox", "Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15", "Safari", "Mac"),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0", "Samsung Internet", "Android"),
        ("Dojang/12 CFNetwork/1494 Darwin/23.4.0", "Dojang app", "iPhone"),
        ("okhttp/4.12.0", "Dojang app", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0 Safari/537.36", "Chrome", "Linux"),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_a_browser_calls_itself_is_said_in_two_words(user_agent, program, system):
    assert spoken(user_agent) == Spoken(program, system)


def test_somebody_is_told_of_a_sign_in_on_a_device_that_the_hall_did_not_know_and_newcomers_are_not(ben):
    def told():
        return Notice.objects.filter(person=ben, kind="new_sign_in").count()

    type_password(Client(), ben)
    assert told() == 0
    ben.date_joined -= timedelta(days=2)
    ben.save(update_fields=["date_joined"])
    known = Client()
    type_password(known, ben)
    assert told() == 1
    known.post("/account/logout/")
    type_password(known, ben)
    assert told() == 1
