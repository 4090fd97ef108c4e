"""Thirty pupils behind one address come in within a minute; whoever guesses is stopped, wherever they come from."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts import commands, limits
from accounts.commands import telling
from accounts.models import OutgoingMail, User
from accounts.rules.limits import CEILINGS, Limit, Per, holds
from accounts.rules.limits import limits as limits_of
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.reading import is_signed_in, link_in, without_tokens
from accounts.tests.second_steps import give_app, type_code
from project.foundation.http import throttling
from project.foundation.http.sessions import ForgivingCache
from project.foundation.jobs.models import Job

pytestmark = pytest.mark.django_db

HALL = "198.51.100.7"
WRONG = "not my password 1"


def sign_in(client, email="ben@dojang.example", password=PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password}, **more)


def from_app(client, path, **body):
    return client.post(f"/_allauth/app/v1/auth/{path}", body, content_type="application/json")


def somewhere(number):
    """A browser without a cookie, at an address of its own."""
    return Client(REMOTE_ADDR=f"203.0.{number // 250}.{number % 250 + 1}")


def locked_out(answer):
    return answer.status_code == 429 and "account/too_many_tries.html" in [each.name for each in answer.templates]


class TestAHallBehindOneAddress:
    def test_thirty_new_pupils_sign_up_and_in_within_a_minute(self, mailoutbox):
        started = time.monotonic()
        phones = [Client(REMOTE_ADDR=HALL) for _ in range(30)]
        for number, phone in enumerate(phones):
            phone.get("/account/signup/")
            form = {
                "display_name": f"Pupil {number}", "email": f"pupil{number}@dojang.example",
                "password1": "kyong-ye 24 steps", "password2": "kyong-ye 24 steps",
            }  # fmt: skip
            assert phone.post("/account/signup/", form).status_code == 302
        for phone, letter in zip(phones, mailoutbox, strict=True):
            assert phone.post(link_in(letter)).status_code == 302
            assert is_signed_in(phone)
            phone.post("/account/logout/")
        for number, phone in enumerate(phones):
            assert sign_in(phone, f"pupil{number}@dojang.example", WRONG).status_code == 422, "a slip of the finger"
            assert sign_in(phone, f"pupil{number}@dojang.example", "kyong-ye 24 steps").status_code == 302
            assert is_signed_in(phone)
        assert time.monotonic() - started < 60, "or the window has moved on and nothing was shown"

    def test_and_with_the_app(self):
        started = time.monotonic()
        people = [UserFactory() for _ in range(30)]
        for person in people:
            phone = Client(REMOTE_ADDR=HALL)
            assert phone.get("/_allauth/app/v1/config").status_code == 200
            assert from_app(phone, "login", email=person.email, password=PASSWORD).status_code == 200
        assert time.monotonic() - started < 60

    def test_a_whole_class_signs_in_on_one_tablet(self):
        people = [UserFactory() for _ in range(25)]
        tablet = Client(REMOTE_ADDR=HALL)
        for person in people:
            assert sign_in(tablet, person.email).status_code == 302
            tablet.post("/account/logout/")

    def test_there_is_a_ceiling_all_the_same(self, settings, ben, ada):
        settings.LIMITS = settings.LIMITS | {"sign_in": 3}
        assert [sign_in(Client(REMOTE_ADDR=HALL)).status_code for _ in range(4)] == [302, 302, 302, 429]
        assert sign_in(Client(REMOTE_ADDR="192.0.2.9")).status_code == 302

    def test_sign_ups_too(self, settings):
        settings.LIMITS = settings.LIMITS | {"sign_up": 2}
        statuses = [Client(REMOTE_ADDR=HALL).post("/account/signup/", {}).status_code for _ in range(3)]
        assert statuses == [422, 422, 429]


class TestGuessingAtOneAccount:
    def test_is_stopped_whatever_addresses_it_comes_from_and_the_owner_gets_in(self, ben):
        owner = Client(REMOTE_ADDR="192.0.2.1")
        assert sign_in(owner).status_code == 302
        owner.post("/account/logout/")
        statuses = [sign_in(somewhere(number), password=f"guess {number}").status_code for number in range(200)]
        assert statuses == [422] * 10 + [429] * 190
        assert locked_out(sign_in(somewhere(201), password=PASSWORD)), "even the right guess comes too late"
        assert sign_in(owner).status_code == 302, "who has opened the account with this device before is not shut out"

    def test_the_owner_s_slips_are_counted_apart(self, ben):
        owner = Client()
        sign_in(owner)
        owner.post("/account/logout/")
        for number in range(11):
            sign_in(somewhere(number), password=WRONG)
        assert [sign_in(owner, password=WRONG).status_code for _ in range(11)] == [422] * 10 + [429]

    def test_whatever_case_and_blanks_they_type(self, ben):
        typed = ["ben@dojang.example", "BEN@dojang.example", " Ben@Dojang.Example "] * 4
        statuses = [sign_in(somewhere(n), email, WRONG).status_code for n, email in enumerate(typed)]
        assert statuses == [422] * 10 + [429] * 2

    def test_over_pages_and_the_app_together(self, ben):
        for number in range(5):
            assert sign_in(somewhere(number), password=WRONG).status_code == 422
            assert from_app(somewhere(number + 50), "login", email=ben.email, password=WRONG).status_code == 400
        refused = from_app(somewhere(100), "login", email=ben.email, password=PASSWORD)
        assert (refused.status_code, refused.json()) == (429, {"status": 429})
        assert 1 <= int(refused["Retry-After"]) <= 600
        assert sign_in(somewhere(101)).status_code == 429

    def test_says_nothing_about_who_is_known(self, ben):
        def answers(email, offset):
            tries = [sign_in(somewhere(offset + number), email, WRONG) for number in range(11)]
            return [(each.status_code, without_tokens(each, email)) for each in tries]

        assert answers(ben.email, 0) == answers("nobody@dojang.example", 100)

    def test_somebody_else_beside_them_gets_in(self, ben, ada):
        for number in range(11):
            sign_in(somewhere(number), password=WRONG)
        assert sign_in(somewhere(0), ada.email).status_code == 302

    def test_the_page_says_what_to_do_and_doing_it_opens_the_door(self, ben, mailoutbox):
        for number in range(10):
            sign_in(somewhere(number), password=WRONG)
        owner = Client()
        shut = sign_in(owner)
        assert locked_out(shut)
        assert 'href="/account/password/reset/"' in shut.text
        assert 1 <= int(shut["Retry-After"]) <= 600
        owner.post("/account/password/reset/", {"email": ben.email})
        form = owner.get(link_in(mailoutbox[0]), follow=True)
        new = "gae-baek 44 steps"
        owner.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
        assert sign_in(owner, password=new).status_code == 302

    def test_right_passwords_use_nothing_up(self, ben):
        assert [sign_in(somewhere(number)).status_code for number in range(12)] == [302] * 12

    def test_after_ten_minutes_the_door_is_open_again(self, ben, monkeypatch):
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now)
        for number in range(10):
            sign_in(somewhere(number), password=WRONG)
        for after, status in ((599, 429), (601, 302)):
            monkeypatch.setattr(time, "time", lambda after=after: now + after)
            assert sign_in(somewhere(50)).status_code == status

    def test_codes_of_the_second_step_are_counted_by_person(self, ben):
        give_app(ben)
        statuses = []
        for number in range(6):
            guesser = somewhere(number)
            sign_in(guesser)
            statuses.append(type_code(guesser, "000000").status_code)
        assert statuses == [422] * 6, "allauth says it in the form"
        assert "Too many" in type_code(guesser, "000000").text


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_ten_are_judged(monkeypatch):
    UserFactory(email="ben@dojang.example")
    judged = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: judged.append(raw) and False)

    def guess(number):
        try:
            return sign_in(somewhere(number), password=f"guess {number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(40)))
    assert sorted(statuses) == [422] * 10 + [429] * 30
    assert len(judged) == 10


class TestADeviceThatGuesses:
    def test_is_stopped_whatever_accounts_it_tries(self, settings):
        device = Client(REMOTE_ADDR=HALL)
        device.get("/account/login/")
        statuses = [sign_in(device, f"pupil{n}@dojang.example", WRONG).status_code for n in range(31)]
        assert statuses == [422] * 30 + [429]
        assert sign_in(Client(REMOTE_ADDR=HALL), "pupil99@dojang.example", WRONG).status_code == 422, "others go on"

    def test_without_a_cookie_its_address_is(self, ben, ada):
        home = Client(REMOTE_ADDR=HALL)
        assert sign_in(home, ada.email).status_code == 302
        home.post("/account/logout/")
        statuses = [
            sign_in(Client(REMOTE_ADDR=HALL), f"pupil{number}@dojang.example", WRONG).status_code
            for number in range(61)
        ]
        assert statuses == [422] * 60 + [429]
        assert sign_in(Client(REMOTE_ADDR=HALL)).status_code == 429, "a device that nobody knows waits with the guesser"
        assert sign_in(home, ada.email).status_code == 302, "one that has opened this account does not"

    def test_signs_up_ten_times_a_minute_at_most(self):
        device = Client()
        device.get("/account/signup/")
        assert [device.post("/account/signup/", {}).status_code for _ in range(11)] == [422] * 10 + [429]


class TestTheCookie:
    def test_is_given_at_the_entrance_and_nowhere_else(self, signed_in):
        assert limits.COOKIE not in signed_in.get("/profile/").cookies
        for address in ("/account/login/", "/account/signup/", "/account/password/reset/"):
            cookie = Client().get(address).cookies[limits.COOKIE]
            assert cookie["httponly"]
            assert (cookie["samesite"], cookie["max-age"]) == ("Lax", limits.COOKIE_SECONDS)

    def test_names_neither_people_nor_addresses(self, client, ben):
        sign_in(client)
        value = client.cookies[limits.COOKIE].value
        assert ben.email not in value
        assert str(ben.actor_id) not in value

    def test_that_was_made_up_is_no_cookie(self, client, ben):
        client.cookies[limits.COOKIE] = "WyJtaW5lIl0:1:x"
        assert sign_in(client).status_code == 302
        assert client.cookies[limits.COOKIE].value != "WyJtaW5lIl0:1:x"

    def test_remembers_the_forty_last_accounts(self):
        request = RequestFactory().get("/")
        for number in range(45):
            limits.remember(request, account=f"pupil {number}")
        device = limits.device_of(request)
        assert len(device.accounts) == 40
        assert device.knows("pupil 44")
        assert not device.knows("pupil 4")

    def test_of_another_device_says_nothing_about_an_account(self):
        here, there = (RequestFactory().get("/") for _ in range(2))
        for request in (here, there):
            limits.remember(request, account="ben")
        assert limits.device_of(here).accounts != limits.device_of(there).accounts


class TestResetting:
    def test_known_and_unknown_addresses_cost_and_say_the_same(self, ben):
        """The letter itself leaves by a job (TestLetters), so what is left is the same number of questions."""

        def answer(email):
            visitor = Client()
            with CaptureQueriesContext(connection) as asked:
                said = visitor.post("/account/password/reset/", {"email": email})
            written = re.findall(r"INSERT INTO \S+|UPDATE \S+|DELETE FROM \S+", str(asked.captured_queries))
            headers = {name: value for name, value in said.items() if name != "X-Request-ID"}
            return said.status_code, said.content, headers, sorted(visitor.cookies), len(asked), written

        known = answer("ben@dojang.example")
        assert known == answer("nobody@dojang.example")
        assert known[4] == 14
        assert 'INSERT INTO "accounts_outgoingmail"' in known[5]

    def test_the_app_is_answered_alike_too(self, ben):
        def answer(email):
            said = from_app(Client(), "password/request", email=email)
            return said.status_code, said.content

        assert answer(ben.email) == answer("nobody@dojang.example")
        assert answer(ben.email)[0] == 200
        assert {each for letter in mail.outbox for each in letter.to} == {ben.email}

    def test_a_letter_goes_to_one_address_three_times_an_hour(self, ben, mailoutbox):
        statuses = [somewhere(n).post("/account/password/reset/", {"email": ben.email}).status_code for n in range(5)]
        assert statuses == [302] * 3 + [429] * 2
        assert len(mailoutbox) == 3

    def test_whoever_is_not_known_gets_no_letter(self, client, mailoutbox):
        assert client.post("/account/password/reset/", {"email": "nobody@dojang.example"}).status_code == 302
        assert [letter.to for letter in mailoutbox if letter.recipients()] == []


class TestForOthers:
    """What other rooms call: joining a club, a pupil's code."""

    @staticmethod
    def tried(address="192.0.2.1", device=None):
        request = RequestFactory().post("/", REMOTE_ADDR=address)
        if device:
            request.__dict__["device"] = device
        return request

    def test_joining_is_limited_by_device_and_by_address(self, settings):
        device = limits.Device("tablet")
        answers = [limits.refusal(self.tried(device=device), action="join") for _ in range(21)]
        assert answers[:20] == [None] * 20
        assert answers[20].status_code == 429
        settings.LIMITS = settings.LIMITS | {"join": 2}
        answers = [limits.refusal(self.tried("192.0.2.2"), action="join") for _ in range(3)]
        assert [each is None for each in answers] == [True, True, False]

    def test_a_code_that_fails_counts_and_one_that_opens_does_not(self):
        for _ in range(15):
            request = self.tried()
            assert limits.refusal(request, action="code", account="pupil 7") is None
            limits.settle(request)
        for _ in range(10):
            request = self.tried()
            assert limits.refusal(request, action="code", account="pupil 7") is None
            limits.failed(request, action="code", account="pupil 7")
            limits.settle(request)
        assert limits.refusal(self.tried("192.0.2.77"), action="code", account="pupil 7").status_code == 429
        assert limits.refusal(self.tried("192.0.2.77"), action="code", account="pupil 8") is None

    def test_an_action_that_nobody_wrote_down_is_a_mistake(self):
        with pytest.raises(KeyError):
            limits.refusal(self.tried(), action="sing_in")

    @pytest.mark.parametrize("action", ["sign_in", "code", "sign_up", "reset", "join"])
    def test_every_action_counts_addresses_and_devices(self, action):
        table = limits_of(action=action, ceilings=CEILINGS)
        assert {Per.ADDRESS, Per.DEVICE} <= {each.per for each in table}
        assert (Per.ACCOUNT in {each.per for each in table}) is (action in {"sign_in", "code"})

    def test_only_the_failures_of_others_at_one_address_spare_a_known_device(self):
        spared = Limit(Per.ADDRESS, 1, of_failures=True)
        assert not holds(spared, is_known=True)
        assert holds(spared, is_known=False)
        assert holds(Limit(Per.ADDRESS, 1), is_known=True)
        assert holds(Limit(Per.ACCOUNT, 1, of_failures=True), is_known=True)


