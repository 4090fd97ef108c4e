"""The app signs in over allauth's headless API and asks ours with tokens: short ones, and one that is turned."""

import json
import threading
from datetime import datetime, timedelta
from types import SimpleNamespace

import jwt
import pytest
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.sessions.models import Session
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from ninja.errors import AuthenticationError

from accounts import access, commands, tokens
from accounts.models import User
from accounts.rules.tokens import LOST_ANSWER, Turn, turn
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.reading import link_in
from accounts.tests.second_steps import code, give_app
from project.api import not_signed_in
from project.foundation import privacy
from project.foundation.audit.models import AuditEvent
from project.foundation.http import throttling
from project.foundation.http.openapi import Api

pytestmark = pytest.mark.django_db

APP = "/_allauth/app/v1"
PHONE = "Dojang/1.0 (iPhone)"

api = Api(urls_namespace="api", docs_url=None, openapi_url=None)
api.add_exception_handler(AuthenticationError, not_signed_in)


@api.api_operation(["GET", "POST"], "/v1/whoami", auth=access.app_auth)
def whoami(request: HttpRequest) -> dict[str, str]:
    return {"actor": str(request.user.actor_id), "auth": str(request.auth.actor_id), "language": request.LANGUAGE_CODE}


urlpatterns = [path("api/", api.urls), path("", include("project.urls"))]


@pytest.fixture(autouse=True)
def _with_an_operation_that_asks_who(settings):
    settings.ROOT_URLCONF = __name__


