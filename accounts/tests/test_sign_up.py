import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import is_signed_in, link_in, without_tokens

DORA = {
    "display_name": "Dora",
    "email": "dora@dojang.example",
    "password1": "kyong-ye 24 steps",
    "password2": "kyong-ye 24 steps",
}

pytestmark = pytest.mark.django_db


def sign_up(client, **changes):
    return client.post("/account/signup/", DORA | changes)


def test_the_page_asks_for_name_address_and_password(client):
    page = client.get("/account/signup/")
    assert page.status_code == 200
    assert list(page.context["form"].fields) == ["display_name", "email", "password1", "password2"]


def test_from_the_form_over_the_letter_into_the_hall(client, mailoutbox):
    answer = sign_up(client)
    assert (answer.status_code, answer.url) == (302, "/account/confirm-email/")
    (letter,) = mailoutbox
    assert letter.to == ["dora@dojang.example"]

    page = client.get(link_in(letter))
    assert page.status_code == 200
    assert "dora@dojang.example" in page.text
    assert not is_signed_in(client), "looking at the link confirms nothing: mail scanners look too"

    answer = client.post(link_in(letter))
    assert (answer.status_code, answer.url) == (302, "/")
    assert "Welcome, " in client.get("/more/").text
    assert is_signed_in(client)
    assert EmailAddress.objects.get().verified


def test_name_and_language_are_kept_in_the_profile(client):
    client.cookies["django_language"] = "ko"
    sign_up(client, display_name="  Dora  ", email="Dora@Dojang.Example")
    dora = User.objects.get()
    assert (dora.display_name, dora.locale, dora.email) == ("Dora", "ko", "dora@dojang.example")


def test_a_link_opened_on_another_device_confirms_but_signs_nobody_in(client, mailoutbox):
    sign_up(client)
    phone = Client()
    answer = phone.post(link_in(mailoutbox[0]))
    assert answer.url == "/account/login/"
    assert not is_signed_in(phone)
    phone.post("/account/login/", {"login": DORA["email"], "password": DORA["password1"]})
    assert is_signed_in(phone)


def test_a_link_works_once(client, mailoutbox):
    sign_up(client)
    link = link_in(mailoutbox[0])
    client.post(link)
    assert Client().post(link).status_code == 404
    page = Client().get(link)
    assert page.context["confirmation"] is None


def test_a_forged_link_confirms_nothing(client, mailoutbox):
    sign_up(client)
    assert client.post(link_in(mailoutbox[0])[:-2] + "x/").status_code == 404
    assert not EmailAddress.objects.get().verified


def test_nobody_gets_in_before_the_address_is_confirmed(client, mailoutbox, settings):
    settings.ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN = 0
    sign_up(client)
    mailoutbox.clear()
    other = Client()
    answer = other.post("/account/login/", {"login": DORA["email"], "password": DORA["password1"]})
    assert (answer.status_code, answer.url) == (302, "/account/confirm-email/")
    assert not is_signed_in(other)
    assert not is_signed_in(client)
    assert [letter.to for letter in mailoutbox] == [[DORA["email"]]], "the link comes once more"


def test_a_known_address_is_answered_like_an_unknown_one(ben, mailoutbox):
    def answers(email):
        visitor, said = Client(), []
        for _ in range(2):  # the second time the address is known in both cases, and its letter is held back
            answer = sign_up(visitor, email=email)
            page = visitor.get(answer.url)
            said += [answer.status_code, answer.url, answer.content, page.status_code, without_tokens(page, email)]
        return said, sorted(visitor.cookies)

    assert answers("ben@dojang.example") == answers("dora@dojang.example")
    assert [letter.to for letter in mailoutbox] == [["ben@dojang.example"], ["dora@dojang.example"]]


def test_the_owner_of_a_known_address_is_told_and_nothing_of_theirs_changes(client, ben, mailoutbox):
    sign_up(client, email="BEN@dojang.example", display_name="Mallory")
    assert "/account/password/reset/" in mailoutbox[0].body
    ben.refresh_from_db()
    assert (User.objects.count(), ben.display_name, ben.check_password(PASSWORD)) == (1, "Ben", True)
    assert not is_signed_in(client)


def test_a_form_that_comes_twice_at_once_makes_one_account(client, monkeypatch):
    sign_up(client)
    # What the second request saw: it asked whether the address was free before the first one was through.
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.assess_unique_email", lambda email, user=None: True
    )
    answer = sign_up(Client())
    assert (answer.status_code, answer.url) == (302, "/account/confirm-email/")
    assert User.objects.count() == EmailAddress.objects.count() == 1


def test_what_else_the_database_refuses_is_no_silent_success(client, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]
    client.cookies["django_language"] = "de"
    with pytest.raises(IntegrityError, match="user_locale_is_known"):
        sign_up(client)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"display_name": " "}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"email": ""}, "email"),
        ({"email": "dora@"}, "email"),
        ({"password2": "kyong-ye 25 steps"}, "password2"),
    ],
)
def test_a_form_that_is_not_filled_in_well_comes_back_with_422(client, mailoutbox, wrong, field):
    answer = sign_up(client, **wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"].errors[field][0] in answer.text
    assert not User.objects.exists()
    assert not mailoutbox


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kick 12", "password_too_short"),
        ("kyong-ye steps", "password_needs_letters_and_digits"),
        ("2846159730 468", "password_needs_letters_and_digits"),
        ("trustno1", "password_too_common"),
        ("dora-dojang.example1", "password_too_similar"),
        ("theodora kowalska1", "password_too_similar"),
    ],
)
def test_a_weak_password_is_refused_with_422(client, password, code):
    answer = sign_up(client, display_name="Theodora Kowalska", password1=password, password2=password)
    assert answer.status_code == 422
    errors = answer.context["form"].errors.as_data()
    assert {field: [error.code for error in found] for field, found in errors.items()} == {"password1": [code]}
    assert not User.objects.exists()


def test_a_long_password_in_hangul_is_welcome(client):
    sign_up(client, password1="차렷 경례 시작 24", password2="차렷 경례 시작 24")
    assert User.objects.get().check_password("차렷 경례 시작 24")


def test_a_form_without_its_csrf_token_is_refused_on_a_page_of_ours():
    answer = sign_up(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert "403_csrf.html" in [template.name for template in answer.templates]
    assert not User.objects.exists()


def test_somebody_who_is_signed_in_sees_no_sign_up(signed_in):
    for answer in (signed_in.get("/account/signup/"), sign_up(signed_in)):
        assert (answer.status_code, answer.url) == (302, "/")
    assert User.objects.count() == 1