def test_without_redis_people_sign_in_and_forget_passwords_as_before(ben, settings, mailoutbox):
    give_app(ben)
    url = "redis://127.0.0.1:1/0"
    settings.REDIS_URL = url
    settings.CACHES = {name: each | {"LOCATION": url} for name, each in settings.CACHES.items()}
    throttling._window.cache_clear()
    try:
        client = Client()
        assert [sign_in(somewhere(n), password=WRONG).status_code for n in range(12)] == [422] * 12
        assert client.post("/account/password/reset/", {"email": ben.email}).status_code == 302
        assert len(mailoutbox) == 1
        assert sign_in(client).url == "/account/second-step/authenticate/"
        assert type_code(client, "000000").status_code == 422
    finally:
        ForgivingCache.paused_until = limits.ForgetfulCache.paused_until = 0.0
        throttling._window.cache_clear()


def test_what_allauth_counts_is_kept_in_redis_and_not_beside_it(ben):
    for number in range(3):
        somewhere(number).post("/account/password/reset/", {"email": ben.email})
    caches["limits"].clear()
    assert somewhere(9).post("/account/password/reset/", {"email": ben.email}).status_code == 302


class TestLetters:
    """No request waits for a mail server, and an address without an account costs as much as one with."""

    @pytest.fixture
    def by_a_job(self, monkeypatch):
        monkeypatch.setattr(commands, "post_mail", telling.post_mail)

    def test_are_written_in_the_request_and_sent_by_a_job(self, by_a_job, client, ben, mailoutbox):
        client.post("/account/password/reset/", {"email": ben.email})
        assert mailoutbox == []
        letter = OutgoingMail.objects.get()
        assert letter.to == ben.email
        job = Job.objects.get(kind="accounts.send_mail")
        assert job.arguments == {"letter": str(letter.pk)}
        assert ben.email not in str(job.arguments)
        commands.send_mail(letter_id=letter.pk)
        assert [each.to for each in mailoutbox] == [[ben.email]]
        assert "/account/password/reset/key/" in mailoutbox[0].body
        assert not OutgoingMail.objects.exists()

    def test_to_nobody_are_sent_to_nobody(self, by_a_job, client, mailoutbox):
        client.post("/account/password/reset/", {"email": "nobody@dojang.example"})
        letter = OutgoingMail.objects.get()
        assert letter.to == ""
        assert "nobody@dojang.example" not in str(Job.objects.get().arguments)
        commands.send_mail(letter_id=letter.pk)
        assert mailoutbox == []
        assert not OutgoingMail.objects.exists()

    def test_that_cannot_be_sent_wait(self, by_a_job, client, ben, monkeypatch):
        def refuses(*_):
            raise OSError("no mail server")

        client.post("/account/password/reset/", {"email": ben.email})
        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuses)
        with pytest.raises(telling.Undelivered):
            commands.send_mail(letter_id=OutgoingMail.objects.get().pk)
        assert OutgoingMail.objects.exists()
