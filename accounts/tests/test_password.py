from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.reading import link_in, without_tokens

NEW = "gae-baek 44 steps"

pytestmark = pytest.mark.django_db


def ask_for_reset(client, email="ben@dojang.example"):
    return client.post("/account/password/reset/", {"email": email})


def choose(client, link, password=NEW, again=None):
    """Open the link as a browser does (it is led to an address without the key) and send the form there."""
    form = client.get(link, follow=True)
    return client.post(
        form.redirect_chain[-1][0] if form.redirect_chain else link,
        {"password1": password, "password2": again or password},
    )


def later(monkeypatch, span):
    moment = PasswordResetTokenGenerator()._now() + span
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: moment)


def has_password(user, password):
    return User.objects.get(pk=user.pk).check_password(password)


class TestForgotten:
    def test_the_link_in_the_letter_leads_to_a_new_password(self, client, ben, mailoutbox):
        answer = ask_for_reset(client, "Ben@Dojang.Example")
        assert (answer.status_code, answer.url) == (302, "/account/password/reset/done/")
        (letter,) = mailoutbox
        assert letter.to == ["ben@dojang.example"]
        answer = choose(client, link_in(letter))
        assert (answer.status_code, answer.url) == (302, "/account/password/reset/key/done/")
        assert client.get(answer.url).status_code == 200
        assert has_password(ben, NEW)
        assert client.post("/account/login/", {"login": ben.email, "password": NEW}).url == "/"

    def test_the_key_does_not_stay_in_the_address(self, client, ben, mailoutbox):
        ask_for_reset(client)
        link = link_in(mailoutbox[0])
        key = link.removesuffix("/").rpartition("/")[2].partition("-")[2]
        page = client.get(link, follow=True)
        assert key not in page.redirect_chain[-1][0]
        assert key not in page.text

    def test_known_and_unknown_addresses_are_answered_alike(self, ben, mailoutbox):
        def answers(email):
            visitor = Client()
            answer = ask_for_reset(visitor, email)
            page = visitor.get(answer.url)
            return (
                answer.status_code, answer.url, answer.content, page.status_code, without_tokens(page, email),
                sorted(visitor.cookies),
            )  # fmt: skip

        assert answers("ben@dojang.example") == answers("nobody@dojang.example")
        assert [letter.to for letter in mailoutbox] == [["ben@dojang.example"]]

    def test_the_limit_is_the_same_for_known_and_unknown_addresses(self, ben):
        for email in ("ben@dojang.example", "nobody@dojang.example"):
            statuses = [ask_for_reset(Client(), email).status_code for _ in range(4)]
            assert statuses == [302] * 3 + [429]

    def test_an_account_that_is_switched_off_gets_no_link(self, client, ben, mailoutbox):
        User.objects.update(is_active=False)
        assert ask_for_reset(client).status_code == 302
        assert not mailoutbox

    def test_a_link_works_once(self, client, ben, mailoutbox):
        ask_for_reset(client)
        link = link_in(mailoutbox[0])
        choose(client, link)
        for visitor in (client, Client()):
            assert visitor.get(link).context["token_fail"]
            choose(visitor, link, "another password 2")
        assert has_password(ben, NEW)

    def test_a_link_opened_twice_before_it_is_used_still_works(self, client, ben, mailoutbox):
        ask_for_reset(client)
        link = link_in(mailoutbox[0])
        Client().get(link, follow=True)
        choose(client, link)
        assert has_password(ben, NEW)

    @pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
    def test_a_link_works_for_an_hour(self, client, ben, mailoutbox, monkeypatch, minutes, works):
        ask_for_reset(client)
        later(monkeypatch, timedelta(minutes=minutes))
        choose(client, link_in(mailoutbox[0]))
        assert has_password(ben, NEW) is works

    def test_a_form_left_open_beyond_the_hour_changes_nothing(self, client, ben, mailoutbox, monkeypatch):
        ask_for_reset(client)
        form = client.get(link_in(mailoutbox[0]), follow=True)
        later(monkeypatch, timedelta(minutes=61))
        page = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
        assert page.context["token_fail"]
        assert has_password(ben, PASSWORD)

    def test_a_link_dies_when_the_password_is_changed_meanwhile(self, client, ben, mailoutbox):
        ask_for_reset(client)
        ben.set_password("changed meanwhile 3")
        ben.save()
        assert client.get(link_in(mailoutbox[0])).context["token_fail"]

    def test_a_link_dies_when_the_address_is_changed_meanwhile(self, client, ben, mailoutbox):
        ask_for_reset(client)
        EmailAddress.objects.update(email="ben@elsewhere.example")
        User.objects.update(email="ben@elsewhere.example")
        assert client.get(link_in(mailoutbox[0])).context["token_fail"]

    def test_a_link_is_good_for_its_owner_only(self, client, ben, cleo, mailoutbox):
        ask_for_reset(client)
        ask_for_reset(client, cleo.email)
        ben_s, cleo_s = (link_in(letter).removesuffix("/").rpartition("/")[2] for letter in mailoutbox)
        mixed = f"{cleo_s.partition('-')[0]}-{ben_s.partition('-')[2]}"
        assert client.get(f"/account/password/reset/key/{mixed}/").context["token_fail"]

    def test_a_new_password_signs_out_everybody_who_held_the_old_one(self, signed_in, ben, mailoutbox):
        ask_for_reset(Client())
        choose(Client(), link_in(mailoutbox[0]))
        assert signed_in.get("/profile/").status_code == 302

    def test_a_weak_new_password_is_refused_with_422(self, client, ben, mailoutbox):
        ask_for_reset(client)
        for weak in ("short 1", "no digits here", "trustno1"):
            assert choose(client, link_in(mailoutbox[0]), weak).status_code == 422
        assert choose(client, link_in(mailoutbox[0]), NEW, again="gae-baek 45 steps").status_code == 422
        assert has_password(ben, PASSWORD)

    def test_what_is_no_address_comes_back_with_422(self, client, mailoutbox):
        assert ask_for_reset(client, "ben@").status_code == 422
        assert not mailoutbox

    def test_the_form_needs_its_csrf_token(self, ben, mailoutbox):
        assert ask_for_reset(Client(enforce_csrf_checks=True)).status_code == 403
        assert not mailoutbox


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post("/account/password/change/", {"oldpassword": old, "password1": new, "password2": again or new})


