import pytest

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.reading import is_signed_in
from accounts.tests.second_steps import code, give_app, type_code, type_password

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(at_the_console, otto):
    """The admin as somebody sees it who may do everything, with their second step shown."""
    User.objects.filter(pk=otto.pk).update(is_superuser=True)
    return at_the_console


@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/jsi18n/"])
def test_the_password_alone_opens_no_room_of_it(client, otto, address):
    User.objects.filter(pk=otto.pk).update(is_superuser=True)
    client.force_login(otto)
    unset = client.get(address)
    assert (unset.status_code, unset.url) == (302, "/account/second-step/totp/activate/")
    give_app(otto)
    unshown = client.get(address)
    assert unshown.status_code == 302
    assert unshown.url.startswith("/account/second-step/reauthenticate/?next=%2Fadmin%2F")


def test_people_of_the_staff_without_a_role_of_the_console_stay_outside(client):
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/admin/").status_code == 403


@pytest.mark.usefixtures("patient")
def test_operators_come_in_by_the_same_door_as_everybody(client, otto):
    give_app(otto)
    answer = client.post("/admin/login/?next=/admin/", {"username": otto.email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/account/login/?next=%2Fadmin%2F")
    assert not is_signed_in(client)
    type_password(client, otto, next="/admin/")
    assert type_code(client, code()).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_learners_do_not_come_in(signed_in):
    assert signed_in.get("/admin/").status_code == 302
    assert signed_in.get("/admin/login/").status_code == 403


def test_people_are_found_by_name_and_address(room, ben, cleo):
    for words in ("ben@dojang", "Ben"):
        page = room.get("/admin/accounts/user/", {"q": words})
        assert ben.email in page.text
        assert cleo.email not in page.text


def test_the_list_costs_the_same_at_two_and_at_twelve_people(room, ben, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(5):  # who is it, their second steps, two counts, the rows
            room.get("/admin/accounts/user/")
        UserFactory.create_batch(10)


def test_nobody_is_made_here(room):
    assert room.get("/admin/accounts/user/add/").status_code == 403
    assert room.post("/admin/accounts/user/add/", {"display_name": "Dora"}).status_code == 403


def test_somebody_is_switched_off_here_but_keeps_their_address(room, ben):
    form = {"display_name": "Ben", "locale": "en", "time_zone": "Europe/Warsaw", "email": "mallory@dojang.example"}
    assert room.post(f"/admin/accounts/user/{ben.pk}/change/", form).status_code == 302
    ben.refresh_from_db()
    assert (ben.is_active, ben.email) == (False, "ben@dojang.example")
