from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import is_signed_in, without_tokens

pytestmark = pytest.mark.django_db


def sign_in(client, email="ben@dojang.example", password=PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password, **more})


def test_address_and_password_open_the_hall(client, ben):
    assert not is_signed_in(client)
    answer = sign_in(client)
    assert (answer.status_code, answer.url) == (302, "/")
    assert is_signed_in(client)


@pytest.mark.parametrize("typed", ["BEN@DOJANG.EXAMPLE", "Ben@dojang.example", "  ben@dojang.example "])
def test_case_and_blanks_around_the_address_do_not_matter(client, ben, typed):
    sign_in(client, typed)
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(ben):
    def answer(email):
        said = sign_in(Client(), email, "not my password 1")
        return said.status_code, without_tokens(said, email)

    status, text = answer("ben@dojang.example")
    assert (status, text) == answer("nobody@dojang.example")
    assert status == 422


def test_an_unconfirmed_address_is_told_apart_by_nobody_without_its_password(ben):
    EmailAddress.objects.update(verified=False)
    known, unknown = (sign_in(Client(), email, "not my password 1") for email in (ben.email, "nobody@dojang.example"))
    assert without_tokens(known, ben.email) == without_tokens(unknown, "nobody@dojang.example")


def test_an_account_that_is_switched_off_stays_outside(client, ben):
    User.objects.update(is_active=False)
    answer = sign_in(client)
    assert answer.url == "/account/inactive/"
    assert not is_signed_in(client)


def test_switching_an_account_off_ends_its_sessions(signed_in):
    assert is_signed_in(signed_in)
    User.objects.update(is_active=False)
    assert not is_signed_in(signed_in)


def test_new_passwords_are_kept_with_argon2(ben):
    assert ben.password.startswith("argon2$argon2id$")


def test_a_password_from_older_times_is_upgraded_on_sign_in(client, ben):
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    sign_in(client)
    ben.refresh_from_db()
    assert ben.password.startswith("argon2$argon2id$")
    assert ben.check_password(PASSWORD)
    assert is_signed_in(client)


def test_the_cost_of_a_password_is_that_of_the_settings(ben, settings):
    assert (
        f"$m={settings.ARGON2_MEMORY_COST},t={settings.ARGON2_TIME_COST},p={settings.ARGON2_PARALLELISM}$"
        in ben.password
    )


def test_right_passwords_do_not_use_up_the_tries(ben):
    for _ in range(7):
        assert sign_in(Client()).status_code == 302


def test_after_signing_in_people_go_where_they_wanted(client, ben):
    wanted = client.get("/profile/")
    assert (wanted.status_code, wanted.url) == (302, "/account/login/?next=/profile/")
    assert b'name="next" value="/profile/"' in client.get(wanted.url).content
    assert sign_in(client, next="/profile/").url == "/profile/"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "https:evil.example",
    "https://testserver@evil.example/",
    "javascript:alert(1)",
    "\x08//evil.example",
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_to_another_site_by_signing_in(client, ben, elsewhere):
    assert sign_in(client, next=elsewhere).url == "/"


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_to_another_site_by_being_signed_in_already(signed_in, elsewhere):
    assert signed_in.get("/account/login/", {"next": elsewhere}).url == "/"


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_to_another_site_by_signing_out(signed_in, elsewhere):
    assert signed_in.post("/account/logout/", {"next": elsewhere}).url == "/"


def test_signing_in_changes_the_session_key(client, ben):
    before = client.session.session_key
    assert client.cookies["sessionid"].value == before
    sign_in(client)
    assert client.cookies["sessionid"].value != before
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert not is_signed_in(stolen)


def test_signing_out_takes_a_form_and_not_only_a_look(signed_in):
    assert signed_in.get("/account/logout/").status_code == 200
    assert is_signed_in(signed_in)
    answer = signed_in.post("/account/logout/")
    assert (answer.status_code, answer.url) == (302, "/")
    assert not is_signed_in(signed_in)


def test_after_signing_out_the_browser_shows_nobodys_pages(signed_in):
    for answer in (signed_in.get("/profile/"), signed_in.get("/account/logout/")):
        assert "Clear-Site-Data" not in answer
    assert signed_in.post("/account/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in signed_in.post("/account/logout/"), "nobody was signed in"


def test_forms_without_their_csrf_token_are_refused_on_a_page_of_ours(ben):
    stranger = Client(enforce_csrf_checks=True)
    answer = sign_in(stranger)
    assert answer.status_code == 403
    assert "403_csrf.html" in [template.name for template in answer.templates]
    assert not is_signed_in(stranger)

    stranger.force_login(ben)
    assert stranger.post("/account/logout/").status_code == 403
    assert is_signed_in(stranger)


def test_the_form_of_the_page_carries_its_csrf_token(ben):
    stranger = Client(enforce_csrf_checks=True)
    token = stranger.get("/account/login/").context["csrf_token"]
    assert sign_in(stranger, csrfmiddlewaretoken=str(token)).status_code == 302


@pytest.mark.parametrize(
    "address", ["/profile/", "/account/email/", "/account/password/change/", "/account/reauthenticate/"]
)
def test_pages_of_the_account_ask_strangers_to_sign_in(client, address):
    for answer in (client.get(address), client.post(address, headers={"Referer": f"http://testserver{address}"})):
        assert (answer.status_code, answer.url) == (302, f"/account/login/?next={address}")


class TestAFormThatStoodOpenForTooLong:
    """Its address is often no page: whoever signs in comes back to the page that it was on."""

    FORM = "/practise/review/5c2c6d0e-3f1c-4c39-9d6b-6a1f0f3f1c11/rating/"

    @pytest.mark.parametrize(
        ("referer", "page"),
        [
            ("http://testserver/practise/review/", "/practise/review/"),
            ("http://testserver/practise/review/?shown=1&x=a%20b#top", "/practise/review/?shown=1&x=a%20b"),
            ("http://testserver", "/"),
            ("http://testserver//evil.example/x", "/%2Fevil.example/x"),
            ("http://evil.example/practise/review/", "/"),
            ("http://testserver.evil.example/", "/"),
            ("http://testserver@evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("http://[", "/"),
            ("", "/"),
        ],
    )
    def test_the_way_back_is_the_page_that_it_was_on(self, client, ben, referer, page):
        answer = client.post(self.FORM, {"rating": 3}, headers={"Referer": referer} if referer else {})
        assert (answer.status_code, QueryDict(urlsplit(answer.url).query)["next"]) == (302, page)
        assert urlsplit(answer.url).path == "/account/login/"
        assert sign_in(client, next=page).url == page

    def test_nobody_is_led_from_https_to_http(self, client, db):
        answer = client.post(self.FORM, secure=True, headers={"Referer": "http://testserver/practise/"})
        assert answer.url == "/account/login/?next=/"

    def test_htmx_says_it_by_itself(self, client, db):
        told = {"HX-Request": "true", "HX-Current-URL": "http://testserver/practise/cards/?page=2"}
        answer = client.post(self.FORM, headers=told)
        assert QueryDict(urlsplit(answer.url).query)["next"] == "/practise/cards/?page=2"

    def test_a_page_is_its_own_way_back(self, client, db):
        answer = client.get("/practise/cards/?page=2", headers={"Referer": "http://testserver/more/"})
        assert QueryDict(urlsplit(answer.url).query)["next"] == "/practise/cards/?page=2"


def test_the_sign_in_page_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/account/login/")
    assert page.status_code == 200
    assert 'name="login"' in page.text
