"""Deleting my account: nothing names me any more, and what has to stay still holds."""

from threading import Event, Thread

import pytest
from django.core.cache import cache
from django.db import connections, transaction
from django.test import Client

from accounts import commands, queries
from accounts.commands import leaving
from accounts.models import Membership, Subscription, User
from accounts.tests.clubs import FOUNDED, SubscriptionFactory, a_club, joined
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.personal_factories import Pupils
from accounts.tests.second_steps import code, give_app, sign_in_with_code
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs.models import Job

pytestmark = pytest.mark.django_db
PATH = "/profile/delete/"


@pytest.fixture
def fresh(client, ben):
    """A client in which ben has just shown his password."""
    assert client.post("/account/login/", {"login": ben.email, "password": PASSWORD}).status_code == 302
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def exists(person):
    return User.objects.filter(pk=person.pk).exists()


class TestPage:
    def test_whoever_types_their_address_is_gone_and_signed_out(self, fresh, ben):
        page = fresh.get(PATH)
        assert page.status_code == 200
        assert "ben@dojang.example" in page.text
        answer = fresh.post(PATH, {"confirmation": " BEN@dojang.example "})
        assert (answer.status_code, answer.url) == (303, "/farewell/")
        assert not exists(ben)
        farewell = fresh.get("/farewell/")
        assert farewell.status_code == 200
        assert "/account/login/" in farewell.text
        assert fresh.get("/profile/").status_code == 302

    def test_every_other_browser_is_signed_out_too(self, fresh, ben):
        other = Client()
        other.force_login(ben)
        assert other.get("/profile/").status_code == 200
        fresh.post(PATH, {"confirmation": ben.email})
        assert other.get("/profile/").status_code == 302

    @pytest.mark.parametrize("typed", ["", "ben", "ada@dojang.example", "ben@dojang.example.org"])
    def test_anything_else_changes_nothing(self, fresh, ben, typed):
        answer = fresh.post(PATH, {"confirmation": typed})
        assert answer.status_code == 422
        assert "field__errors" in answer.text
        assert exists(ben)

    def test_the_password_is_asked_for_again(self, signed_in, ben):
        for answer in (signed_in.get(PATH), signed_in.post(PATH, {"confirmation": ben.email})):
            assert answer.status_code == 302
            assert answer.url.startswith("/account/reauthenticate/")
        assert exists(ben)

    def test_and_the_second_step_of_whoever_has_one(self, client, ben, patient):
        give_app(ben)
        client.force_login(ben)
        answer = client.get(PATH)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/account/second-step/reauthenticate/")

    def test_having_just_shown_it_is_enough(self, client, ben, patient):
        give_app(ben)
        sign_in_with_code(client, ben)
        assert client.get(PATH).status_code == 302, "the code of the sign-in was shown for something else"
        client.post("/account/second-step/reauthenticate/", {"code": code(ahead=1)})
        assert client.get(PATH).status_code == 200

    def test_a_stranger_is_asked_to_sign_in(self, client, db):
        assert client.get(PATH).url == f"/account/login/?next={PATH}"

    def test_it_needs_the_csrf_token(self, ben):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben)
        assert client.post(PATH, {"confirmation": ben.email}).status_code == 403
        assert exists(ben)


class TestOwners:
    def test_an_owner_is_told_so_before_any_password_is_asked_for(self, signed_in, ben):
        a_club(ben, paid=None)
        assert "Hand it over" in signed_in.get(PATH).text

    def test_an_owner_hands_over_first(self, fresh, ben, ada):
        club = a_club(ben, paid=None)
        heir = joined(club, ada)
        page = fresh.get(PATH)
        assert f'href="/clubs/{club.pk}/"' in page.text
        assert 'name="confirmation"' not in page.text
        assert fresh.post(PATH, {"confirmation": ben.email}).status_code == 409
        assert exists(ben)
        commands.transfer_club(viewer=ben, club_id=club.pk, membership_id=heir.pk, now=FOUNDED)
        assert fresh.post(PATH, {"confirmation": ben.email}).status_code == 303
        assert Membership.objects.get(club=club).person == ada

    def test_the_command_refuses_as_well_and_the_database_behind_it(self, ben, now, monkeypatch):
        a_club(ben, paid=None)
        with pytest.raises(commands.OwnsClubs):
            commands.delete_account(person=ben, now=now)
        with pytest.raises(commands.OwnsClubs), transaction.atomic():
            commands.erase_person(person=ben, now=now)
        assert exists(ben)

    def test_a_seat_is_free_again(self, ben, ada, now):
        club = a_club(ada)
        joined(club, ben)
        commands.delete_account(person=ben, now=now)
        assert Membership.objects.filter(club=club).count() == 1
        assert club.seats.filter(membership=None).count() == 4


