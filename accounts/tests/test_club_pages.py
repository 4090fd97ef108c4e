"""The pages of a club as people use them; who may do what is in test_club_roles, coming in in test_invitations."""

from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import commands
from accounts.models import Club, ClubLogo, Membership, Seat
from accounts.tests.clubs import SubscriptionFactory, a_club, joined
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(display_name="Mina", locale="en")


@pytest.fixture
def browser(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def club(owner):
    return a_club(owner, seats=5)


def text(answer):
    return " ".join(answer.content.decode().split())


class TestFounding:
    def test_with_a_plan_one_form_is_enough(self, owner, browser):
        SubscriptionFactory(person=owner)
        assert "/clubs/new/" in text(browser.get("/clubs/"))
        answer = browser.post("/clubs/new/", {"name": "Hwarang", "seats": 7})
        club = Club.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/clubs/{club.pk}/")
        assert Membership.objects.get().role == "owner"
        assert Seat.objects.count() == 7
        assert "1 of 7 taken" in text(browser.get(answer["Location"]))

    def test_without_one_the_way_leads_to_the_plans(self, browser):
        assert "/subscriptions/" in text(browser.get("/clubs/"))
        answer = browser.post("/clubs/new/", {"name": "Hwarang", "seats": 7})
        assert answer.status_code == 422
        assert "needs a plan" in text(answer)
        assert not Club.objects.exists()

    @pytest.mark.parametrize("typed", [{"name": "", "seats": 3}, {"name": "A", "seats": 0}, {"name": "A", "seats": 21}])
    def test_what_cannot_be_is_refused_beside_its_field(self, owner, browser, typed):
        SubscriptionFactory(person=owner)
        answer = browser.post("/clubs/new/", typed)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in text(answer)


class TestAtAGlance:
    def test_seats_members_belts_and_invitations(self, owner, browser, club):
        ben = UserFactory(display_name="Ben")
        joined(club, ben)
        commands.invite_by_mail(
            viewer=owner, club_id=club.pk, email="kim@dojang.example", role=Membership.Role.COACH, now=timezone.now()
        )
        seen = text(browser.get(f"/clubs/{club.pk}/"))
        assert all(said in seen for said in ("2 of 5 taken", "3 seats are free.", "Ben", "kim@dojang.example", "coach"))

    def test_over_the_limit_it_says_what_to_do(self, owner, browser):
        club = a_club(owner, seats=5, paid=1)
        joined(club, UserFactory())
        seen = text(browser.get(f"/clubs/{club.pk}/"))
        assert "1 seat is paid for, and the club has 5." in seen
        assert "1 person, the latest who joined, goes without" in seen
        assert "without the plan" in seen

    @pytest.mark.parametrize("people", [1, 9])
    def test_it_costs_the_same_for_one_and_for_nine(self, owner, browser, people, django_assert_max_num_queries):
        club = a_club(owner, seats=20)
        for number in range(people):
            joined(club, UserFactory())
            commands.invite_by_mail(
                viewer=owner, club_id=club.pk, email=f"p{number}@dojang.example", role=Membership.Role.MEMBER,
                now=timezone.now(),
            )  # fmt: skip
        browser.get(f"/clubs/{club.pk}/")
        with django_assert_max_num_queries(13):
            browser.get(f"/clubs/{club.pk}/")


class TestSettings:
    def test_name_and_seats(self, browser, club):
        assert browser.post(f"/clubs/{club.pk}/settings/", {"name": "Baekdu", "seats": 3}).status_code == 303
        club.refresh_from_db()
        assert (club.name, club.seats.count()) == ("Baekdu", 3)

    def test_fewer_seats_than_people_are_refused_with_a_sentence_and_the_name_stays_too(self, browser, club):
        for _ in range(2):
            joined(club, UserFactory())
        answer = browser.post(f"/clubs/{club.pk}/settings/", {"name": "Baekdu", "seats": 2})
        assert answer.status_code == 422
        assert "3 people sit in the club." in text(answer)
        club.refresh_from_db()
        assert (club.name, club.seats.count()) == ("Hwarang", 5)


def picture(kind="PNG", size=(900, 500), **more):
    drawn = BytesIO()
    Image.new("RGB", size, "red").save(drawn, kind, **more)
    drawn.seek(0)
    drawn.name = f"logo.{kind.lower()}"
    return drawn


class TestLogo:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_whatever_came_in_a_small_square_png_goes_out(self, browser, club, kind):
        assert browser.post(f"/clubs/{club.pk}/logo/", {"logo": picture(kind)}).status_code == 303
        shown = Client().get(f"/clubs/{club.pk}/logo.png")
        assert shown["Content-Type"] == "image/png"
        assert "immutable" in shown["Cache-Control"]
        assert Image.open(BytesIO(shown.content)).size == (256, 256)
        assert f"/clubs/{club.pk}/logo.png?v=" in text(browser.get(f"/clubs/{club.pk}/"))

    def test_what_the_picture_said_about_where_it_was_taken_is_gone(self, browser, club):
        where = Image.Exif()
        where[0x0132] = "2026:01:01 10:00:00"
        browser.post(f"/clubs/{club.pk}/logo/", {"logo": picture("JPEG", exif=where)})
        assert b"2026:01:01" not in bytes(ClubLogo.objects.get().png)

    @pytest.mark.parametrize(
        ("made", "said"),
        [
            (lambda: BytesIO(b"<svg onload='alert(1)'/>"), "no PNG"),
            (lambda: BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 40), "no PNG"),
            (lambda: BytesIO(b"0" * (2 * 1024 * 1024 + 1)), "larger than 2 MB"),
            (lambda: picture("GIF"), "no PNG"),
            (lambda: picture(size=(6000, 6000)), "too many pixels"),
        ],
        ids=["an SVG with a script", "half a PNG", "too large", "a GIF", "too many pixels"],
    )
    def test_what_is_no_picture_is_refused_with_a_sentence(self, browser, club, made, said):
        given = made()
        given.name = "logo.png"
        answer = browser.post(f"/clubs/{club.pk}/logo/", {"logo": given})
        assert answer.status_code == 422
        assert said in text(answer)
        assert not ClubLogo.objects.exists()

    def test_it_can_be_taken_away(self, browser, club):
        browser.post(f"/clubs/{club.pk}/logo/", {"logo": picture()})
        browser.post(f"/clubs/{club.pk}/logo/", {"remove": "1"})
        assert Client().get(f"/clubs/{club.pk}/logo.png").status_code == 404


