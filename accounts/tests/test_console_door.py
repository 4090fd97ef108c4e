"""Who enters the operators' console: staff with a role, who showed a second step in this session."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import commands, queries
from accounts.access import WANTED
from accounts.models import StaffRole, User
from accounts.rules import Entry, console_entry
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.second_steps import (
    SECRET,
    code,
    give_app,
    recovery_codes,
    sign_in_with_code,
    type_code,
    type_password,
)
from conftest import NOW

pytestmark = pytest.mark.usefixtures("patient")

DOOR = "/the-console/"
ASKED = "/account/second-step/reauthenticate/?next=%2Fthe-console%2F"


@pytest.fixture(autouse=True)
def _console(settings):
    settings.ROOT_URLCONF = "accounts.tests.console"


def staff(role=None, **fields):
    person = UserFactory(is_staff=True, **fields)
    if role:
        commands.grant_role(person=person, role=queries.Role(role), by=None, now=NOW)
    return person


class TestTheRule:
    NOBODY = frozenset()

    @pytest.mark.parametrize(
        ("roles", "steps", "shown", "entry"),
        [
            ({"operator"}, {1, 2}, {2}, Entry.OPEN),
            ({"editor"}, {1}, {1}, Entry.OPEN),
            ({"analyst", "examiner"}, {1}, {1}, Entry.OPEN),
            ({"operator"}, {1}, (), Entry.UNSHOWN),
            ({"operator"}, {1}, {7}, Entry.UNSHOWN),
            ({"operator"}, (), (), Entry.UNSET),
            ({"operator"}, (), {7}, Entry.UNSET),
            ({"examiner"}, {1}, {1}, Entry.CLOSED),
            ((), {1}, {1}, Entry.CLOSED),
        ],
    )
    def test_a_role_and_a_step_of_theirs_that_was_shown(self, roles, steps, shown, entry):
        assert console_entry(roles=frozenset(roles), steps=frozenset(steps), shown=frozenset(shown)) is entry


@pytest.mark.django_db
class TestWho:
    def test_strangers_are_asked_to_sign_in(self, client):
        assert client.get(DOOR).url == f"/account/login/?next={DOOR}"

    def test_learners_are_refused_even_with_a_second_step(self, client, ben):
        give_app(ben)
        sign_in_with_code(client, ben)
        refused = client.get(DOOR)
        assert refused.status_code == 403
        assert "403.html" in [template.name for template in refused.templates]

    @pytest.mark.parametrize("role", ["operator", "editor", "analyst"])
    def test_each_role_of_the_console_comes_in(self, client, db, role):
        person = staff(role)
        give_app(person)
        sign_in_with_code(client, person)
        page = client.get(DOOR)
        assert (page.status_code, page.text) == (200, "inside")
        assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"

    def test_the_cast_has_somebody_who_is_inside(self, at_the_console):
        assert at_the_console.get(DOOR).text == "inside"

    @pytest.mark.parametrize("role", ["examiner", None])
    def test_other_people_of_the_staff_are_refused(self, client, db, role):
        person = staff(role)
        give_app(person)
        sign_in_with_code(client, person)
        assert client.get(DOOR).status_code == 403

    def test_a_role_without_being_of_the_staff_any_more_opens_nothing(self, client, otto):
        give_app(otto)
        sign_in_with_code(client, otto)
        User.objects.filter(pk=otto.pk).update(is_staff=False)
        assert client.get(DOOR).status_code == 403

    def test_taking_the_role_away_closes_the_door_at_once(self, client, otto):
        give_app(otto)
        sign_in_with_code(client, otto)
        assert client.get(DOOR).status_code == 200
        StaffRole.objects.filter(person=otto).delete()
        assert client.get(DOOR).status_code == 403


@pytest.mark.django_db
class TestWithoutASecondStep:
    @pytest.mark.django_db(transaction=True)  # allauth speaks up once its change is committed, still in the request
    def test_they_set_one_up_and_go_on_to_where_they_wanted(self, client, otto):
        type_password(client, otto)
        led = client.get(f"{DOOR}jobs/?state=failed")
        assert (led.status_code, led.url) == (302, "/account/second-step/totp/activate/")
        asked = client.get(led.url)
        assert "The console asks for a second step." in client.get(asked.url).text
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        secret = client.get(led.url).context["form"].secret
        client.post(led.url, {"code": code(secret=secret)})
        codes = client.get("/account/second-step/recovery-codes/")
        assert f'href="{DOOR}jobs/?state=failed"' in codes.text
        assert client.get(f"{DOOR}jobs/?state=failed").text == "inside", "its first code was shown in this session"
        assert "go on to the console" not in client.get("/account/second-step/recovery-codes/").text

    def test_another_session_of_theirs_has_shown_nothing(self, client, otto):
        older = Client()
        type_password(older, otto)
        give_app(otto)
        sign_in_with_code(client, otto)
        assert client.get(DOOR).status_code == 200
        assert older.get(DOOR).url == ASKED


@pytest.mark.django_db
class TestWithOneThatWasNotShown:
    @pytest.fixture
    def unshown(self, client, otto):
        """A session from before otto had his app."""
        client.force_login(otto)
        give_app(otto)
        return client

    def test_they_are_asked_for_it_and_come_back(self, unshown):
        assert unshown.get(DOOR).url == ASKED
        shown = unshown.post(ASKED, {"code": code()})
        assert (shown.status_code, shown.url) == (302, DOOR)
        assert unshown.get(DOOR).status_code == 200

    def test_a_wrong_code_leaves_the_door_closed(self, unshown):
        assert unshown.post(ASKED, {"code": "000000"}).status_code == 422
        assert unshown.get(DOOR).url == ASKED

    def test_a_recovery_code_is_as_good(self, unshown, otto):
        assert unshown.post(ASKED, {"code": recovery_codes(otto)[0]}).url == DOOR
        assert unshown.get(DOOR).status_code == 200

    def test_the_password_is_not(self, unshown):
        unshown.post("/account/reauthenticate/", {"password": PASSWORD})
        assert unshown.get(DOOR).url == ASKED

    def test_who_has_a_passkey_only_is_asked_for_that(self, client, otto):
        client.force_login(otto)
        Authenticator.objects.create(user=otto, type="webauthn", data={"name": "Key", "credential": {}})
        assert client.get(DOOR).url == "/account/second-step/webauthn/reauthenticate/?next=%2Fthe-console%2F"

    def test_one_that_was_removed_since_counts_no_more(self, unshown, otto):
        unshown.post(ASKED, {"code": code()})
        assert unshown.get(DOOR).status_code == 200
        Authenticator.objects.filter(user=otto).delete()
        assert unshown.get(DOOR).url == "/account/second-step/totp/activate/"
        give_app(otto)
        assert unshown.get(DOOR).url == ASKED

    def test_a_form_is_not_sent_again_afterwards(self, unshown):
        assert unshown.post(DOOR).url == "/account/second-step/reauthenticate/?next=%2F"

    def test_htmx_leads_the_whole_page_and_comes_back_to_where_it_stood(self, unshown):
        answer = unshown.post(
            f"{DOOR}piece/",
            headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/the-console/?page=2"},
        )
        assert answer["HX-Redirect"] == f"{ASKED}%3Fpage%3D2"

    def test_htmx_leads_to_no_other_site(self, client, otto):
        type_password(client, otto)
        client.get(DOOR, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver//evil.example/"})
        assert client.session[WANTED].startswith("/%2F")

    def test_what_one_person_showed_does_not_count_for_the_next_in_the_same_browser(self, client, otto):
        give_app(otto)
        sign_in_with_code(client, otto)
        client.post("/account/logout/")
        other = staff("operator")
        client.force_login(other)
        commands.add_authenticator_app(person=other, secret=SECRET, now=NOW)
        assert client.get(DOOR).url == ASKED


@pytest.mark.django_db
class TestAskedWithoutAPage:
    """What a consumer does with its scope."""

    def test_a_person_and_their_session_are_enough(self, client, otto):
        assert queries.console_entry(person=otto, session={}) is Entry.UNSET
        give_app(otto)
        assert queries.console_entry(person=otto, session={}) is Entry.UNSHOWN
        sign_in_with_code(client, otto)
        assert queries.console_entry(person=otto, session=client.session) is Entry.OPEN

    def test_a_session_says_nothing_about_somebody_else(self, client, otto):
        give_app(otto)
        sign_in_with_code(client, otto)
        other = staff("operator")
        give_app(other)
        assert queries.console_entry(person=other, session=client.session) is Entry.UNSHOWN

    def test_it_costs_two_questions(self, client, otto, django_assert_num_queries):
        give_app(otto)
        sign_in_with_code(client, otto)
        session = dict(client.session)
        with django_assert_num_queries(2):
            queries.console_entry(person=otto, session=session)


@pytest.mark.django_db
def test_half_way_through_signing_in_nobody_is_inside(client, otto):
    give_app(otto)
    type_password(client, otto)
    assert client.get(DOOR).url == f"/account/login/?next={DOOR}"
    type_code(client, code())
    assert client.get(DOOR).status_code == 200
