import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.reading import link_in, without_tokens

NEW = "benedykt@dojang.example"

pytestmark = pytest.mark.django_db


def change(client, email=NEW):
    return client.post("/account/email/", {"email": email, "action_add": ""})


def address_of(user):
    return User.objects.get(pk=user.pk).email


def test_the_new_address_counts_once_its_link_is_confirmed(signed_in, ben, mailoutbox):
    assert change(signed_in, "Benedykt@Dojang.Example").status_code == 302
    (letter,) = mailoutbox
    assert letter.to == [NEW]
    assert address_of(ben) == "ben@dojang.example", "until then the old one stays"

    signed_in.post(link_in(letter))
    assert address_of(ben) == NEW
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]


def test_afterwards_one_signs_in_with_the_new_address_only(signed_in, ben, mailoutbox):
    change(signed_in)
    signed_in.post(link_in(mailoutbox[0]))
    for email, status in (("ben@dojang.example", 422), (NEW, 302)):
        assert Client().post("/account/login/", {"login": email, "password": PASSWORD}).status_code == status


def test_an_address_that_waits_for_its_link_opens_nothing(signed_in, ben):
    change(signed_in)
    visitor = Client()
    visitor.post("/account/login/", {"login": NEW, "password": PASSWORD})
    assert visitor.get("/profile/").status_code == 302


def test_a_taken_address_is_answered_like_a_free_one(ben, cleo):
    def answers(email):
        client = Client()
        client.force_login(ben)
        answer = change(client, email)
        page = client.get(answer.url)
        return answer.status_code, answer.url, page.status_code, without_tokens(page, email)

    assert answers(cleo.email) == answers("nobody@dojang.example")


def test_a_taken_address_cannot_be_confirmed(signed_in, ben, cleo, mailoutbox):
    change(signed_in, cleo.email)
    signed_in.post(link_in(mailoutbox[0]))
    assert (address_of(ben), address_of(cleo)) == ("ben@dojang.example", "cleo@dojang.example")


def test_an_address_somebody_signed_up_with_meanwhile_is_refused_with_a_sentence(signed_in, ben, mailoutbox):
    change(signed_in)
    squatter = UserFactory(email=NEW)
    EmailAddress.objects.filter(user=squatter).update(verified=False)
    page = signed_in.post(link_in(mailoutbox[0]), follow=True)  # says "sent" from before, too
    assert page.status_code == 200
    assert [message.level_tag for message in page.context["messages"]] == ["info", "error"]
    assert (address_of(ben), address_of(squatter)) == ("ben@dojang.example", NEW)
    assert not EmailAddress.objects.get(user=ben, email=NEW).verified


@pytest.mark.parametrize("typed", ["", "benedykt@", "ben@dojang.example", "BEN@dojang.example"])
def test_no_address_or_the_own_one_comes_back_with_422(signed_in, ben, mailoutbox, typed):
    assert change(signed_in, typed).status_code == 422
    assert not mailoutbox


def test_the_form_needs_its_csrf_token(ben, mailoutbox):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    assert change(client).status_code == 403
    assert not mailoutbox