class TestHandingOver:
    def test_the_name_has_to_be_typed_and_the_owner_stays_as_a_coach(self, owner, browser, club):
        heir = joined(club, UserFactory())
        wrong = browser.post(f"/clubs/{club.pk}/transfer/", {"heir": heir.pk, "name": "Hwa"})
        assert wrong.status_code == 422
        assert browser.post(f"/clubs/{club.pk}/transfer/", {"heir": heir.pk, "name": "hwarang"}).status_code == 303
        assert dict(Membership.objects.values_list("person", "role")) == {owner.pk: "coach", heir.person_id: "owner"}

    def test_not_to_somebody_who_is_not_in_it(self, browser, club):
        elsewhere = joined(a_club(UserFactory(), name="Elsewhere"), UserFactory())
        answer = browser.post(f"/clubs/{club.pk}/transfer/", {"heir": elsewhere.pk, "name": "Hwarang"})
        assert answer.status_code == 422

    def test_alone_there_is_nobody_to_hand_it_to(self, browser, club):
        assert "There is nobody else" in text(browser.get(f"/clubs/{club.pk}/transfer/"))


class TestLeavingAndClosing:
    def test_the_owner_is_told_to_hand_over_first(self, browser, club):
        assert "Hand it over first" in text(browser.get(f"/clubs/{club.pk}/departure/"))
        assert browser.post(f"/clubs/{club.pk}/departure/").status_code == 409

    def test_a_member_leaves_and_the_seat_is_free(self, club):
        place = joined(club, UserFactory())
        client = Client()
        client.force_login(place.person)
        assert client.post(f"/clubs/{club.pk}/departure/")["Location"] == "/clubs/"
        assert Seat.objects.filter(club=club, membership=None).count() == 4

    def test_alone_the_owner_closes_it_by_typing_its_name(self, browser, club):
        assert browser.post(f"/clubs/{club.pk}/closure/", {"name": "x"}).status_code == 422
        assert browser.post(f"/clubs/{club.pk}/closure/", {"name": "Hwarang"}).status_code == 303
        assert not Club.objects.exists()

    def test_with_others_in_it_it_stays_open(self, browser, club):
        joined(club, UserFactory())
        answer = browser.post(f"/clubs/{club.pk}/closure/", {"name": "Hwarang"})
        assert answer.status_code == 422
        assert Club.objects.exists()
