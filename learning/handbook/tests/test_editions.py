"""Drafts, publication, and what PostgreSQL refuses by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from learning.handbook import commands, queries
from learning.handbook.models import ExamSyllabus, Technique, TechniqueEdition, Tul, TulEdition
from project.foundation.audit import queries as audit

from .factories import (
    published_syllabus,
    published_technique,
    published_tul,
    syllabus_entry,
    technique_entry,
    tul_entry,
)

DAY = timedelta(days=1)


def draft(now, **fields):
    return commands.draft_technique(entry=technique_entry(slug="ap-chagi", **fields), editor=None, now=now)


def publish(edition, at, now):
    return commands.publish_edition(edition=edition, valid_from=at, editor=None, now=now)


def execute(sql, *values):
    """Raw SQL in a transaction of its own, with what is checked at its end checked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
class TestPublishing:
    def test_a_published_edition_is_valid_from_its_instant_on(self, now):
        publish(draft(now), now + DAY, now)
        assert not queries.techniques(now=now + DAY - timedelta(microseconds=1)).exists()
        assert queries.techniques(now=now + DAY).get().slug == "ap-chagi"

    def test_the_next_edition_takes_over_at_its_instant_without_anything_running(self, now):
        publish(draft(now, transliteration="old"), now, now)
        publish(draft(now, transliteration="new"), now + DAY, now)
        seen = [queries.technique(slug="ap-chagi", now=at).transliteration for at in (now, now + DAY)]
        assert seen == ["old", "new"]

    def test_a_draft_is_written_over_by_the_next_draft(self, now):
        draft(now)
        draft(now)
        assert list(TechniqueEdition.objects.values_list("version", "is_draft")) == [(1, True)]

    def test_publishing_twice_is_refused(self, now):
        edition = publish(draft(now), now, now)
        with pytest.raises(commands.NothingToPublish):
            publish(edition, now + DAY, now)

    def test_an_edition_cannot_become_valid_before_the_one_it_replaces(self, now):
        publish(draft(now), now, now)
        with pytest.raises(commands.TooEarly):
            publish(draft(now), now, now)

    def test_both_steps_leave_a_trail_with_who_did_it(self, now, otto):
        edition = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=otto, now=now)
        commands.publish_edition(edition=edition, valid_from=now, editor=otto, now=now)
        trail = audit.events_of(edition.identity, object_id="ap-chagi")
        assert [(event.type, event.actor_id) for event in trail] == [
            ("edition.published", otto.actor_id),
            ("edition.drafted", otto.actor_id),
        ]

    def test_a_tul_that_names_what_is_not_there_is_refused_and_nothing_is_written(self, now):
        published_technique(now=now, slug="narani-junbi-sogi")
        with pytest.raises(commands.NoSuchReference, match="gunnun-sogi"):
            commands.draft_tul(entry=tul_entry(), editor=None, now=now)
        assert not Tul.objects.exists()

    def test_step_keys_stay_across_editions(self, now):
        first = published_tul(now=now)
        second = commands.draft_tul(entry=tul_entry(name="Chon-Ji again"), editor=None, now=now)
        keys = [list(edition.steps.values_list("step_key", flat=True)) for edition in (first, second)]
        assert keys[0] == keys[1] == ["1", "2"]