class TestChanged:
    def test_with_the_old_password_a_new_one_is_set_and_the_browser_stays_signed_in(self, signed_in, ben):
        elsewhere = Client()
        elsewhere.force_login(ben)
        assert change(signed_in).status_code == 302
        assert has_password(ben, NEW)
        assert signed_in.get("/profile/").status_code == 200
        assert elsewhere.get("/profile/").status_code == 302, "every other browser is signed out"

    @pytest.mark.parametrize("old", ["", "not my password 1", PASSWORD.upper()])
    def test_without_the_old_password_nothing_changes(self, signed_in, ben, old):
        answer = change(signed_in, old=old)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["oldpassword"]
        assert has_password(ben, PASSWORD)

    @pytest.mark.parametrize("weak", ["short 1", "no digits here", "2846159730", "trustno1", "ben@dojang1"])
    def test_a_weak_password_is_refused_with_422(self, signed_in, ben, weak):
        answer = change(signed_in, new=weak)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["password1"]
        assert has_password(ben, PASSWORD)

    def test_a_password_like_the_name_is_refused_with_422(self, signed_in, ben):
        User.objects.update(display_name="Benedykt Nowak")
        answer = change(signed_in, new="benedykt-nowak1")
        assert answer.status_code == 422
        assert answer.context["form"].errors.as_data()["password1"][0].code == "password_too_similar"
        assert has_password(ben, PASSWORD)

    def test_guessing_the_old_password_is_limited(self, signed_in, ben):
        statuses = [change(signed_in, old="not my password 1").status_code for _ in range(6)]
        assert statuses == [422] * 5 + [429]

    def test_the_form_needs_its_csrf_token(self, ben):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben)
        assert change(client).status_code == 403
        assert has_password(ben, PASSWORD)