class TestPlans:
    def test_what_a_provider_collects_is_ended_before_anything_is_erased(self, ben, now, monkeypatch):
        told = []
        monkeypatch.setattr(leaving, "cancel_at_provider", lambda **said: told.append((said, exists(ben))))
        kept = {"person": ben, "provider": "stripe", "plan": "pro", "seats": 0}
        SubscriptionFactory(reference="sub_1", **kept)
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        commands.delete_account(person=ben, now=now)
        [(said, was_there)] = told
        assert (said["subscription"].reference, was_there) == ("sub_1", True)
        assert not Subscription.objects.exists()

    def test_stripe_is_told_by_a_job_that_outlives_the_account(self, ben, now):
        for reference, status in (("sub_1", "active"), ("sub_2", "canceled")):
            SubscriptionFactory(person=ben, provider="stripe", reference=reference, plan="pro", seats=0, status=status)
        commands.delete_account(person=ben, now=now)
        assert [job.arguments for job in Job.objects.all()] == [{"reference": "sub_1"}]

    def test_what_cannot_be_ended_leaves_everything_as_it_was(self, ben, now, monkeypatch):
        def fail(**said):
            raise TimeoutError

        monkeypatch.setattr(leaving, "cancel_at_provider", fail)
        SubscriptionFactory(person=ben, provider="stripe", reference="sub_1", plan="pro", seats=0)
        with pytest.raises(TimeoutError):
            commands.delete_account(person=ben, now=now)
        assert exists(ben)

    def test_an_owner_who_is_refused_goes_on_paying(self, ben, now, monkeypatch):
        monkeypatch.setattr(leaving, "cancel_at_provider", lambda **said: pytest.fail("told"))
        a_club(ben, paid=None)
        SubscriptionFactory(person=ben, provider="stripe", reference="sub_1", plan="pro", seats=0)
        with pytest.raises(commands.OwnsClubs):
            commands.delete_account(person=ben, now=now)

    def test_the_page_names_what_is_paid_for(self, fresh, ben):
        SubscriptionFactory(person=ben, provider="apple", reference="a1", plan="pro", seats=0)
        assert "Apple" in fresh.get(PATH).text


class TestPupils:
    def test_a_pupil_is_told_who_can_and_cannot(self, client, ada, now):
        child = Pupils.one(a_club(ada)).person
        User.objects.update(locale="en")
        client.force_login(child)
        page = client.get(PATH)
        assert page.status_code == 200
        assert "guardian" in page.text
        assert 'name="confirmation"' not in page.text
        assert client.post(PATH, {"confirmation": ""}).status_code == 422
        with pytest.raises(commands.PupilStays):
            commands.delete_account(person=child, now=now)
        assert exists(child)


def test_the_trail_keeps_a_pseudonym_and_no_address(ben, now):
    pseudonym = str(ben.actor_id)
    commands.delete_account(person=ben, now=now)
    erased = AuditEvent.objects.get(type="person.erased")
    assert (erased.object_id, erased.payload) == (pseudonym, {})
    assert not queries.names_of(actors={erased.object_id})


def test_whoever_is_gone_already_is_not_there(ben, now):
    same = User.objects.get(pk=ben.pk)
    commands.delete_account(person=ben, now=now)
    with pytest.raises(User.DoesNotExist):
        commands.delete_account(person=same, now=now)


@pytest.mark.django_db(transaction=True)
def test_a_club_that_is_handed_over_meanwhile_keeps_an_owner(now):
    """The heir leaves while the owner hands over: whoever comes second sees what the first has done."""
    cache.clear()
    owner, heir = UserFactory(), UserFactory()
    club = a_club(owner, paid=None)
    place = joined(club, heir)
    handed, refused = Event(), []

    def leave():
        try:
            handed.wait(timeout=10)
            commands.delete_account(person=heir, now=now)
        except commands.OwnsClubs as error:
            refused.append(error)
        finally:
            connections.close_all()

    late = Thread(target=leave)
    late.start()
    with transaction.atomic():
        commands.transfer_club(viewer=owner, club_id=club.pk, membership_id=place.pk, now=now)
        handed.set()
        late.join(timeout=1)
        assert late.is_alive(), "it waits for the club"
    late.join(timeout=10)
    assert len(refused) == 1
    assert Membership.objects.get(club=club, role="owner").person_id == heir.pk
