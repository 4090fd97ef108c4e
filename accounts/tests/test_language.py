from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as project_settings
from django.test import Client

from accounts import queries
from accounts.models import User
from accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ANY_PAGE = "/account/password/reset/"


def language_of(client, **headers):
    page = client.get(ANY_PAGE, headers=headers)
    (language,) = {page["Content-Language"], page.text.partition('<html lang="')[2].partition('"')[0]}
    return language


def switch(client, language, **more):
    return client.post("/language/", {"language": language, **more})


class TestStrangers:
    @pytest.mark.parametrize(
        ("accepted", "answered"),
        [("pl", "pl"), ("ko-KR,ko;q=0.9,en;q=0.5", "ko"), ("de,pl;q=0.3", "pl"), ("de", "en"), ("", "en")],
    )
    def test_a_first_visit_is_answered_in_the_language_of_the_browser(self, client, accepted, answered):
        assert language_of(client, accept_language=accepted) == answered

    def test_caches_are_told_that_the_language_depends_on_the_browser(self, client):
        assert "Accept-Language" in client.get(ANY_PAGE)["Vary"]

    def test_a_cookie_remembers_the_switch_and_beats_the_browser(self, client):
        answer = switch(client, "ko", next="/more/")
        assert (answer.status_code, answer.url) == (303, "/more/")
        cookie = answer.cookies["django_language"]
        assert (cookie.value, cookie["samesite"], cookie["max-age"]) == ("ko", "Lax", 365 * 24 * 3600)
        assert language_of(client, accept_language="pl") == "ko"

    @pytest.mark.parametrize("unknown", ["de", "", "PL", "pl-PL", "../pl", "en\r\nX: y"])
    def test_an_unknown_language_is_ignored(self, client, unknown):
        answer = switch(client, unknown)
        assert (answer.status_code, answer.url) == (303, "/")
        assert "django_language" not in answer.cookies
        assert language_of(client, accept_language="ko") == "ko"

    def test_looking_at_the_address_of_the_switch_changes_nothing(self, client):
        answer = client.get("/language/", {"language": "ko"})
        assert answer.status_code == 405
        assert "django_language" not in answer.cookies

    def test_the_switch_needs_its_csrf_token(self):
        answer = switch(Client(enforce_csrf_checks=True), "ko")
        assert answer.status_code == 403
        assert "django_language" not in answer.cookies

    def test_the_switch_of_the_page_carries_its_csrf_token(self):
        client = Client(enforce_csrf_checks=True)
        token = client.get("/more/").context["csrf_token"]
        assert switch(client, "ko", csrfmiddlewaretoken=str(token)).status_code == 303

    def test_the_switch_costs_a_stranger_no_query(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            switch(client, "ko")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "https://testserver@evil.example/",
        "profile",  # the name of a page, not the address of one
        "no-such-page",
        "",
    ],
)
def test_nobody_is_sent_to_another_site_by_the_switch(client, elsewhere):
    answer = switch(client, "ko", next=elsewhere)
    assert (answer.status_code, answer.url) == (303, "/")


def test_the_switch_leads_back_to_the_page_with_its_filters(client):
    assert switch(client, "ko", next="/techniques/?q=ap+chagi&page=2").url == "/techniques/?q=ap+chagi&page=2"


class TestPeople:
    def test_the_profile_beats_browser_and_cookie(self, client, ada):
        client.force_login(ada)
        client.cookies["django_language"] = "ko"
        assert language_of(client, accept_language="en") == "pl"

    def test_without_a_language_in_the_profile_the_browser_decides(self, signed_in):
        User.objects.update(locale="")
        assert language_of(signed_in, accept_language="ko") == "ko"

    def test_the_switch_is_kept_in_the_profile_for_every_device(self, signed_in, ben, cleo):
        switch(signed_in, "pl")
        ben.refresh_from_db()
        cleo.refresh_from_db()
        assert (ben.locale, cleo.locale) == ("pl", "ko")
        phone = Client()
        phone.force_login(ben)
        assert language_of(phone, accept_language="ko") == "pl"

    def test_an_unknown_language_leaves_the_profile_alone(self, signed_in, ben):
        switch(signed_in, "de")
        ben.refresh_from_db()
        assert ben.locale == "en"

    def test_a_language_is_found_by_address_in_any_case(self, ada):
        assert queries.language_of(email="Ada@DOJANG.example") == "pl"
        assert queries.language_of(email="nobody@dojang.example") == ""

    def test_the_language_of_one_person_does_not_stay_for_the_next_visitor(self, client, ada):
        client.force_login(ada)
        assert language_of(client) == "pl"
        assert language_of(Client()) == "en"


