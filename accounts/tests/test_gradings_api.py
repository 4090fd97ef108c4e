"""Gradings and belts as the app asks for them."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from accounts.models import CandidatePart
from accounts.tests.belts import a_candidate, a_grading, awarded
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory

TOKEN = 1
"""Questions that knowing whose token it is takes."""


@pytest.fixture
def club(ada, ben):
    club = a_club(ada, seats=8)
    joined(club, ben)
    return club


def of(answer):
    return [item["held_on"] for item in answer.json()["items"]]


class TestGradings:
    def test_those_of_my_clubs_and_mine_the_last_day_first(self, app, ada, ben, cleo, club):
        a_grading(club, ada, held_on=date(2026, 12, 5), examiner=None, guest_examiner="Sabum Kim")
        elsewhere = a_club(cleo)
        a_candidate(a_grading(elsewhere, cleo, held_on=date(2026, 5, 1)), ben)
        a_grading(elsewhere, cleo, held_on=date(2026, 6, 1))
        answer = app(ben).get("/api/v1/gradings")
        assert of(answer) == ["2026-12-05", "2026-05-01"]
        first, second = answer.json()["items"]
        assert (first["club"], first["club_id"], first["place"]) == ("Hwarang", str(club.pk), "Hall 2")
        assert (first["examiner"], first["state"], first["me"]) == ("Sabum Kim", "planned", None)
        assert (second["examiner"], second["me"]) == ("Cleo", {"belt": 9, "result": None})

    def test_page_by_page_in_both_orders(self, app, ada, ben, club):
        days = [date(2026, 1, 1) + timedelta(days=number) for number in range(5)]
        for day in days:
            a_grading(club, ada, held_on=day)
        phone = app(ben)
        for ordering, expected in (("held_on", days), ("-held_on", days[::-1])):
            seen, cursor = [], ""
            while cursor is not None:
                answer = phone.get("/api/v1/gradings", {"limit": 2, "ordering": ordering, "cursor": cursor})
                seen += of(answer)
                cursor = answer.json()["next"]
            assert seen == [day.isoformat() for day in expected]

    @pytest.mark.parametrize("wrong", [{"limit": 201}, {"ordering": "place"}, {"cursor": "x"}, {"club": "1"}])
    def test_what_cannot_be_asked_is_refused(self, app, ben, club, wrong):
        assert app(ben).get("/api/v1/gradings", wrong).status_code == 422

    @pytest.mark.parametrize("address", ["/api/v1/gradings", f"/api/v1/gradings/{UUID(int=7)}", "/api/v1/belts/me"])
    def test_nobody_is_nobody(self, client, signed_in, address):
        assert signed_in.get(address).status_code == 401

    @pytest.mark.parametrize("size", [1, 6])
    def test_as_many_questions_for_many_as_for_one(self, app, ada, ben, club, size, django_assert_num_queries):
        phone = app(ben)
        for number in range(size):
            a_candidate(a_grading(club, ada, held_on=date(2026, 1, 1 + number)), ben)
        phone.get("/api/v1/gradings")
        with django_assert_num_queries(TOKEN + 3):
            assert len(of(phone.get("/api/v1/gradings"))) == size


class TestOneGrading:
    def test_a_member_is_told_the_day_and_their_own_row(self, app, ada, ben, club):
        grading = a_grading(club, ada, parts=["tul", "theory"])
        a_candidate(grading, ben, result="passed")
        other = UserFactory()
        joined(club, other)
        a_candidate(grading, other)
        told = app(ben).get(f"/api/v1/gradings/{grading.pk}").json()
        assert (told["parts"], told["candidates"]) == (["tul", "theory"], None)
        assert told["me"] == {"belt": 9, "result": None}

    def test_the_result_is_told_when_it_is_final(self, app, ada, ben, club, now):
        grading = a_grading(club, ada)
        a_candidate(grading, ben, result="failed")
        type(grading).objects.update(closed_at=now)
        told = app(ben).get(f"/api/v1/gradings/{grading.pk}").json()
        assert (told["state"], told["me"]["result"]) == ("closed", "failed")

    def test_who_holds_it_is_told_everybody(self, app, ada, ben, club):
        grading = a_grading(club, ada)
        candidate = a_candidate(grading, ben, result="passed", note="Good stances")
        CandidatePart.objects.create(candidate=candidate, part="tul", passed=True)
        told = app(ada).get(f"/api/v1/gradings/{grading.pk}").json()
        assert told["candidates"] == [
            {"name": "Ben", "belt": 9, "result": "passed", "parts": {"tul": True}, "note": "Good stances"}
        ]
        assert told["me"] is None

    def test_strangers_find_nothing(self, app, ada, cleo, club):
        answer = app(cleo).get(f"/api/v1/gradings/{a_grading(club, ada).pk}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestMyBelts:
    def test_what_stands_and_where_it_can_be_checked(self, app, ada, ben, club, settings):
        first = awarded(ben, 9, ada)
        right = awarded(ben, 8, ada, corrects=first, reason="Typed wrongly")
        told = app(ben).get("/api/v1/belts/me").json()
        assert told == {
            "belt": 8,
            "history": [
                {
                    "id": str(right.pk), "belt": 8, "awarded_on": "2026-06-01", "club": "Hwarang",
                    "is_correction": True, "code": right.code,
                    "verification_url": f"{settings.PUBLIC_URL}/certificates/{right.code}/",
                }
            ],
        }  # fmt: skip

    def test_a_beginner_has_none(self, app, cleo):
        assert app(cleo).get("/api/v1/belts/me").json() == {"belt": None, "history": []}
