"""Belts: what somebody's belt is, who gives one, and that nothing of it is ever rewritten."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import commands, queries
from accounts.models import BeltAward, Notice, User
from accounts.queries import Role
from accounts.rules import belts as rules
from accounts.tests.belts import a_candidate, a_code, a_grading, at_once, awarded, refused, sql
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory
from project.foundation.audit.models import AuditEvent
from project.foundation.belts import HIGHEST, LOWEST

MORNING = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
JUNE = date(2026, 6, 1)


def given_on(
    belt: int, on: date = JUNE, *, id: int = 1, hours: int = 0, corrects: int | None = None, void: bool = False
):
    return rules.Award(id, belt, on, MORNING + timedelta(hours=hours), corrects, void)


class TestCurrentBelt:
    def test_it_is_the_last_one_by_day_and_not_by_when_it_was_written(self):
        first, later = given_on(8, date(2026, 5, 1), id=1, hours=9), given_on(7, date(2026, 6, 1), id=2)
        assert rules.current_belt([first, later]) == rules.current_belt([later, first]) == 7

    def test_on_one_day_what_was_written_later_counts(self):
        assert rules.current_belt([given_on(9, id=1), given_on(8, id=2, hours=3)]) == 8

    def test_a_correction_takes_the_place_of_what_it_corrects(self):
        morning, noon = given_on(9, id=1), given_on(8, id=2, hours=3)
        assert rules.current_belt([morning, noon, given_on(10, id=3, hours=9, corrects=1)]) == 8
        assert rules.current_belt([morning, noon, given_on(7, id=3, hours=9, corrects=2)]) == 7

    def test_a_void_award_never_was_until_that_is_corrected_too(self):
        rows = [given_on(9, id=1), given_on(8, id=2, hours=1), given_on(8, id=3, hours=2, corrects=2, void=True)]
        assert rules.current_belt(rows) == 9
        assert rules.current_belt([*rows, given_on(7, id=4, hours=3, corrects=3)]) == 7

    def test_nobody_starts_with_a_belt(self):
        assert rules.current_belt([]) is None
        assert rules.current_belt([given_on(9, id=1), given_on(9, id=2, corrects=1, void=True)]) is None

    @given(st.data())
    def test_it_equals_a_fold_over_places_in_the_order_of_writing(self, data):
        """The oracle keeps one slot for each award that was made, overwrites it by corrections, and takes the last."""
        rows, slots, slot_of = [], {}, {}
        for number in range(data.draw(st.integers(0, 8))):
            belt = data.draw(st.integers(HIGHEST, LOWEST))
            on = JUNE + timedelta(days=data.draw(st.integers(0, 3)))
            free = [row.id for row in rows if row.id not in {each.corrects for each in rows}]
            corrects = data.draw(st.sampled_from([None, *free]))
            void = corrects is not None and data.draw(st.booleans())
            rows.append(given_on(belt, on, id=number, hours=number, corrects=corrects, void=void))
            slot_of[number] = number if corrects is None else slot_of[corrects]
            slots[slot_of[number]] = None if void else (on, slot_of[number], belt)
        filled = sorted(slot for slot in slots.values() if slot)
        shuffled = data.draw(st.permutations(rows))
        assert rules.current_belt(shuffled) == (filled[-1][2] if filled else None)
        assert [each.belt for each in rules.history(shuffled)] == [belt for _, _, belt in filled[::-1]]


class TestWhatMayFollow:
    @pytest.mark.parametrize(
        ("belt", "objection", "grades"),
        [
            (8, rules.Objection.NOT_HIGHER, 0),
            (9, rules.Objection.NOT_HIGHER, -1),
            (7, None, 1),
            (6, None, 2),
            (4, None, 4),
        ],
    )
    def test_the_next_belt_is_higher(self, belt, objection, grades):
        step = rules.step_to(belt, on=JUNE + timedelta(days=90), awards=[given_on(8)])
        assert (step.objection, step.grades) == (objection, grades)

    def test_more_than_two_grades_at_once_are_allowed_and_said(self):
        steps = [rules.step_to(belt, on=JUNE, awards=[given_on(10)]) for belt in (9, 8, 7)]
        assert [step.is_unusual for step in steps] == [False, False, True]

    def test_a_history_can_be_written_down_late_where_it_fits(self):
        awards = [given_on(10, date(2025, 1, 1), id=1), given_on(7, date(2026, 1, 1), id=2)]
        between = date(2025, 6, 1)
        assert rules.step_to(8, on=between, awards=awards).objection is None
        assert rules.step_to(7, on=between, awards=awards).objection is rules.Objection.NOT_LOWER
        assert rules.step_to(10, on=between, awards=awards).objection is rules.Objection.NOT_HIGHER

    def test_a_dan_comes_after_the_1st_kup_and_one_by_one_but_may_be_brought_along(self):
        assert rules.step_to(-3, on=JUNE, awards=[]).objection is None
        assert rules.step_to(0, on=JUNE, awards=[given_on(1)]).objection is None
        assert rules.step_to(0, on=JUNE, awards=[given_on(2)]).objection is rules.Objection.SKIPS_A_DAN
        assert rules.step_to(-2, on=JUNE, awards=[given_on(0)]).objection is rules.Objection.SKIPS_A_DAN

    @given(st.lists(st.tuples(st.integers(HIGHEST, LOWEST), st.integers(0, 9)), max_size=8))
    def test_what_is_only_added_where_it_may_always_rises_with_the_days(self, tries):
        awards: list[rules.Award] = []
        for number, (belt, days) in enumerate(tries):
            on = JUNE + timedelta(days=days)
            if rules.step_to(belt, on=on, awards=awards).objection is None:
                awards.append(given_on(belt, on, id=number, hours=number))
        belts = [each.belt for each in rules.history(awards)]
        assert belts == sorted(set(belts))

    @pytest.mark.parametrize(("current", "expected"), [(None, 9), (10, 9), (1, 0), (0, -1), (HIGHEST, HIGHEST)])
    def test_what_somebody_would_try_for(self, current, expected):
        assert rules.next_belt(current, highest=HIGHEST, lowest=LOWEST) == expected


class TestSuggestedResult:
    @pytest.mark.parametrize(
        ("parts", "suggested"),
        [
            ({"tul": True, "theory": True}, "passed"),
            ({"tul": True}, ""),
            ({"tul": True, "theory": False}, "failed"),
            ({}, ""),
            ({"breaking": False, "tul": True, "theory": True}, "passed"),
        ],
    )
    def test_all_that_is_asked_has_to_go_well(self, parts, suggested):
        assert rules.suggested_result(asked=["tul", "theory"], parts=parts) == suggested

    def test_where_nothing_is_asked_nothing_is_suggested(self):
        assert rules.suggested_result(asked=[], parts={"tul": True}) == ""


def test_a_code_is_read_however_it_is_typed():
    assert rules.typed_code("abcd-efgh jkmn.p0i1l") == "ABCDEFGHJKMNP0111"
    assert rules.typed_code("oO0") == "000"


@pytest.fixture
def club(ada, ben):
    club = a_club(ada)
    joined(club, ben)
    return club


class TestAwarding:
    def test_an_instructor_gives_a_belt(self, ada, ben, club, now):
        award = commands.award_belt(person=ben, belt=9, awarded_on=now.date(), by=ada, now=now, club=club)
        assert (award.belt, award.awarded_by, award.club_name) == (9, ada.actor_id, "Hwarang")
        assert len(award.code) == 16
        assert queries.belt_of(person=ben) == 9

    def test_it_leaves_a_trail_and_the_person_is_told_once(self, ada, ben, club, now):
        award = commands.award_belt(person=ben, belt=9, awarded_on=now.date(), by=ada, now=now, club=club)
        event = AuditEvent.objects.get(type="belt.awarded")
        assert (event.actor_id, event.object_id) == (ada.actor_id, str(award.pk))
        assert event.payload == {"belt": 9, "on": "2026-11-21", "grades": 0}
        assert Notice.objects.get(person=ben).facts == {"award": str(award.pk)}

    def test_an_examiner_of_the_staff_gives_a_belt_to_anybody(self, otto, cleo, now):
        commands.grant_role(person=otto, role=Role.EXAMINER, by=None, now=now)
        commands.award_belt(person=cleo, belt=3, awarded_on=now.date(), by=otto, now=now)
        assert queries.belt_of(person=cleo) == 3

    @pytest.mark.parametrize("who", ["ben", "cleo", "otto"])
    def test_nobody_else_does(self, request, ada, ben, club, now, who):
        with pytest.raises(commands.MayNotAward):
            commands.award_belt(
                person=ada, belt=9, awarded_on=now.date(), by=request.getfixturevalue(who), now=now, club=club
            )

    def test_nobody_gives_one_to_themselves(self, ada, otto, club, now):
        commands.grant_role(person=otto, role=Role.EXAMINER, by=None, now=now)
        for person in (ada, otto):
            with pytest.raises(commands.MayNotAward):
                commands.award_belt(person=person, belt=9, awarded_on=now.date(), by=person, now=now, club=club)

    def test_the_day_has_been(self, ada, ben, club, now):
        with pytest.raises(commands.NotYet):
            commands.award_belt(
                person=ben, belt=9, awarded_on=now.date() + timedelta(days=1), by=ada, now=now, club=club
            )

    def test_a_belt_that_they_have_is_not_given_again(self, ada, ben, club, now):
        awarded(ben, 8, ada)
        with pytest.raises(commands.BeltRefused) as refusal:
            commands.award_belt(person=ben, belt=8, awarded_on=now.date(), by=ada, now=now, club=club)
        assert refusal.value.objection is rules.Objection.NOT_HIGHER

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_give_the_same_belt_at_once_one_does(self, ada, ben, club, now):
        coach = UserFactory()
        joined(club, coach, role="coach")
        outcomes = at_once([
            lambda by=by: commands.award_belt(person=ben, belt=9, awarded_on=now.date(), by=by, now=now, club=club)
            for by in (ada, coach) * 3
        ])  # fmt: skip
        assert outcomes == Counter({"BeltRefused": 5, "BeltAward": 1})
        assert BeltAward.objects.filter(person=ben).count() == 1


class TestCorrecting:
    def test_a_row_takes_the_place_of_another(self, ada, ben, club, now):
        award = awarded(ben, 8, ada)
        correction = commands.correct_award(award=award, belt=9, reason="Typed wrongly", by=ada, now=now)
        assert (correction.corrects, correction.awarded_on, correction.club_name) == (award, JUNE, "Hwarang")
        assert queries.belt_of(person=ben) == 9
        award.refresh_from_db()
        assert award.belt == 8
        assert AuditEvent.objects.get(type="belt.corrected").payload["corrects"] == str(award.pk)

    def test_the_day_can_be_corrected_alone(self, ada, ben, club, now):
        correction = commands.correct_award(
            award=awarded(ben, 8, ada), belt=8, awarded_on=date(2026, 5, 30), reason="Wrong day", by=ada, now=now
        )
        assert (correction.belt, correction.awarded_on) == (8, date(2026, 5, 30))

    def test_there_never_was_one(self, ada, ben, club, now):
        void = commands.correct_award(award=awarded(ben, 8, ada), belt=None, reason="Somebody else", by=ada, now=now)
        assert void.is_void
        assert queries.belt_of(person=ben) is None
        assert not Notice.objects.exists()

    def test_only_the_last_row_is_corrected(self, ada, ben, club, now):
        award = awarded(ben, 8, ada)
        correction = commands.correct_award(award=award, belt=9, reason="Typed wrongly", by=ada, now=now)
        with pytest.raises(commands.CorrectedAlready):
            commands.correct_award(award=award, belt=7, reason="Again", by=ada, now=now)
        commands.correct_award(award=correction, belt=7, reason="Again", by=ada, now=now)
        assert queries.belt_of(person=ben) == 7

    def test_a_correction_says_something_else(self, ada, ben, club, now):
        award = awarded(ben, 8, ada)
        with pytest.raises(commands.NothingCorrected):
            commands.correct_award(award=award, belt=8, reason="No reason", by=ada, now=now)
        with pytest.raises(commands.NotYet):
            commands.correct_award(
                award=award, belt=8, awarded_on=now.date() + timedelta(days=1), reason="x", by=ada, now=now
            )

    @pytest.mark.parametrize("who", ["ben", "cleo"])
    def test_neither_oneself_nor_strangers_correct(self, request, ada, ben, club, now, who):
        with pytest.raises(commands.MayNotAward):
            commands.correct_award(
                award=awarded(ben, 8, ada), belt=7, reason="I want it", by=request.getfixturevalue(who), now=now
            )

    @pytest.mark.django_db(transaction=True)
    def test_of_two_corrections_at_once_one_stands(self, ada, ben, club, now):
        award = awarded(ben, 8, ada)
        outcomes = at_once([
            lambda belt=belt: commands.correct_award(award=award, belt=belt, reason="Typed wrongly", by=ada, now=now)
            for belt in (9, 7, 6, 5)
        ])  # fmt: skip
        assert outcomes == Counter({"CorrectedAlready": 3, "BeltAward": 1})


class TestTheDatabaseOnItsOwn:
    INSERT = (
        "INSERT INTO accounts_beltaward (id, person_id, belt, awarded_on, awarded_by, club_name, corrects_id, is_void,"
        " reason, code, created_at, candidate_id) VALUES (%s, %s, %s, '2026-06-01', %s, '', %s, %s, %s, %s, now(), %s)"
    )

    def insert(self, person, by, *, belt=9, corrects=None, void=False, reason="", code=None, candidate=None):
        ids = (corrects.pk if corrects else None, void, reason, code or a_code(), candidate.pk if candidate else None)
        sql(self.INSERT, uuid4(), person.pk, belt, by.actor_id, *ids)

    def test_takes_what_is_right(self, ada, ben):
        self.insert(ben, ada)
        assert BeltAward.objects.count() == 1

    @pytest.mark.parametrize("belt", [11, -9])
    def test_refuses_a_belt_that_there_is_not(self, ada, ben, belt):
        with refused("belt_award_belt_exists"):
            self.insert(ben, ada, belt=belt)

    def test_refuses_an_award_to_oneself(self, ben):
        with refused("belt_award_is_by_somebody_else"):
            self.insert(ben, ben)

    @pytest.mark.parametrize(
        "change", ["belt = 1", "is_void = true", "code = 'ABCDEFGHJKMNPQRS'", "awarded_on = '2020-01-01'"]
    )
    def test_refuses_to_rewrite(self, ada, ben, change):
        awarded(ben, 9, ada)
        with refused("belt_award_is_never_changed"):
            sql(f"UPDATE accounts_beltaward SET {change}")

    def test_refuses_a_correction_of_somebody_else(self, ada, ben, cleo):
        award = awarded(ben, 9, ada)
        with refused("belt_correction_is_of_the_same_person"):
            self.insert(cleo, ada, corrects=award, reason="Mixed up")

    def test_refuses_a_second_correction(self, ada, ben):
        award = awarded(ben, 9, ada)
        self.insert(ben, ada, belt=8, corrects=award, reason="Typed wrongly")
        with refused("accounts_beltaward_corrects_id_key"):
            self.insert(ben, ada, belt=7, corrects=award, reason="Typed wrongly")

    def test_refuses_a_correction_without_a_reason_and_a_void_of_nothing(self, ada, ben):
        award = awarded(ben, 9, ada)
        with refused("belt_correction_says_why"):
            self.insert(ben, ada, belt=8, corrects=award)
        with refused("belt_correction_says_why"):
            self.insert(ben, ada, void=True, reason="Why")

    @pytest.mark.parametrize("code", ["SHORT", "ABCDEFGHIJKLMNOP", "abcdefghjkmnpqrs"])
    def test_refuses_a_code_that_cannot_be_typed(self, ada, ben, code):
        with refused("belt_award_code_can_be_typed"):
            self.insert(ben, ada, code=code)

    def test_refuses_a_code_twice(self, ada, ben):
        code = awarded(ben, 9, ada).code
        with refused("accounts_beltaward_code_key"):
            self.insert(ben, ada, belt=8, code=code)

    @pytest.mark.parametrize("difference", ["person", "belt", "result"])
    def test_refuses_what_does_not_come_of_the_grading(self, ada, ben, cleo, club, difference):
        result = "failed" if difference == "result" else "passed"
        candidate = a_candidate(a_grading(club, ada), ben, 9, result=result)
        person, belt = (cleo if difference == "person" else ben), (8 if difference == "belt" else 9)
        with refused("belt_award_is_of_its_candidate"):
            self.insert(person, ada, belt=belt, candidate=candidate)

    def test_erasing_a_person_takes_their_awards_and_candidacies_along(self, ada, ben, club):
        award = awarded(ben, 9, ada, candidate=a_candidate(a_grading(club, ada), ben, 9, result="passed"))
        awarded(ben, 8, ada, corrects=award, reason="Typed wrongly")
        ben.delete()
        assert not BeltAward.objects.exists()


class TestWhoSeesAHistory:
    def test_oneself_and_instructors(self, ada, ben, club):
        awarded(ben, 9, ada)
        for viewer in (ada, ben):
            assert queries.belt_history(viewer=viewer, person=ben).belt == 9

    def test_strangers_do_not(self, ben, cleo, otto, club):
        for viewer in (cleo, otto):
            with pytest.raises(User.DoesNotExist):
                queries.belt_history(viewer=viewer, person=ben)

    def test_corrections_say_what_was(self, ada, ben, club):
        first = awarded(ben, 9, ada)
        second = awarded(ben, 8, ada, corrects=first, reason="Typed wrongly")
        third = awarded(ben, 7, ada, awarded_on=date(2026, 8, 1))
        void = awarded(ben, 7, ada, corrects=third, is_void=True, reason="Never was")
        history = queries.belt_history(viewer=ben, person=ben)
        assert [(line.award, line.was) for line in history.lines] == [(second, first)]
        assert history.voided == [void]

    @pytest.mark.parametrize("size", [2, 8])
    def test_the_belts_of_many_people_are_one_query(self, ada, size, django_assert_num_queries):
        people = [UserFactory() for _ in range(size)]
        for number, person in enumerate(people[1:]):
            awarded(person, 9, ada)
            awarded(person, 8 - number, ada, awarded_on=date(2026, 7, 1))
        with django_assert_num_queries(1):
            belts = queries.belts_of(people=[person.pk for person in people])
        assert belts == {person.pk: 8 - number for number, person in enumerate(people[1:])}
        assert queries.belts_of(people=people) == belts