class TestLettersAndGreetings:
    @pytest.fixture(autouse=True)
    def _letters_name_their_language(self, settings, tmp_path):
        """Translations come and go; here letters and the greeting say in which language they are written."""
        says = "{% load i18n %}{% get_current_language as language %}written in {{ language }}\n"
        for name, rest in (("email/base_message", "{% block content %}{% endblock %}"), ("messages/logged_in", "")):
            path = Path(tmp_path, "account", f"{name}.txt")
            path.parent.mkdir(parents=True)
            path.write_text(says + rest)
        (engine,) = project_settings.TEMPLATES
        settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]

    def test_a_new_person_is_written_to_in_the_language_of_the_sign_up(self, client, mailoutbox):
        client.cookies["django_language"] = "ko"
        password = {"password1": "kyong-ye 24 steps", "password2": "kyong-ye 24 steps"}
        client.post("/account/signup/", {"display_name": "Dora", "email": "dora@dojang.example", **password})
        assert "written in ko" in mailoutbox[0].body

    @pytest.mark.parametrize("accepted", ["en", "ko"])
    def test_a_person_is_written_to_in_their_own_language_whoever_asks(self, client, ada, mailoutbox, accepted):
        page = client.post(
            "/account/password/reset/", {"email": ada.email}, headers={"Accept-Language": accepted}, follow=True
        )
        assert "written in pl" in mailoutbox[0].body
        assert page["Content-Language"] == accepted, "the page speaks to whoever reads it"

    def test_an_address_that_is_not_confirmed_yet_is_written_to_in_the_language_of_its_owner(
        self, client, ada, mailoutbox
    ):
        EmailAddress.objects.create(user=ada, email="ada@elsewhere.example")
        client.post("/account/password/reset/", {"email": "ada@elsewhere.example"})
        assert mailoutbox[0].to == ["ada@elsewhere.example"]
        assert "written in pl" in mailoutbox[0].body

    def test_the_owner_of_an_address_learns_in_their_own_language_that_somebody_tried_it(self, client, ada, mailoutbox):
        password = {"password1": "kyong-ye 24 steps", "password2": "kyong-ye 24 steps"}
        client.post("/account/signup/", {"display_name": "Mallory", "email": "ADA@dojang.example", **password})
        assert mailoutbox[0].to == [ada.email]
        assert "written in pl" in mailoutbox[0].body

    def test_a_new_address_is_written_to_in_the_language_of_its_owner(self, client, ada, mailoutbox):
        client.force_login(ada)
        client.post("/account/email/", {"email": "ada@elsewhere.example", "action_add": ""})
        assert "written in pl" in mailoutbox[0].body

    @pytest.mark.parametrize(("kept", "shown"), [("pl", "pl"), ("", "ko")])
    def test_the_greeting_is_in_the_language_of_the_pages_that_follow(self, client, ada, kept, shown):
        User.objects.update(locale=kept)
        page = client.post(
            "/account/login/", {"login": ada.email, "password": PASSWORD, "next": "/more/"},
            headers={"Accept-Language": "ko"}, follow=True,
        )  # fmt: skip
        assert [str(message) for message in page.context["messages"]] == [f"written in {shown}"]
        assert page["Content-Language"] == shown

    def test_somebody_who_never_chose_is_written_to_in_the_language_of_the_page(self, client, ben, mailoutbox):
        User.objects.update(locale="")
        client.post("/account/password/reset/", {"email": ben.email}, headers={"Accept-Language": "ko"})
        assert "written in ko" in mailoutbox[0].body
