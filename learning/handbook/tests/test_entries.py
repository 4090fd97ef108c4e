"""What makes an entry wrong, and how it is said."""

import pytest
from pydantic import ValidationError

from learning.handbook import shelf
from learning.handbook.rules import entries

from .factories import step, syllabus_entry, technique_entry, tul_entry


def test_a_good_entry_is_taken():
    assert technique_entry(slug="ap-chagi").slug == "ap-chagi"
    assert tul_entry().movements == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slug": "Ap Chagi"}, "slug"),
        ({"category": "dance"}, "category"),
        ({"min_belt": 11}, "min_belt"),
        ({"min_belt": -1}, "min_belt"),
        ({"key_points": []}, "key_points"),
        ({"names": {"pl": "a", "en": "b", "ko": "not Korean"}}, "Hangul"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_technique_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        technique_entry(**wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"movements": 3}, "has 2 steps for 3 movements"),
        ({"closing": None}, "which foot closes"),
        ({"steps": [step(1, joined=True), step(2)]}, "cannot share a count"),
        ({"steps": [step(1, key="1"), step(2, key="1")]}, "same key"),
        ({"steps": [step(1), step(2)]}, "ends at .0.00, 3.00., which is not where it begins"),
        ({"ends_at_start": False}, "which is where it begins"),
        ({"steps": [step(1), step(2, moves=[{"foot": "right", "to": "C"}])]}, "step 2: the right foot"),
        ({"belt": -9}, "belt"),
    ],
)
def test_a_tul_that_cannot_be_walked_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        tul_entry(**wrong)


def test_a_syllabus_names_nothing_twice():
    with pytest.raises(ValidationError, match="names gunnun-sogi twice"):
        syllabus_entry(techniques=["gunnun-sogi", "gunnun-sogi"])


def test_everything_that_points_nowhere_is_listed():
    tul, syllabus = tul_entry(), syllabus_entry(techniques=["lost"], tuls=["dan-gun"])
    assert entries.loose_ends(entries.Shelf([], [tul], [syllabus])) == [
        ("chon-ji", "ready posture: no stance narani-junbi-sogi"),
        ("chon-ji", "step 1: no technique gunnun-sogi"),
        ("chon-ji", "step 1: no stance gunnun-sogi"),
        ("chon-ji", "step 2: no technique gunnun-sogi"),
        ("chon-ji", "step 2: no stance gunnun-sogi"),
        ("syllabus 8", "no technique lost"),
        ("syllabus 8", "no tul dan-gun"),
    ]


class TestFiles:
    GOOD = """
- slug: gunnun-sogi
  category: stance
  min_belt: 10
  names: {pl: postawa marszowa, en: walking stance, ko: 걷는서기}
  transliteration: gunnun sogi
  key_points: [{en: Long.}]
"""

    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("techniques", "tuls", "syllabi"):
            (tmp_path / name).mkdir()
        return tmp_path

    def test_good_files_are_read(self, folder):
        (folder / "techniques" / "stances.yaml").write_text(self.GOOD)
        assert [each.slug for each in shelf.read(folder).techniques] == ["gunnun-sogi"]

    def test_a_mistake_is_named_with_file_and_line(self, folder):
        (folder / "techniques" / "stances.yaml").write_text(self.GOOD.replace("min_belt: 10", "min_belt: 12"))
        with pytest.raises(shelf.Wrong, match=r"techniques/stances\.yaml:4: min_belt"):
            shelf.read(folder)

    def test_yaml_that_cannot_be_read_is_named_with_its_line(self, folder):
        (folder / "techniques" / "stances.yaml").write_text(self.GOOD + "  names: {")
        with pytest.raises(shelf.Wrong, match=r"techniques/stances\.yaml:\d+: "):
            shelf.read(folder)

    def test_all_mistakes_are_told_at_once(self, folder):
        (folder / "techniques" / "a.yaml").write_text(self.GOOD.replace("stance\n", "dance\n"))
        (folder / "techniques" / "b.yaml").write_text(self.GOOD.replace("걷는서기", "sogi"))
        with pytest.raises(shelf.Wrong) as wrong:
            shelf.read(folder)
        assert len(wrong.value.complaints) == 2

    def test_a_slug_stands_on_the_shelf_once(self, folder):
        (folder / "techniques" / "a.yaml").write_text(self.GOOD)
        (folder / "techniques" / "b.yaml").write_text(self.GOOD)
        with pytest.raises(shelf.Wrong, match="gunnun-sogi stands there twice"):
            shelf.read(folder)
