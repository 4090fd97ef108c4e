"""Entries as an editor would write them, and editions published from them."""

from datetime import datetime
from typing import Any

import factory

from learning.handbook import commands
from learning.handbook.models import DocumentKind, ExamSyllabusEdition, Technique, TechniqueEdition, TulEdition
from learning.handbook.rules import entries

TEXT = {"pl": "Po polsku.", "en": "In English.", "ko": "한국어로."}


class TechniqueEntryFactory(factory.DictFactory):
    slug = factory.Sequence(lambda n: f"technique-{n}")
    category = "stance"
    min_belt = 9
    names = factory.LazyAttribute(lambda entry: {"pl": f"{entry.slug} pl", "en": f"{entry.slug} en", "ko": "서기"})
    transliteration = factory.LazyAttribute(lambda entry: entry.slug.replace("-", " "))
    key_points = [TEXT]


def technique_entry(**fields: Any) -> entries.Technique:
    return entries.Technique(**TechniqueEntryFactory(**fields))


def step(number: int, **fields: Any) -> dict[str, Any]:
    """Steps that walk two paces to D and two back."""
    foot = "left" if number % 2 else "right"
    return {
        "technique": "gunnun-sogi",
        "side": foot,
        "stance": "gunnun-sogi",
        "stance_side": foot,
        "facing": "D",
        "moves": [{"foot": foot, "to": "D"}],
    } | fields


def tul_entry(**fields: Any) -> entries.Tul:
    """A tul of two movements which ends where it began: forward and back."""
    wanted = {
        "slug": "chon-ji",
        "kind": "tul",
        "order": 1,
        "belt": 9,
        "name": "Chon-Ji",
        "hangul": "천지",
        "movements": 2,
        "meaning": TEXT,
        "ready": "narani-junbi-sogi",
        "closing": {"foot": "left"},
        "steps": [step(1), step(2, stance_side="left", side="right", moves=[])],
    }
    return entries.Tul(**(wanted | fields))


def syllabus_entry(**fields: Any) -> entries.Syllabus:
    wanted = {"belt": 8, "months_in_grade": 3, "techniques": ["gunnun-sogi"], "tuls": ["chon-ji"]}
    return entries.Syllabus(**(wanted | fields))


def published_technique(*, now: datetime, **fields: Any) -> TechniqueEdition:
    draft = commands.draft_technique(entry=technique_entry(**fields), editor=None, now=now)
    return commands.publish_edition(edition=draft, valid_from=now, editor=None, now=now)


def published_tul(*, now: datetime, **fields: Any) -> TulEdition:
    for slug in ("gunnun-sogi", "narani-junbi-sogi"):
        if not Technique.objects.filter(slug=slug).exists():
            published_technique(now=now, slug=slug)
    draft = commands.draft_tul(entry=tul_entry(**fields), editor=None, now=now)
    return commands.publish_edition(edition=draft, valid_from=now, editor=None, now=now)


def published_syllabus(*, now: datetime, **fields: Any) -> ExamSyllabusEdition:
    draft = commands.draft_syllabus(entry=syllabus_entry(**fields), editor=None, now=now)
    return commands.publish_edition(edition=draft, valid_from=now, editor=None, now=now)


def many_techniques(number: int, *, now: datetime, first: int = 0) -> None:
    """Published techniques by the thousand, past the commands because only their number matters."""
    identities = Technique.objects.bulk_create(Technique(slug=f"many-{i}") for i in range(first, first + number))
    TechniqueEdition.objects.bulk_create(
        TechniqueEdition(
            identity=identity,
            version=1,
            is_draft=False,
            valid_from=now,
            created_at=now,
            category="kick",
            min_belt=i % 11,
            name_pl="kopnięcie",
            name_en="kick",
            hangul="차기",
            transliteration=identity.slug,
            key_points=[TEXT],
        )
        for i, identity in enumerate(identities)
    )


def reindexed(*, now: datetime) -> None:
    """Search learns of techniques that came past the commands."""
    list(commands.reindex(kind=DocumentKind.TECHNIQUE, batch_size=1000, drop=False, now=now))


def small_handbook(*, now: datetime) -> None:
    """One of everything that readers see, named as in the shipped content, and a draft that nobody may see."""
    published_tul(now=now, slug="chon-ji")
    published_technique(now=now, slug="ap-cha-busigi", category="kick", safety=TEXT, tool=TEXT, source_note=TEXT)
    published_syllabus(now=now, theory=[{"question": TEXT, "answer": TEXT}])
    commands.put_term(
        entry=entries.Term(
            slug="charyot", topic="commands", names={"pl": "baczność", "en": "attention", "ko": "차렷"},
            transliteration="charyot", min_belt=10, technique="ap-cha-busigi",
        ),
        editor=None, now=now,
    )  # fmt: skip
    article = commands.draft_article(
        entry=entries.Article(slug="sine-wave", topic="training", belt=8, order=1, title=TEXT, body=TEXT),
        editor=None, now=now,
    )  # fmt: skip
    commands.publish_edition(edition=article, valid_from=now, editor=None, now=now)
    commands.put_exercise(
        entry=entries.Exercise(slug="push-ups", names=TEXT, purpose=TEXT, how=[TEXT], dose=TEXT), editor=None, now=now
    )
    things = [{"exercise": "push-ups"}, {"technique": "ap-cha-busigi"}, {"tul": "chon-ji"}]
    items = [thing | {"work": 30, "rest": 10} for thing in things]
    plan = {"slug": "fast-hands", "belt": 8, "names": TEXT, "goal": TEXT}
    commands.put_plan(
        entry=entries.Plan(**plan, blocks=[{"name": TEXT, "rounds": 2, "items": items}]), editor=None, now=now
    )
    commands.draft_technique(entry=technique_entry(slug="secret-sogi"), editor=None, now=now)
