"""Gradings: a day is planned, members are enrolled and judged, and closing it awards the belts once."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts import commands, queries
from accounts.models import BeltAward, Candidate, CandidatePart, Club, Grading, Notice
from accounts.queries import Role
from accounts.rules import belts as rules
from accounts.tests.belts import DAY, a_candidate, a_grading, at_once, awarded, refused, sql
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory
from project.foundation.audit.models import AuditEvent


@pytest.fixture
def club(ada, ben):
    club = a_club(ada, seats=8)
    joined(club, ben)
    return club


@pytest.fixture
def coach(club):
    person = UserFactory(display_name="Dan")
    joined(club, person, role="coach")
    return person


@pytest.fixture
def grading(club, ada):
    return a_grading(club, ada)


class TestPlanning:
    def test_a_day_with_place_examiner_and_parts(self, ada, club, now):
        grading = commands.plan_grading(
            club=club, held_on=date(2026, 12, 5), place="Hall 2", examiner=ada, parts=["theory", "tul"], by=ada, now=now
        )
        grading.refresh_from_db()
        assert (grading.club_name, grading.examiner, grading.parts) == ("Hwarang", ada.actor_id, ["tul", "theory"])
        assert AuditEvent.objects.get(type="grading.planned").actor_id == ada.actor_id

    def test_members_hear_of_a_day_to_come_and_of_no_other(self, ada, ben, club, now):
        commands.plan_grading(club=club, held_on=DAY, by=ada, now=now)
        assert not Notice.objects.exists()
        grading = commands.plan_grading(club=club, held_on=date(2026, 12, 5), by=ada, now=now)
        told = Notice.objects.get()
        assert (told.person, told.kind, told.facts) == (ben, "grading_planned", {"grading": str(grading.pk)})

    def test_members_and_strangers_plan_nothing(self, ben, cleo, club, now):
        with pytest.raises(queries.MayNot):
            commands.plan_grading(club=club, held_on=DAY, by=ben, now=now)
        with pytest.raises(Club.DoesNotExist):
            commands.plan_grading(club=club, held_on=DAY, by=cleo, now=now)

    def test_another_day_is_told_and_another_examiner_is_not(self, ada, ben, club, now):
        grading = a_grading(club, ada, held_on=date(2026, 12, 5))
        same = {"grading": grading, "place": "Hall 2", "by": ada}
        commands.change_grading(held_on=date(2026, 12, 5), guest_examiner="Sabum Kim", now=now, **same)
        assert not Notice.objects.exists()
        commands.change_grading(held_on=date(2026, 12, 6), guest_examiner="Sabum Kim", now=now, **same)
        assert Notice.objects.get().person == ben
        trail = AuditEvent.objects.filter(type="grading.changed").order_by("pk")
        assert [event.payload["fields"] for event in trail] == [["guest_examiner", "examiner"], ["held_on"]]

    def test_a_candidate_does_not_become_the_examiner(self, ada, coach, club, grading, now):
        a_candidate(grading, coach, 1)
        with pytest.raises(commands.ExaminesThemselves):
            commands.change_grading(grading=grading, held_on=DAY, place="", examiner=coach, by=ada, now=now)

    def test_what_was_called_off_stays_so(self, ada, club, grading, now):
        commands.cancel_grading(grading=grading, by=ada, now=now)
        for deed in (
            lambda: commands.cancel_grading(grading=grading, by=ada, now=now),
            lambda: commands.change_grading(grading=grading, held_on=DAY, place="", by=ada, now=now),
            lambda: commands.enrol(grading=grading, person=ada, belt=9, by=ada, now=now),
            lambda: commands.close_grading(grading=grading, by=ada, now=now),
        ):
            with pytest.raises(commands.GradingOver):
                deed()


class TestEnrolling:
    def test_a_member_tries_for_a_belt(self, ada, ben, grading, now):
        candidate = commands.enrol(grading=grading, person=ben, belt=9, by=ada, now=now)
        assert (candidate.person, candidate.belt, candidate.result) == (ben, 9, "")

    def test_again_changes_the_belt(self, ada, ben, grading, now):
        first = commands.enrol(grading=grading, person=ben, belt=9, by=ada, now=now)
        assert commands.enrol(grading=grading, person=ben, belt=8, by=ada, now=now) == first
        assert Candidate.objects.get().belt == 8

    def test_only_members(self, ada, cleo, grading, now):
        with pytest.raises(commands.NotAMember):
            commands.enrol(grading=grading, person=cleo, belt=9, by=ada, now=now)

    def test_the_examiner_does_not_try(self, ada, grading, now):
        with pytest.raises(commands.ExaminesThemselves):
            commands.enrol(grading=grading, person=ada, belt=0, by=ada, now=now)

    def test_a_belt_that_follows(self, ada, ben, grading, now):
        awarded(ben, 8, ada)
        with pytest.raises(commands.BeltRefused) as refusal:
            commands.enrol(grading=grading, person=ben, belt=8, by=ada, now=now)
        assert refusal.value.objection is rules.Objection.NOT_HIGHER

    def test_who_does_not_teach_there_enrols_nobody(self, ben, cleo, grading, now):
        for by in (ben, cleo):
            with pytest.raises(queries.MayNot):
                commands.enrol(grading=grading, person=ben, belt=9, by=by, now=now)

    def test_somebody_is_taken_off_the_list(self, ada, ben, grading, now):
        candidate = a_candidate(grading, ben)
        commands.withdraw(candidate=candidate, by=ada, now=now)
        commands.withdraw(candidate=candidate, by=ada, now=now)
        assert not Candidate.objects.exists()

    def test_members_who_can_be_enrolled_with_what_comes_next(self, ada, ben, coach, club, grading):
        awarded(ben, 8, ada)
        listed = UserFactory()
        joined(club, listed)
        a_candidate(grading, listed)
        found = queries.enrollable(grading=grading)
        assert [(each.person, each.belt, each.next) for each in found] == [(ben, 8, 7), (coach, None, 9)]


class TestJudging:
    def test_parts_result_and_note_can_be_changed_until_the_day_is_closed(self, ada, ben, grading, now):
        candidate = a_candidate(grading, ben)
        seen = {"candidate": candidate, "by": ada, "now": now}
        commands.record_result(parts={"tul": True, "theory": False}, result="", note="", **seen)
        commands.record_result(parts={"tul": True}, result="passed", note="Good stances", **seen)
        candidate.refresh_from_db()
        assert (candidate.result, candidate.note) == ("passed", "Good stances")
        assert list(candidate.parts.values_list("part", "passed")) == [("tul", True)]

    def test_nobody_judges_themselves(self, coach, grading, now):
        with pytest.raises(commands.ExaminesThemselves):
            commands.record_result(
                candidate=a_candidate(grading, coach, 1), parts={}, result="passed", note="", by=coach, now=now
            )

    def test_members_judge_nobody(self, ben, grading, now):
        with pytest.raises(queries.MayNot):
            commands.record_result(
                candidate=a_candidate(grading, ben), parts={}, result="passed", note="", by=ben, now=now
            )

    def test_an_examiner_of_the_staff_judges_anywhere(self, otto, ben, grading, now):
        commands.grant_role(person=otto, role=Role.EXAMINER, by=None, now=now)
        candidate = a_candidate(grading, ben)
        commands.record_result(candidate=candidate, parts={}, result="failed", note="", by=otto, now=now)
        assert queries.grading(viewer=otto, grading_id=grading.pk).holds

    def test_who_was_taken_off_the_list_has_no_result(self, ada, ben, grading, now):
        candidate = a_candidate(grading, ben)
        Candidate.objects.all().delete()
        with pytest.raises(Candidate.DoesNotExist):
            commands.record_result(candidate=candidate, parts={}, result="passed", note="", by=ada, now=now)


class TestClosing:
    def test_whoever_passed_has_the_belt_of_that_day(self, ada, ben, club, grading, now):
        other = UserFactory()
        joined(club, other)
        passed, failed = a_candidate(grading, ben, 9, result="passed"), a_candidate(grading, other, 8, result="failed")
        [award] = commands.close_grading(grading=grading, by=ada, now=now)
        assert (award.person, award.belt, award.awarded_on, award.candidate) == (ben, 9, DAY, passed)
        assert award.club_name == "Hwarang"
        assert not BeltAward.objects.filter(candidate=failed).exists()
        grading.refresh_from_db()
        assert grading.closed_at == now
        assert AuditEvent.objects.get(type="grading.closed").payload == {"candidates": 2, "passed": 1}

    def test_a_second_time_is_refused(self, ada, ben, grading, now):
        a_candidate(grading, ben, 9, result="passed")
        commands.close_grading(grading=grading, by=ada, now=now)
        with pytest.raises(commands.GradingOver):
            commands.close_grading(grading=grading, by=ada, now=now)
        assert BeltAward.objects.count() == 1

    def test_everybody_has_a_result(self, ada, ben, grading, now):
        candidate = a_candidate(grading, ben)
        with pytest.raises(commands.ResultsMissing) as refusal:
            commands.close_grading(grading=grading, by=ada, now=now)
        assert refusal.value.candidates == [candidate]

    def test_without_candidates_examiner_or_before_the_day_it_stays_open(self, ada, ben, club, now):
        empty = a_grading(club, ada)
        nobody = a_grading(club, ada, examiner=None)
        tomorrow = a_grading(club, ada, held_on=now.date() + timedelta(days=1))
        for grading, refusal in (
            (empty, commands.NotCandidates),
            (nobody, commands.NoExaminer),
            (tomorrow, commands.NotYet),
        ):
            with pytest.raises(refusal):
                commands.close_grading(grading=grading, by=ada, now=now)

    def test_a_belt_got_in_the_meantime_undoes_all_of_it(self, ada, ben, club, grading, now):
        other = UserFactory()
        joined(club, other)
        for person in (ben, other):
            a_candidate(grading, person, 9, result="passed")
        awarded(other, 9, ada, awarded_on=DAY)
        with pytest.raises(commands.BeltRefused) as refusal:
            commands.close_grading(grading=grading, by=ada, now=now)
        assert refusal.value.person == other
        assert not BeltAward.objects.filter(person=ben).exists()

    def test_who_passed_does_not_close_it_and_who_left_the_club_still_has_the_belt(self, ada, ben, coach, grading, now):
        for person in (coach, ben):
            a_candidate(grading, person, 9, result="passed")
        ben.memberships.all().delete()
        with pytest.raises(commands.ExaminesThemselves):
            commands.close_grading(grading=grading, by=coach, now=now)
        commands.close_grading(grading=grading, by=ada, now=now)
        assert queries.belts_of(people=[ben, coach]) == {ben.pk: 9, coach.pk: 9}

    @pytest.mark.django_db(transaction=True)
    def test_of_many_who_close_it_at_once_one_does(self, ada, ben, coach, club, grading, now):
        people = [ben, *(UserFactory() for _ in range(3))]
        for person in people[1:]:
            joined(club, person)
        for person in people:
            a_candidate(grading, person, 9, result="passed")
        outcomes = at_once(
            [lambda by=by: commands.close_grading(grading=grading, by=by, now=now) for by in (ada, coach) * 3]
        )
        assert outcomes == Counter({"GradingOver": 5, "list": 1})
        assert BeltAward.objects.count() == len(people)

    @pytest.mark.django_db(transaction=True)
    def test_two_days_with_the_same_people_are_closed_at_once_without_a_deadlock(self, ada, ben, coach, club, now):
        days = [a_grading(club, ada), a_grading(club, ada)]
        for day, people in zip(days, ([ben, coach], [coach, ben]), strict=True):
            for person in people:
                a_candidate(day, person, 9, result="passed")
        outcomes = at_once([lambda day=day: commands.close_grading(grading=day, by=ada, now=now) for day in days * 2])
        assert set(outcomes) <= {"list", "BeltRefused", "GradingOver"}
        assert outcomes["list"] == 1
        assert BeltAward.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_nobody_slips_onto_the_list_of_a_day_that_is_being_closed(self, ada, ben, coach, grading, now):
        a_candidate(grading, ben, 9, result="passed")
        outcomes = at_once([
            lambda: commands.close_grading(grading=grading, by=ada, now=now),
            lambda: commands.enrol(grading=grading, person=coach, belt=1, by=ada, now=now),
        ])  # fmt: skip
        assert outcomes in (
            Counter({"list": 1, "GradingOver": 1}),
            Counter({"ResultsMissing": 1, "Candidate": 1}),
        )


class TestWhoSeesWhat:
    def test_those_who_teach_see_everybody(self, ada, ben, coach, grading):
        for person in (ben, coach):
            a_candidate(grading, person)
        sheet = queries.grading(viewer=ada, grading_id=grading.pk)
        assert (sheet.holds, len(sheet.entries), sheet.open_results) == (True, 2, 2)

    def test_members_see_their_own_row_only(self, ben, coach, grading):
        own = a_candidate(grading, ben)
        a_candidate(grading, coach)
        sheet = queries.grading(viewer=ben, grading_id=grading.pk)
        assert (sheet.holds, [entry.candidate for entry in sheet.entries]) == (False, [own])
        with pytest.raises(Grading.DoesNotExist):
            queries.grading_held(viewer=ben, grading_id=grading.pk)
        with pytest.raises(Candidate.DoesNotExist):
            queries.entry(viewer=ben, candidate_id=own.pk)

    def test_strangers_see_nothing(self, cleo, club, grading, now):
        with pytest.raises(Grading.DoesNotExist):
            queries.grading(viewer=cleo, grading_id=grading.pk)
        with pytest.raises(Club.DoesNotExist):
            queries.gradings_of_club(viewer=cleo, club_id=club.pk, now=now)

    def test_a_candidate_still_sees_the_day_after_leaving_the_club(self, ben, grading):
        a_candidate(grading, ben)
        ben.memberships.all().delete()
        assert queries.grading(viewer=ben, grading_id=grading.pk).own

    def test_days_to_come_are_first_and_a_day_that_waits_for_its_results_is_among_them(self, ada, ben, club, now):
        past = a_grading(club, ada, held_on=date(2026, 5, 1))
        waiting = a_grading(club, ada)
        a_candidate(waiting, ben)
        near, far = (a_grading(club, ada, held_on=date(2026, 12, day)) for day in (5, 19))
        off = a_grading(club, ada, held_on=date(2026, 12, 6), canceled_at=now)
        days = queries.gradings_of_club(viewer=ben, club_id=club.pk, now=now)
        assert [day.grading for day in days.upcoming] == [waiting, near, far]
        assert [day.grading for day in days.past] == [off, past]
        assert [day.grading for day in queries.next_gradings(viewer=ben, now=now)] == [near, far]

    def test_the_belt_in_which_somebody_came_is_shown_also_after_the_day(self, ada, ben, grading, now):
        awarded(ben, 10, ada)
        a_candidate(grading, ben, 9, result="passed")
        [award] = commands.close_grading(grading=grading, by=ada, now=now)
        commands.correct_award(award=award, belt=8, reason="Two at once", by=ada, now=now)
        [entry] = queries.grading(viewer=ada, grading_id=grading.pk).entries
        assert entry.belt == 10


class TestTheDatabaseOnItsOwn:
    def test_refuses_a_grading_that_was_both_held_and_called_off(self, grading):
        with refused("grading_is_held_or_canceled"):
            sql("UPDATE accounts_grading SET closed_at = now(), canceled_at = now()")

    def test_refuses_two_examiners_and_a_closed_day_without_one(self, grading):
        with refused("grading_has_one_examiner"):
            sql("UPDATE accounts_grading SET guest_examiner = 'Sabum Kim'")
        with refused("closed_grading_names_its_examiner"):
            sql("UPDATE accounts_grading SET examiner = NULL, closed_at = now()")

    def test_refuses_a_part_that_there_is_not(self, ben, grading):
        candidate = a_candidate(grading, ben)
        with refused("grading_parts_are_known"):
            sql("UPDATE accounts_grading SET parts = '{tul,singing}'")
        with refused("candidate_part_is_known"):
            sql(
                "INSERT INTO accounts_candidatepart (candidate_id, part, passed) VALUES (%s, 'singing', true)",
                candidate.pk,
            )

    def test_refuses_a_part_twice(self, ben, grading):
        part = CandidatePart.objects.create(candidate=a_candidate(grading, ben), part="tul", passed=True)
        with refused("candidate_part_once"):
            sql(
                "INSERT INTO accounts_candidatepart (candidate_id, part, passed) VALUES (%s, 'tul', false)",
                part.candidate_id,
            )

    @pytest.mark.parametrize(
        ("belt", "result", "constraint"),
        [
            (11, "", "candidate_belt_exists"),
            (-9, "", "candidate_belt_exists"),
            (9, "maybe", "candidate_result_is_known"),
        ],
    )
    def test_refuses_a_belt_or_a_result_that_there_is_not(self, ben, grading, belt, result, constraint):
        with refused(constraint):
            self.insert(grading, ben, belt, result)

    def test_refuses_somebody_twice(self, ben, grading):
        a_candidate(grading, ben)
        with refused("candidate_once"):
            self.insert(grading, ben)

    def test_refuses_an_examiner_who_is_a_candidate(self, ada, coach, grading):
        with refused("candidate_is_not_the_examiner"):
            self.insert(grading, ada)
        a_candidate(grading, coach)
        with refused("candidate_is_not_the_examiner"):
            sql("UPDATE accounts_grading SET examiner = %s", coach.actor_id)

    def test_refuses_to_close_while_a_result_is_missing(self, ben, grading):
        a_candidate(grading, ben)
        with refused("closed_grading_has_all_results"):
            sql("UPDATE accounts_grading SET closed_at = now()")

    def test_refuses_to_close_without_the_awards(self, ben, grading):
        a_candidate(grading, ben, result="passed")
        with refused("closed_grading_awards_who_passed"):
            sql("UPDATE accounts_grading SET closed_at = now()")

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE accounts_grading SET held_on = '2020-01-01'",
            "UPDATE accounts_grading SET closed_at = NULL",
            "UPDATE accounts_candidate SET result = 'passed'",
            "UPDATE accounts_candidatepart SET passed = false",
        ],
    )
    def test_refuses_to_change_what_is_closed(self, ada, ben, grading, now, change):
        candidate = a_candidate(grading, ben, result="failed")
        CandidatePart.objects.create(candidate=candidate, part="tul", passed=True)
        commands.close_grading(grading=grading, by=ada, now=now)
        with refused("closed_grading_is_final"):
            sql(change)

    def test_refuses_to_add_to_what_is_closed(self, ada, ben, coach, grading, now):
        candidate = a_candidate(grading, ben, result="failed")
        commands.close_grading(grading=grading, by=ada, now=now)
        with refused("closed_grading_is_final"):
            self.insert(grading, coach)
        with refused("closed_grading_is_final"):
            sql(
                "INSERT INTO accounts_candidatepart (candidate_id, part, passed) VALUES (%s, 'tul', true)", candidate.pk
            )

    def test_a_closed_day_outlives_its_club(self, ada, ben, club, grading, now):
        a_candidate(grading, ben, result="passed")
        commands.close_grading(grading=grading, by=ada, now=now)
        sql("UPDATE accounts_grading SET club_id = NULL")
        grading.refresh_from_db()
        assert (grading.club, grading.club_name) == (None, "Hwarang")

    def insert(self, grading, person, belt=9, result=""):
        sql(
            "INSERT INTO accounts_candidate (id, grading_id, person_id, belt, result, note)"
            " VALUES (%s, %s, %s, %s, %s, '')",
            uuid4(), grading.pk, person.pk, belt, result,
        )  # fmt: skip