@pytest.mark.django_db
class TestShelving:
    @pytest.mark.parametrize("entry", [technique_entry(slug="gunnun-sogi"), tul_entry(), syllabus_entry()])
    def test_the_same_entry_twice_changes_nothing(self, now, entry):
        published_syllabus_with_all(now)
        commands.shelve(entry=entry, editor=None, now=now + DAY)
        count = TechniqueEdition.objects.count(), TulEdition.objects.count()
        assert commands.shelve(entry=entry, editor=None, now=now + 2 * DAY) is False
        assert count == (TechniqueEdition.objects.count(), TulEdition.objects.count())

    def test_a_changed_entry_becomes_the_next_edition(self, now):
        commands.shelve(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
        assert commands.shelve(entry=technique_entry(slug="ap-chagi", min_belt=8), editor=None, now=now + DAY)
        assert queries.technique(slug="ap-chagi", now=now).min_belt == 9
        assert queries.technique(slug="ap-chagi", now=now + DAY).min_belt == 8

    def test_a_changed_step_makes_a_new_edition_of_the_tul(self, now):
        published_tul(now=now)
        steps = [each.model_dump(exclude_none=True) for each in tul_entry().steps]
        steps[0]["tempo"] = "slow"
        assert commands.shelve(entry=tul_entry(steps=steps), editor=None, now=now + DAY)


def published_syllabus_with_all(now):
    published_tul(now=now)
    published_syllabus(now=now)


@pytest.mark.django_db
class TestPostgresRefuses:
    """Every invariant attacked with raw SQL, past all our code."""

    def insert(self, identity, *, is_draft="false", valid_from="now()", valid_to="NULL", version=9, **changed):
        values = {
            "identity_id": identity.pk, "version": version, "is_draft": is_draft, "valid_from": valid_from,
            "valid_to": valid_to, "created_at": "now()", "category": "'kick'", "min_belt": 9, "name_pl": "''",
            "name_en": "''", "hangul": "''", "transliteration": "''", "aliases": "'{}'", "section": "''",
            "key_points": "'[]'", "mistakes": "'[]'", "tags": "'{}'",
        } | changed  # fmt: skip
        columns = ", ".join(values)
        sql = f"INSERT INTO handbook_techniqueedition ({columns}) VALUES ({', '.join(map(str, values.values()))})"
        execute(sql)

    @pytest.fixture
    def identity(self):
        return Technique.objects.create(slug="ap-chagi")

    def test_two_valid_editions_that_overlap(self, identity):
        self.insert(identity, version=1)
        with pytest.raises(IntegrityError, match="techniqueedition_no_two_valid"):
            self.insert(identity, version=2, valid_from="now() + interval '1 day'")

    def test_but_not_editions_that_follow_each_other(self, identity):
        self.insert(identity, version=1, valid_from="'2026-01-01'", valid_to="'2026-02-01'")
        self.insert(identity, version=2, valid_from="'2026-02-01'")
        assert TechniqueEdition.objects.count() == 2

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"is_draft": "true"}, "techniqueedition_published_has_start"),
            ({"valid_from": "NULL"}, "techniqueedition_published_has_start"),
            ({"valid_from": "'2026-02-01'", "valid_to": "'2026-01-01'"}, "techniqueedition_ends_after_start"),
            ({"category": "'dance'"}, "technique_category_is_known"),
            ({"min_belt": 11}, "technique_belt_exists"),
            ({"min_belt": -1}, "technique_belt_exists"),
            ({"section": "'knee'"}, "technique_section_is_known"),
        ],
    )
    def test_values_that_cannot_be(self, identity, values, constraint):
        # An end before the start cannot even become a range; either way the row is refused.
        with pytest.raises(Exception, match=f"{constraint}|range lower bound"):
            self.insert(identity, **values)

    def test_two_drafts_of_one_technique(self, identity):
        self.insert(identity, version=1, is_draft="true", valid_from="NULL")
        with pytest.raises(IntegrityError, match="techniqueedition_one_draft"):
            self.insert(identity, version=2, is_draft="true", valid_from="NULL")

    def test_two_editions_of_one_number(self, identity):
        self.insert(identity, version=1, is_draft="true", valid_from="NULL")
        with pytest.raises(IntegrityError, match="techniqueedition_one_per_version"):
            self.insert(identity, version=1)

    def test_a_step_too_few_when_the_transaction_commits(self, now):
        tul = published_tul(now=now)
        with pytest.raises(IntegrityError, match="has 1 steps for 2 movements"):
            execute("DELETE FROM handbook_tulstep WHERE edition_id = %s AND position = 2", tul.pk)

    def test_a_number_of_movements_that_the_steps_do_not_have(self, now):
        tul = published_tul(now=now)
        with pytest.raises(IntegrityError, match="has 2 steps for 3 movements"):
            execute("UPDATE handbook_tuledition SET movements = 3 WHERE id = %s", tul.pk)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("position = 1", "one_step_per_position"),
            ("step_key = '1'", "one_step_per_key"),
            ("position = 0", "steps_count_from_one"),
            ("side = 'front'", "step_side_is_known"),
            ("facing = 'E'", "step_facing_is_known"),
            ("tempo = 'lazy'", "step_tempo_is_known"),
            ("section = 'knee'", "step_section_is_known"),
            ("turn = 'around'", "step_turn_is_known"),
            ("stance_side = 'both'", "step_stance_side_is_known"),
        ],
    )
    def test_steps_that_cannot_be(self, now, change, constraint):
        tul = published_tul(now=now)
        with pytest.raises(IntegrityError, match=constraint):
            execute(f"UPDATE handbook_tulstep SET {change} WHERE edition_id = %s AND position = 2", tul.pk)

    def test_a_first_step_on_the_count_of_none(self, now):
        tul = published_tul(now=now)
        with pytest.raises(IntegrityError, match="first_step_has_its_own_count"), transaction.atomic():
            tul.steps.filter(position=1).update(is_joined=True)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("kind = 'dance'", "tul_kind_is_known"),
            ("belt = 11", "tul_belt_exists"),
            ("closing_foot = 'both'", "tul_closes_with_a_foot"),
        ],
    )
    def test_tuls_that_cannot_be(self, now, change, constraint):
        published_tul(now=now)
        with pytest.raises(IntegrityError, match=constraint):
            execute(f"UPDATE handbook_tuledition SET {change}")

    def test_a_tul_without_movements(self, now):
        published_tul(now=now, movements=9, steps=[], closing=None)
        with pytest.raises(IntegrityError, match="tul_has_movements"), transaction.atomic():
            TulEdition.objects.update(movements=0)

    def test_a_syllabus_for_a_belt_that_is_not_examined(self):
        with pytest.raises(IntegrityError, match="syllabus_belt_is_examined"), transaction.atomic():
            ExamSyllabus.objects.create(belt=10)

    def test_a_syllabus_that_names_a_technique_twice(self, now):
        published_syllabus_with_all(now)
        with pytest.raises(IntegrityError, match="syllabus_names_a_technique_once"):
            execute(
                "INSERT INTO handbook_syllabustechnique (edition_id, technique_id, place) "
                "SELECT edition_id, technique_id, 99 FROM handbook_syllabustechnique"
            )

    def test_taking_away_a_technique_that_a_tul_names(self, now):
        published_tul(now=now)
        with pytest.raises(IntegrityError):
            execute("DELETE FROM handbook_technique WHERE slug = 'gunnun-sogi'")


@pytest.mark.django_db(transaction=True)
def test_ten_editors_publishing_the_same_draft_make_one_edition(now):
    edition = draft(now)

    def race(_: int) -> str:
        try:
            publish(TechniqueEdition.objects.get(pk=edition.pk), now, now)
        except commands.NothingToPublish:
            return "refused"
        finally:
            connections.close_all()
        return "published"

    with ThreadPoolExecutor(10) as editors:
        answers = list(editors.map(race, range(10)))
    assert sorted(answers) == ["published"] + ["refused"] * 9
    assert TechniqueEdition.objects.valid_at(now).count() == 1
