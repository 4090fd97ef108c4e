"""Who may do what in a club: the table of the product, cell by cell, on the pages and through the API."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts import commands
from accounts.models import Club, Invitation, Membership
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory
from accounts.tests.personal_factories import Pupils

pytestmark = pytest.mark.django_db

ROLES = ("owner", "coach", "member", "stranger")


@pytest.fixture
def club(ada):
    return a_club(ada, seats=8)


@pytest.fixture
def cast(club, ada, ben, cleo):
    """Somebody in each role, and a coach and a member for things to be done to."""
    coach = UserFactory(display_name="Mina")
    joined(club, coach, role="coach")
    joined(club, ben)
    return {"owner": ada, "coach": coach, "member": ben, "stranger": cleo}


@pytest.fixture
def others(club, cast):
    return {
        "coach": joined(club, UserFactory(display_name="Other coach"), role="coach"),
        "member": joined(club, UserFactory(display_name="Other member")),
    }


def page(method, path, **typed):
    return "page", method, path, typed


def call(method, path, **typed):
    return "api", method, path, typed


# What is done → who may. `{club}` is the club, `{coach}` and `{member}` are memberships of others.
TABLE = [
    ("see club", {"owner", "coach", "member"}, [page("get", ""), call("get", "")]),
    ("see members", {"owner", "coach"}, [call("get", "/members")]),
    ("invite a member", {"owner", "coach"}, [
        page("post", "invitations/letter/", email="new@dojang.example", role="member"),
        call("post", "/invitations", email="new@dojang.example", role="member"),
        page("post", "invitations/link/", uses_max=5, days=7, role="member"),
        page("post", "invitations/list/", text="new@dojang.example"),
    ]),
    ("invite a coach", {"owner"}, [call("post", "/invitations", email="new@dojang.example", role="coach")]),
    ("remove a member", {"owner", "coach"}, [
        page("post", "members/{member}/removal/"), call("delete", "/members/{member}"),
    ]),
    ("remove a coach", {"owner"}, [page("post", "members/{coach}/removal/"), call("delete", "/members/{coach}")]),
    ("set roles", {"owner"}, [
        page("post", "members/{member}/role/", role="coach"), call("patch", "/members/{member}", role="coach"),
    ]),
    ("transfer ownership", {"owner"}, [
        page("post", "transfer/", heir="{member}", name="Hwarang"), call("post", "/owner", member="{member}"),
    ]),
    ("seats", {"owner"}, [
        page("post", "settings/", name="Hwarang", seats=9), call("patch", "", seats=9), page("post", "logo/", remove=1),
    ]),
    ("leave", {"coach", "member"}, [page("post", "departure/"), call("delete", "/members/me")]),
]  # fmt: skip
CELLS = [
    pytest.param(door, role, role in may, id=f"{role}, {what}, {door[0]} {door[1]} {door[2]}")
    for what, may, doors in TABLE
    for door in doors
    for role in ROLES
]


def state(club):
    """Everything that a deed could have changed."""
    return (
        list(Membership.objects.filter(club=club).order_by("pk").values_list("pk", "role")),
        list(Invitation.objects.filter(club=club).values_list("email", "role")),
        list(Club.objects.values_list("name", flat=True)),
        club.seats.count(),
    )


@pytest.mark.parametrize(("door", "role", "may"), CELLS)
def test_cell(door, role, may, club, cast, others, app):
    kind, method, path, typed = door
    names = {who: str(place.pk) for who, place in others.items()}
    path, typed = path.format(**names), {key: str(value).format(**names) for key, value in typed.items()}
    before = state(club)
    if kind == "page":
        client = Client()
        client.force_login(cast[role])
        answer = getattr(client, method)(f"/clubs/{club.pk}/{path}", typed)
        allowed = {200, 303}
    else:
        answer = getattr(app(cast[role]), method)(
            f"/api/v1/billing/clubs/{club.pk}{path}", typed or None, content_type="application/json"
        )
        allowed = {200, 201, 204}
    if may:
        assert answer.status_code in allowed, answer.content
        assert method == "get" or "logo" in path or state(club) != before
    else:
        # Strangers are not told that the club exists; the owner is told to hand over first.
        wanted = 404 if role == "stranger" else 409 if role == "owner" else 403
        assert answer.status_code == wanted
        assert state(club) == before


def test_members_see_the_card_of_the_club_and_not_its_list(club, cast, others):
    client = Client()
    client.force_login(cast["member"])
    seen = client.get(f"/clubs/{club.pk}/").content.decode()
    assert "Mina" in seen
    assert "Other member" not in seen


@pytest.mark.parametrize(("role", "status"), [("owner", 409), ("coach", 403), ("member", 403), ("stranger", 404)])
def test_only_an_owner_who_is_alone_closes_a_club(club, cast, app, role, status):
    answer = app(cast[role]).delete(f"/api/v1/billing/clubs/{club.pk}")
    assert answer.status_code == status
    assert Club.objects.filter(pk=club.pk).exists()


def test_an_owner_who_is_alone_closes_their_club(ada, app, now):
    club = a_club(ada)
    assert app(ada).delete(f"/api/v1/billing/clubs/{club.pk}").status_code == 204
    assert not Club.objects.exists()


@pytest.mark.parametrize("deed", ["remove_member", "transfer_club"])
def test_nobody_reaches_somebody_of_another_club(ada, ben, club, deed, now):
    elsewhere = joined(a_club(UserFactory(), name="Elsewhere"), ben)
    with pytest.raises(Membership.DoesNotExist):
        getattr(commands, deed)(viewer=ada, club_id=club.pk, membership_id=elsewhere.pk, now=now)


def test_nobody_removes_or_demotes_the_owner(ada, club, cast, now):
    place = Membership.objects.get(club=club, person=ada)
    for viewer in (ada, cast["coach"]):
        with pytest.raises(commands.people.queries.MayNot):
            commands.remove_member(viewer=viewer, club_id=club.pk, membership_id=place.pk, now=now)
    with pytest.raises(commands.people.queries.MayNot):
        commands.set_role(viewer=ada, club_id=club.pk, membership_id=place.pk, role=Membership.Role.COACH, now=now)


def test_a_club_that_is_not_there_is_not_found(app, ada):
    assert app(ada).get(f"/api/v1/billing/clubs/{uuid4()}").status_code == 404


def test_a_pupil_does_not_become_the_owner(ada, club, now, app):
    pupil = Membership.objects.get(person=Pupils.one(club).person)
    answer = app(ada).post(
        f"/api/v1/billing/clubs/{club.pk}/owner", {"member": str(pupil.pk)}, content_type="application/json"
    )
    assert answer.status_code == 403
    assert Membership.objects.get(club=club, role="owner").person == ada