class Phone:
    """The app on somebody's phone: no cookies, its own name, and the tokens it was given last."""

    def __init__(self, agent=PHONE):
        self.client = Client(headers={"User-Agent": agent})
        self.session = self.access = self.refresh = ""

    def ask(self, path, method="post", **body):
        headers = {"X-Session-Token": self.session} if self.session else {}
        self.client.cookies.clear()
        answer = self.client.generic(
            method.upper(), f"{APP}/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        meta = answer.json().get("meta", {}) if answer.content else {}
        self.session = meta.get("session_token", self.session)
        self.access = meta.get("access_token", self.access)
        self.refresh = meta.get("refresh_token", self.refresh)
        return answer

    def sign_in(self, person, password=PASSWORD):
        return self.ask("auth/login", email=person.email, password=password)

    def turn(self, token=None, **headers):
        """Show a refresh token, without anything else; keep what comes back."""
        self.client.cookies.clear()
        answer = self.client.post(
            f"{APP}/tokens/refresh", {"refresh_token": token or self.refresh}, "application/json", headers=headers
        )
        if answer.status_code == 200:
            self.access, self.refresh = (answer.json()["data"][name] for name in ("access_token", "refresh_token"))
        return answer

    def whoami(self, token=None, **more):
        self.client.cookies.clear()
        return self.client.get("/api/v1/whoami", headers={"Authorization": f"Bearer {token or self.access}"} | more)


@pytest.fixture
def phone(ben):
    phone = Phone()
    assert phone.sign_in(ben).status_code == 200
    return phone


@pytest.fixture
def later(monkeypatch):
    """Move the clock that tokens are turned by."""

    def move(span):
        moment = timezone.now() + span
        monkeypatch.setattr(tokens, "timezone", SimpleNamespace(now=lambda: moment))

    return move


class TestSigningIn:
    def test_address_and_password_give_two_tokens_that_open_the_api(self, phone, ben):
        answer = phone.whoami()
        assert answer.status_code == 200
        assert answer.json() == {"actor": str(ben.actor_id), "auth": str(ben.actor_id), "language": "en"}

    def test_a_wrong_password_and_an_unknown_address_are_answered_alike(self, ben):
        known, unknown = (
            Phone().ask("auth/login", email=email, password="not my password 1")
            for email in (ben.email, "nobody@dojang.example")
        )
        assert known.status_code == unknown.status_code == 400
        assert known.json() == unknown.json()

    def test_from_signing_up_over_the_letter_to_the_api(self, mailoutbox):
        phone = Phone()
        asked = phone.ask("auth/signup", email="dora@dojang.example", password="kyong-ye 24 steps", display_name="Dora")
        assert asked.status_code == 401, "the address is not confirmed yet"
        assert [flow["id"] for flow in asked.json()["data"]["flows"] if flow.get("is_pending")] == ["verify_email"]
        assert not phone.access
        link = link_in(mailoutbox[0])
        page = Client().get(link)
        assert page.status_code == 200, "the link in the letter is a page of ours"
        Client().post(link)
        assert User.objects.get().display_name == "Dora"
        again = Phone()
        assert again.sign_in(User.objects.get(), "kyong-ye 24 steps").status_code == 200
        assert again.whoami().status_code == 200

    @pytest.mark.parametrize(
        "wrong", [{"display_name": ""}, {"password": "short 1"}, {"password": "dora nowak 1"}, {"email": "dora@"}]
    )
    def test_what_is_not_filled_in_well_is_refused_beside_the_field(self, wrong):
        form = {"email": "d@dojang.example", "password": "kyong-ye 24 steps", "display_name": "Dora Nowak"} | wrong
        answer = Phone().ask("auth/signup", **form)
        assert answer.status_code == 400
        assert [each["param"] for each in answer.json()["errors"]] == list(wrong)
        assert not User.objects.exists()

    def test_a_second_step_is_asked_for_and_gives_no_token_before(self, ben, patient):
        give_app(ben)
        phone = Phone()
        asked = phone.sign_in(ben)
        assert asked.status_code == 401
        pending = [flow for flow in asked.json()["data"]["flows"] if flow.get("is_pending")]
        assert [(flow["id"], sorted(flow["types"])) for flow in pending] == [
            ("mfa_authenticate", ["recovery_codes", "totp"])
        ]
        assert not phone.access
        assert phone.ask("auth/2fa/authenticate", code="000000").status_code == 400
        assert phone.ask("auth/2fa/authenticate", code=code()).status_code == 200
        assert phone.whoami().status_code == 200

    def test_an_account_that_is_switched_off_stays_outside(self, ben):
        User.objects.update(is_active=False)
        phone = Phone()
        phone.sign_in(ben)
        assert not phone.access

    def test_a_forgotten_password_is_chosen_anew_on_a_page_of_ours(self, ben, mailoutbox):
        assert Phone().ask("auth/password/request", email=ben.email).status_code == 200
        assert link_in(mailoutbox[0]).startswith("/account/password/reset/key/")
        assert Client().get(link_in(mailoutbox[0]), follow=True).status_code == 200

    def test_it_leaves_a_trail(self, phone, ben):
        assert AuditEvent.objects.filter(type="sign_in.succeeded", object_id=str(ben.actor_id)).count() == 1

    def test_there_is_no_such_door_for_browsers(self, client):
        assert client.get("/_allauth/browser/v1/config").status_code == 404


class TestTheAccessToken:
    def test_is_the_only_thing_that_counts(self, signed_in, ben):
        assert signed_in.get("/api/v1/whoami").status_code == 401, "a cookie is none"
        assert signed_in.post("/api/v1/whoami").status_code == 401

    @pytest.mark.parametrize("token", ["", "x", "e30.e30.x", "  "])
    def test_that_is_none_is_answered_with_a_problem(self, client, token):
        answer = client.get("/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["code"] == "not_signed_in"
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_of_a_cookie_and_a_bad_token_the_bad_token_decides(self, signed_in):
        answer = signed_in.get("/api/v1/techniques", headers={"Authorization": "Bearer x"})
        assert '"anonymous"' in answer["RateLimit-Policy"]

    def test_a_refresh_token_is_no_access_token_and_the_other_way_round(self, phone):
        assert phone.whoami(phone.refresh).status_code == 401
        assert phone.turn(phone.access).status_code == 400

    def test_lives_five_minutes(self, phone):
        said = jwt.decode(phone.access, options={"verify_signature": False})
        assert said["exp"] - said["iat"] == 300

    def test_that_ran_out_opens_nothing(self, ben, settings):
        settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = -1
        phone = Phone()
        phone.sign_in(ben)
        assert phone.whoami().status_code == 401

    def test_says_nothing_about_the_person_but_a_number_and_nothing_opens_the_session(self, phone, ben):
        said = jwt.decode(phone.access, options={"verify_signature": False})
        assert set(said) == {"iat", "exp", "sid", "jti", "token_use", "sub"}
        assert phone.session not in str(said)

    def test_signed_with_another_key_opens_nothing(self, phone):
        said = jwt.decode(phone.access, options={"verify_signature": False})
        for forged in (jwt.encode(said, "k" * 40, "HS256"), jwt.encode(said, None, "none")):
            assert phone.whoami(forged).status_code == 401

    def test_can_be_signed_with_a_key_pair(self, ben, settings):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        settings.HEADLESS_JWT_ALGORITHM = "RS256"
        settings.HEADLESS_JWT_PRIVATE_KEY = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        phone = Phone()
        phone.sign_in(ben)
        assert jwt.decode(phone.access, key.public_key(), ["RS256"])["token_use"] == "access"
        assert phone.whoami().status_code == 200
        assert phone.turn().status_code == 200

    def test_of_somebody_who_was_switched_off_opens_nothing_any_more(self, phone):
        User.objects.update(is_active=False)
        assert phone.whoami().status_code == 401
        assert phone.turn().status_code == 400

    def test_is_worth_nothing_after_signing_out(self, phone):
        assert phone.ask("auth/session", "delete").status_code == 401
        assert phone.whoami().status_code == 401
        assert phone.turn().status_code == 400
        assert not UserSession.objects.exists()

    def test_or_after_a_new_password(self, phone, ben):
        ben.set_password("gae-baek 44 steps")
        ben.save()
        assert phone.whoami().status_code == 401
        assert phone.turn().status_code == 400

    def test_speaks_the_language_of_the_person(self, cleo):
        phone = Phone()
        phone.sign_in(cleo)
        assert phone.whoami(**{"Accept-Language": "pl"}).json()["language"] == "ko"

    def test_costs_one_question_because_the_session_is_in_the_cache(self, phone, django_assert_num_queries):
        phone.whoami()
        with django_assert_num_queries(1):  # the person
            assert phone.whoami().status_code == 200

    def test_an_app_is_counted_as_its_person_and_not_with_the_hall(self, phone, settings):
        settings.THROTTLES = settings.THROTTLES | {"user": 2, "anonymous": 1}
        assert [phone.whoami().status_code for _ in range(3)] == [200, 200, 429]
        assert Client().get("/api/v1/nothing").status_code == 404, "and not 429: strangers here have their own"

    def test_somebody_erased_is_nobody(self, phone, ben, now):
        privacy.erase(ben, now=now)
        assert phone.whoami().status_code == 401


class TestTurning:
    def test_gives_a_new_pair_and_the_old_access_token_lives_out_its_minutes(self, phone):
        before = (phone.access, phone.refresh)
        assert phone.turn().status_code == 200
        assert phone.refresh != before[1]
        assert phone.whoami().status_code == phone.whoami(before[0]).status_code == 200

    def test_can_go_on_for_as_long_as_one_likes(self, phone):
        for _ in range(20):
            assert phone.turn().status_code == 200
        assert phone.whoami().status_code == 200
        assert UserSession.objects.get().data["tokens"]["generation"] == 20

    def test_keeps_the_session_alive_for_thirty_days_from_then(self, phone, later):
        later(timedelta(days=20))
        phone.turn()
        assert Session.objects.get().expire_date - timezone.now() > timedelta(days=49)

    def test_after_thirty_days_of_silence_it_is_over(self, ben, settings):
        settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = -1
        phone = Phone()
        phone.sign_in(ben)
        assert phone.turn().status_code == 400

    @pytest.mark.parametrize("token", ["x", "e30.e30.x"])
    def test_what_is_no_token_is_refused_and_ends_nothing(self, phone, token):
        assert phone.turn(token).status_code == 400
        assert phone.turn().status_code == 200

    def test_the_list_of_sessions_says_when(self, phone, later):
        later(timedelta(hours=1))
        phone.turn()
        assert UserSession.objects.get().last_seen_at - timezone.now() > timedelta(minutes=59)


class TestReuse:
    def test_a_token_that_was_turned_ends_the_whole_family(self, phone, ben, later):
        stolen = phone.refresh
        assert phone.turn().status_code == 200
        later(timedelta(seconds=11))
        assert Phone("thief/1.0").turn(stolen).status_code == 400
        assert phone.whoami().status_code == 401, "the access token of the family opens nothing"
        assert phone.turn().status_code == 400, "nor does its newest refresh token"
        assert not Session.objects.exists()
        assert not UserSession.objects.exists()

    def test_it_is_written_in_the_trail_and_nobody_is_named_as_the_thief(self, phone, ben, later):
        stolen = phone.refresh
        phone.turn()
        phone.turn()
        phone.turn(stolen)
        event = AuditEvent.objects.get(type="token.reused")
        assert (event.object_id, event.actor_id) == (str(ben.actor_id), None)
        assert event.payload == {"generation": 0, "newest": 2}

    def test_when_the_thief_is_first_the_owner_ends_it(self, phone, later):
        thief = Phone("thief/1.0")
        assert thief.turn(phone.refresh).status_code == 200
        assert phone.turn().status_code == 400
        assert thief.whoami().status_code == 401

    def test_other_families_of_the_person_go_on(self, phone, ben, signed_in, later):
        other = Phone()
        other.sign_in(ben)
        stolen = phone.refresh
        phone.turn()
        Phone("thief/1.0").turn(stolen)
        assert phone.turn().status_code == 400
        assert other.turn().status_code == 200
        assert signed_in.get("/profile/").status_code == 200

    def test_a_lost_answer_may_be_asked_for_again(self, phone):
        shown = phone.refresh
        phone.turn()
        assert phone.turn(shown).status_code == 200
        assert phone.whoami().status_code == 200
        assert phone.turn().status_code == 200, "what came the second time is as good"
        assert UserSession.objects.get().data["tokens"]["generation"] == 2

    def test_but_not_after_its_successor_was_used(self, phone):
        shown = phone.refresh
        phone.turn()
        phone.turn()
        assert phone.turn(shown).status_code == 400
        assert phone.whoami().status_code == 401

    def test_and_not_by_another_program(self, phone):
        shown = phone.refresh
        phone.turn()
        assert phone.turn(shown, **{"User-Agent": "curl/8"}).status_code == 400
        assert phone.whoami().status_code == 401

    @pytest.mark.parametrize(
        ("generation", "newest", "after", "same", "decided"),
        [
            (0, 0, None, False, Turn.NEXT),
            (7, 7, 10_000, False, Turn.NEXT),
            (6, 7, 10, True, Turn.REPEAT),
            (6, 7, 10.001, True, Turn.REUSED),
            (6, 7, -1, True, Turn.REUSED),
            (6, 7, 1, False, Turn.REUSED),
            (5, 7, 1, True, Turn.REUSED),
            (8, 7, 1, True, Turn.REUSED),
            (-1, 0, None, True, Turn.REUSED),
        ],
    )
    def test_the_rule(self, now, generation, newest, after, same, decided):
        at = None if after is None else now - timedelta(seconds=after)
        assert turn(generation=generation, newest=newest, turned_at=at, is_same_app=same, now=now) is decided
        assert timedelta(seconds=10) == LOST_ANSWER


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    AT_ONCE = 6

    def shown_at_once(self, person, session_key, apps):
        """One token shown by several programs in the same moment, each in a transaction of its own."""
        ready, outcomes = threading.Barrier(len(apps)), []

        def show(app):
            try:
                ready.wait()
                outcomes.append(
                    commands.turn_token(
                        session_key=session_key, person=person, generation=0, app=app, ip="192.0.2.1",
                        now=datetime.fromisoformat("2026-11-21T09:00:00Z"),
                    )
                )  # fmt: skip
            except (commands.TokenReused, commands.SessionEnded) as refused:
                outcomes.append(type(refused).__name__)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=show, args=[app]) for app in apps]
        for each in threads:
            each.start()
        for each in threads:
            each.join(timeout=20)
        return outcomes

    def signed_in_on_a_phone(self):
        person = UserFactory()
        phone = Phone()
        assert phone.sign_in(person).status_code == 200
        return person, phone

    def test_two_programs_with_one_token_one_wins_and_then_it_is_reuse(self):
        person, phone = self.signed_in_on_a_phone()
        outcomes = self.shown_at_once(person, phone.session, [f"app {number}" for number in range(self.AT_ONCE)])
        assert sorted(map(str, outcomes)) == ["1"] + ["SessionEnded"] * (self.AT_ONCE - 2) + ["TokenReused"]
        assert phone.whoami().status_code == 401
        assert AuditEvent.objects.filter(type="token.reused").count() == 1

    def test_one_program_that_asks_several_times_turns_it_once(self):
        person, phone = self.signed_in_on_a_phone()
        assert self.shown_at_once(person, phone.session, [PHONE] * self.AT_ONCE) == [1] * self.AT_ONCE
        assert UserSession.objects.get().data["tokens"]["generation"] == 1
        assert phone.whoami().status_code == 200


class TestThrottles:
    def test_signing_in_has_its_own_room(self, settings, ben):
        settings.THROTTLES = settings.THROTTLES | {"entrance": 2, "anonymous": 1}
        phone = Phone()
        answers = [phone.ask("config", "get") for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert answers[2].json() == {"status": 429}
        assert 1 <= int(answers[2]["Retry-After"]) <= 60
        assert throttling.THROTTLED.labels("entrance")._value.get() >= 1

    def test_sign_ups_of_one_address_too(self, settings):
        settings.LIMITS = settings.LIMITS | {"sign_up": 2}
        statuses = [Phone().ask("auth/signup", email="x").status_code for _ in range(3)]
        assert statuses == [400, 400, 429]
