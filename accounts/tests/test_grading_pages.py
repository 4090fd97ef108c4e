"""The pages of belts and gradings, as a member, those who teach, an examiner and a stranger find them."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import commands
from accounts.models import BeltAward, Candidate, Grading
from accounts.queries import Role
from accounts.tests.belts import DAY, a_candidate, a_grading, awarded
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _in_english(ada, cleo):
    for person in (ada, cleo):
        person.locale = "en"
        person.save()


@pytest.fixture
def club(ada, ben):
    club = a_club(ada, seats=20)
    joined(club, ben)
    return club


@pytest.fixture
def teaching(client, ada, club):
    client.force_login(ada)
    return client


@pytest.fixture
def grading(club, ada):
    return a_grading(club, ada)


@pytest.fixture
def coming():
    return timezone.localdate() + timedelta(days=14)


class TestMyBelts:
    def test_belt_history_and_the_next_day(self, signed_in, ada, ben, club, coming):
        awarded(ben, 10, ada, awarded_on=date(2025, 6, 1))
        last = awarded(ben, 9, ada)
        a_candidate(a_grading(club, ada, held_on=coming), ben, 8)
        answer = signed_in.get("/belts/mine/")
        assert answer.status_code == 200
        for said in ("9th kup", "10th kup", "You try for 8th kup.", f"/belts/{last.pk}/certificate.pdf", "Hall 2"):
            assert said in answer.text
        assert "/correction/" not in answer.text

    def test_a_correction_is_told_with_its_reason(self, signed_in, ada, ben, club):
        first = awarded(ben, 9, ada)
        awarded(ben, 8, ada, corrects=first, reason="Typed wrongly")
        text = signed_in.get("/belts/mine/").text
        assert "before it said 9th kup" in text
        assert "Typed wrongly" in text

    def test_a_beginner_reads_what_will_be_here(self, client, cleo):
        client.force_login(cleo)
        assert "No belt was written down here yet." in client.get("/belts/mine/").text

    def test_those_who_teach_find_their_gradings(self, teaching, club):
        assert f"/clubs/{club.pk}/gradings/" in teaching.get("/belts/mine/").text

    @pytest.mark.parametrize("size", [1, 6])
    def test_as_many_questions_for_many_as_for_one(self, signed_in, ada, ben, size, coming, django_assert_num_queries):
        club = a_club(ada)
        joined(club, ben)
        for number in range(size):
            a_candidate(a_grading(club, ada, held_on=coming + timedelta(days=number)), ben)
            awarded(ben, 9 - number, ada, awarded_on=date(2025, 1 + number, 1))
        signed_in.get("/belts/mine/")
        with django_assert_num_queries(6):
            signed_in.get("/belts/mine/")


class TestTheDaysOfAClub:
    def test_members_see_days_and_nothing_to_press(self, signed_in, ada, club, coming):
        a_grading(club, ada, held_on=coming)
        answer = signed_in.get(f"/clubs/{club.pk}/gradings/")
        assert answer.status_code == 200
        assert "Hall 2" in answer.text
        assert "Set a day" not in answer.text
        assert "candidate" not in answer.text

    def test_those_who_teach_set_a_day(self, teaching, ada, club, coming):
        given = {"held_on": coming.isoformat(), "place": "Hall 3", "examiner": str(ada.actor_id), "parts": ["tul"]}
        answer = teaching.post(f"/clubs/{club.pk}/gradings/new/", given)
        day = Grading.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/gradings/{day.pk}/")
        assert (day.place, day.examiner, day.parts) == ("Hall 3", ada.actor_id, ["tul"])

    def test_one_examiner_and_a_day_are_asked_for_beside_the_fields(self, teaching, ada, club):
        answer = teaching.post(
            f"/clubs/{club.pk}/gradings/new/", {"examiner": str(ada.actor_id), "guest_examiner": "Sabum Kim"}
        )
        assert answer.status_code == 422
        assert "There is one examiner" in answer.text
        assert "id_held_on_error" in answer.text

    def test_members_and_strangers_set_none(self, client, ben, cleo, club):
        for person, status in ((ben, 403), (cleo, 404)):
            client.force_login(person)
            assert client.get(f"/clubs/{club.pk}/gradings/new/").status_code == status
        assert client.get(f"/clubs/{club.pk}/gradings/").status_code == 404

    @pytest.mark.parametrize("size", [1, 8])
    def test_as_many_questions_for_many_as_for_one(self, teaching, ada, ben, club, size, django_assert_num_queries):
        for number in range(size):
            a_candidate(a_grading(club, ada, held_on=date(2026, 1, 1 + number)), ben)
        teaching.get(f"/clubs/{club.pk}/gradings/")
        with django_assert_num_queries(5):
            teaching.get(f"/clubs/{club.pk}/gradings/")


class TestOneDay:
    def test_members_see_day_place_and_their_own_row(self, signed_in, ben, club, grading):
        other = UserFactory(display_name="Somebody else")
        joined(club, other)
        a_candidate(grading, ben, 9, result="failed", note="Stances")
        a_candidate(grading, other, 9)
        text = signed_in.get(f"/gradings/{grading.pk}/").text
        assert "9th kup" in text
        for unsaid in ("Somebody else", "Result", "Stances", "Save"):
            assert unsaid not in text

    def test_strangers_find_nothing(self, client, cleo, ben, grading):
        candidate = a_candidate(grading, ben)
        client.force_login(cleo)
        for path in ("", "settings/", "list/", "closure/", "cancellation/"):
            assert client.get(f"/gradings/{grading.pk}/{path}").status_code == 404
        assert client.get(f"/candidates/{candidate.pk}/").status_code == 404
        assert client.post(f"/candidates/{candidate.pk}/withdrawal/").status_code == 404

    def test_members_change_nothing(self, signed_in, ben, grading):
        candidate = a_candidate(grading, ben)
        for path in ("settings/", "list/", "closure/", "cancellation/"):
            assert signed_in.get(f"/gradings/{grading.pk}/{path}").status_code == 404
        assert signed_in.post(f"/candidates/{candidate.pk}/", {"result": "passed"}).status_code == 404
        assert signed_in.post(f"/gradings/{grading.pk}/closure/").status_code == 404
        candidate.refresh_from_db()
        assert candidate.result == ""

    @pytest.mark.parametrize("size", [2, 8])
    def test_as_many_questions_for_many_as_for_one(self, teaching, club, grading, size, django_assert_num_queries):
        for number in range(size):
            listed, free = UserFactory(), UserFactory()
            for person in (listed, free):
                joined(club, person)
            awarded(free, 9, UserFactory())
            a_candidate(grading, listed, 9, result="passed" if number else "")
        teaching.get(f"/gradings/{grading.pk}/")
        with django_assert_num_queries(9):
            answer = teaching.get(f"/gradings/{grading.pk}/")
        assert answer.text.count('name="note"') == size

    def test_it_is_changed(self, teaching, grading):
        given = {"held_on": "2026-11-19", "place": "Hall 9", "guest_examiner": "Sabum Kim", "parts": ["tul", "theory"]}
        assert teaching.get(f"/gradings/{grading.pk}/settings/").status_code == 200
        assert teaching.post(f"/gradings/{grading.pk}/settings/", given).status_code == 303
        grading.refresh_from_db()
        assert (grading.place, grading.examiner, grading.guest_examiner) == ("Hall 9", None, "Sabum Kim")

    def test_it_is_called_off(self, teaching, grading):
        assert teaching.get(f"/gradings/{grading.pk}/cancellation/").status_code == 200
        assert teaching.post(f"/gradings/{grading.pk}/cancellation/").status_code == 303
        assert "called off" in teaching.get(f"/gradings/{grading.pk}/").text
        assert teaching.post(f"/gradings/{grading.pk}/cancellation/").status_code == 422

    def test_a_list_for_the_examiners_board(self, teaching, ben, grading):
        a_candidate(grading, ben)
        text = teaching.get(f"/gradings/{grading.pk}/list/").text
        assert "Ben" in text
        assert text.count("☐") == len(grading.parts)


class TestEnrolling:
    def test_members_are_offered_with_the_belt_that_comes_next(self, teaching, ada, ben, grading):
        awarded(ben, 8, ada)
        text = teaching.get(f"/gradings/{grading.pk}/").text
        assert '<option value="7" selected>' in text

    def test_a_member_is_enrolled(self, teaching, ben, grading):
        answer = teaching.post(f"/gradings/{grading.pk}/candidates/", {"person": str(ben.actor_id), "belt": "9"})
        assert answer.status_code == 303
        assert Candidate.objects.get().person == ben

    def test_what_cannot_be_is_told_in_a_sentence(self, teaching, ada, ben, grading):
        awarded(ben, 8, ada)
        answer = teaching.post(f"/gradings/{grading.pk}/candidates/", {"person": str(ben.actor_id), "belt": "8"})
        assert answer.status_code == 422
        assert "Ben had this belt, or a higher one, already on that day." in answer.text

    @pytest.mark.parametrize("given", [{}, {"person": "x", "belt": "9"}, {"belt": "99"}])
    def test_half_a_form_is_refused(self, teaching, ben, grading, given):
        answer = teaching.post(f"/gradings/{grading.pk}/candidates/", {"person": str(ben.actor_id)} | given)
        assert answer.status_code == 422

    def test_whoever_is_not_of_the_club_is_not_found(self, teaching, cleo, grading):
        answer = teaching.post(f"/gradings/{grading.pk}/candidates/", {"person": str(cleo.actor_id), "belt": "9"})
        assert answer.status_code == 404

    def test_somebody_is_taken_off_the_list(self, teaching, ben, grading):
        answer = teaching.post(f"/candidates/{a_candidate(grading, ben).pk}/withdrawal/")
        assert answer.status_code == 303
        assert not Candidate.objects.exists()


class TestJudging:
    GIVEN = {"parts": ["tul", "basics"], "result": "passed", "note": "Good stances"}

    def test_without_a_script_the_page_comes_back(self, teaching, ben, grading):
        candidate = a_candidate(grading, ben)
        answer = teaching.post(f"/candidates/{candidate.pk}/", self.GIVEN)
        assert (answer.status_code, answer["Location"]) == (303, f"/gradings/{grading.pk}/#candidate-{candidate.pk}")
        candidate.refresh_from_db()
        assert (candidate.result, candidate.note) == ("passed", "Good stances")
        seen = dict(candidate.parts.values_list("part", "passed"))
        assert seen == {part: part in {"tul", "basics"} for part in grading.parts}

    def test_with_a_script_only_the_piece_comes_back(self, teaching, ben, grading):
        candidate = a_candidate(grading, ben)
        answer = teaching.post(f"/candidates/{candidate.pk}/", self.GIVEN, headers=HTMX)
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert f'id="candidate-{candidate.pk}"' in answer.text
        assert "saved" in answer.text

    def test_while_it_is_open_what_is_not_ticked_may_still_come(self, teaching, ben, grading):
        candidate = a_candidate(grading, ben)
        teaching.post(f"/candidates/{candidate.pk}/", {"parts": ["tul"], "result": ""})
        assert list(candidate.parts.values_list("part", "passed")) == [("tul", True)]

    def test_who_was_absent_has_shown_nothing(self, teaching, ben, grading):
        candidate = a_candidate(grading, ben)
        teaching.post(f"/candidates/{candidate.pk}/", {"parts": ["tul"], "result": "absent"})
        assert not candidate.parts.exists()

    def test_when_all_that_is_asked_went_well_it_says_so(self, teaching, ben, grading):
        candidate = a_candidate(grading, ben)
        answer = teaching.post(f"/candidates/{candidate.pk}/", {"parts": grading.parts, "result": ""}, headers=HTMX)
        assert "All that is asked was passed." in answer.text

    @pytest.mark.parametrize("wrong", [{"result": "maybe"}, {"parts": ["singing"]}, {"note": "x" * 301}])
    def test_what_cannot_be_comes_back_with_its_errors(self, teaching, ben, grading, wrong):
        candidate = a_candidate(grading, ben)
        for headers in ({}, HTMX):
            answer = teaching.post(f"/candidates/{candidate.pk}/", self.GIVEN | wrong, headers=headers)
            assert answer.status_code == 422
            assert "field__errors" in answer.text
        assert not candidate.parts.exists()

    def test_after_closing_it_is_refused_with_a_sentence(self, teaching, ada, ben, grading, now):
        candidate = a_candidate(grading, ben, result="failed")
        commands.close_grading(grading=grading, by=ada, now=now)
        answer = teaching.post(f"/candidates/{candidate.pk}/", self.GIVEN)
        assert answer.status_code == 422
        assert "This grading is closed or called off." in answer.text

    def test_an_examiner_of_the_staff_judges_and_closes(self, client, otto, ben, grading, now):
        commands.grant_role(person=otto, role=Role.EXAMINER, by=None, now=now)
        client.force_login(otto)
        candidate = a_candidate(grading, ben)
        assert client.post(f"/candidates/{candidate.pk}/", self.GIVEN).status_code == 303
        assert client.post(f"/gradings/{grading.pk}/closure/").status_code == 303
        assert BeltAward.objects.get().awarded_by == otto.actor_id


class TestClosing:
    def test_it_asks_first_and_then_gives_the_belts(self, teaching, ben, grading):
        a_candidate(grading, ben, 9, result="passed")
        asked = teaching.get(f"/gradings/{grading.pk}/closure/")
        assert "Close and award the belts" in asked.text
        assert not BeltAward.objects.exists()
        answer = teaching.post(f"/gradings/{grading.pk}/closure/", follow=True)
        assert "Closed. 1 belt was awarded." in answer.text
        assert BeltAward.objects.get().awarded_on == DAY

    def test_what_is_missing_is_told_by_name(self, teaching, ben, grading):
        a_candidate(grading, ben)
        answer = teaching.post(f"/gradings/{grading.pk}/closure/")
        assert answer.status_code == 422
        assert "1 candidate has no result yet: Ben" in answer.text

    def test_a_second_time_is_refused_with_a_sentence(self, teaching, ben, grading):
        a_candidate(grading, ben, 9, result="passed")
        teaching.post(f"/gradings/{grading.pk}/closure/")
        answer = teaching.post(f"/gradings/{grading.pk}/closure/")
        assert answer.status_code == 422
        assert "This grading is closed or called off." in answer.text
        assert BeltAward.objects.count() == 1


class TestTheBeltsOfAMember:
    @pytest.fixture
    def address(self, club, ben):
        return f"/clubs/{club.pk}/members/{ben.memberships.get().pk}/belts/"

    def test_those_who_teach_give_one_without_a_grading(self, teaching, ben, address):
        assert teaching.get(address).status_code == 200
        assert teaching.post(address, {"belt": "5", "awarded_on": "2024-05-01"}).status_code == 303
        assert BeltAward.objects.get().belt == 5

    def test_what_does_not_fit_is_told(self, teaching, ada, ben, address):
        awarded(ben, 8, ada)
        answer = teaching.post(address, {"belt": "8", "awarded_on": "2026-07-01"})
        assert answer.status_code == 422
        assert "Ben had this belt, or a higher one, already on that day." in answer.text
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        assert "still to come" in teaching.post(address, {"belt": "7", "awarded_on": tomorrow}).text
        assert "too long ago" in teaching.post(address, {"belt": "7", "awarded_on": "1954-01-01"}).text

    def test_nobody_else_comes_in(self, client, ben, cleo, ada, club, address):
        own = f"/clubs/{club.pk}/members/{ada.memberships.get().pk}/belts/"
        for person, path in ((ben, address), (cleo, address), (ada, own)):
            client.force_login(person)
            assert client.get(path).status_code == 404

    def test_an_award_is_corrected_by_a_row_of_its_own(self, teaching, ada, ben, club):
        award = awarded(ben, 8, ada)
        page = f"/belts/{award.pk}/correction/"
        assert teaching.get(page).status_code == 200
        answer = teaching.post(page, {"belt": "9", "awarded_on": "2026-06-01", "reason": "Typed wrongly"})
        assert (answer.status_code, answer["Location"]) == (303, f"/belts/of/{ben.actor_id}/")
        assert "before it said 8th kup" in teaching.get(f"/belts/of/{ben.actor_id}/").text
        assert teaching.get(page).status_code == 404

    def test_it_is_taken_back(self, teaching, ada, ben, club):
        award = awarded(ben, 8, ada)
        given = {"belt": "8", "awarded_on": "2026-06-01", "is_void": "on", "reason": "Somebody else"}
        teaching.post(f"/belts/{award.pk}/correction/", given)
        assert BeltAward.objects.get(corrects=award).is_void
        text = teaching.get(f"/belts/of/{ben.actor_id}/").text
        assert "Taken back" in text
        assert "Somebody else" in text

    def test_a_reason_and_a_difference_are_asked_for(self, teaching, ada, ben, club):
        award = awarded(ben, 8, ada)
        same = {"belt": "8", "awarded_on": "2026-06-01"}
        assert "id_reason_error" in teaching.post(f"/belts/{award.pk}/correction/", same).text
        answer = teaching.post(f"/belts/{award.pk}/correction/", same | {"reason": "None"})
        assert answer.status_code == 422
        assert "This is what the award says already." in answer.text

    @pytest.mark.parametrize("who", ["ben", "cleo"])
    def test_neither_oneself_nor_strangers_correct(self, request, client, ada, ben, club, who):
        award = awarded(ben, 8, ada)
        client.force_login(request.getfixturevalue(who))
        assert client.get(f"/belts/{award.pk}/correction/").status_code == 404
        assert client.get(f"/belts/of/{ben.actor_id}/").status_code == 404
