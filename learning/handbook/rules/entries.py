"""What an entry of the handbook holds, and what makes it wrong.

These are the shapes of the shipped YAML (content/README.md), of the editor's forms and of what the
commands take. They are checked as they are made: a wrong entry cannot exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from project.foundation.belts import FIRST_DAN, HIGHEST, LOWEST

from . import floor

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Heading = Literal["A", "B", "C", "D", "AC", "AD", "BC", "BD"]
Section = Literal["high", "middle", "low"]


def _is_hangul(text: str) -> str:
    if not any("\uac00" <= letter <= "\ud7a3" for letter in text):
        raise ValueError("is not written in Hangul")
    return text


Hangul = Annotated[Line, AfterValidator(_is_hangul)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Entry):
    """English is required; Polish is expected; Korean may be missing in long texts."""

    en: Prose
    pl: Prose | None = None
    ko: Annotated[Prose, AfterValidator(_is_hangul)] | None = None

    def as_dict(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True)


class Names(_Entry):
    pl: Line
    en: Line
    ko: Hangul


class Technique(_Entry):
    slug: Slug
    category: Literal["stance", "ready_posture", "hand_attack", "hand_block", "kick", "foot_block", "motion"]
    min_belt: int = Field(ge=FIRST_DAN, le=LOWEST)
    names: Names
    transliteration: Line
    aliases: Sequence[Line] = ()
    section: Section | None = None
    tool: Text | None = None
    key_points: Sequence[Text] = Field(min_length=1)
    mistakes: Sequence[Text] = ()
    safety: Text | None = None
    tags: Sequence[Slug] = ()
    source_note: Text | None = None


class Move(_Entry):
    foot: Literal["left", "right", "both"]
    to: Heading | None = None
    by: float | None = Field(default=None, ge=0, le=6)


class Step(_Entry):
    technique: Slug
    side: Literal["left", "right", "both"]
    section: Section | None = None
    stance: Slug
    stance_side: Literal["left", "right"] | None = None
    facing: Heading
    moves: Sequence[Move] = ()
    turn: Literal["clockwise", "counterclockwise"] | None = None
    tempo: Literal["normal", "slow", "fast", "connecting", "continuous", "natural"] = "normal"
    joined: bool = False
    key: Annotated[str, StringConstraints(pattern=r"^[0-9]+[a-z]?$")] | None = None
    note: Text | None = None

    def stand(self) -> floor.Stand:
        moves = tuple(floor.Move(move.foot, move.to, move.by) for move in self.moves)
        return floor.Stand(self.stance, self.stance_side, self.facing, moves)


class Closing(_Entry):
    foot: Literal["left", "right"]


class Tul(_Entry):
    slug: Slug
    kind: Literal["tul", "exercise"]
    order: int = Field(ge=0, le=99)
    belt: int = Field(ge=HIGHEST, le=LOWEST)
    name: Line
    hangul: Hangul
    movements: int = Field(ge=1, le=99)
    meaning: Text
    ready: Slug
    ends_at_start: bool = True
    judges_notes: Sequence[Text] = ()
    source_note: Text | None = None
    closing: Closing | None = None
    steps: Sequence[Step] = ()

    @model_validator(mode="after")
    def _steps_can_be_walked(self) -> Self:
        if not self.steps:
            return self
        if len(self.steps) != self.movements:
            raise ValueError(f"has {len(self.steps)} steps for {self.movements} movements")
        if self.closing is None:
            raise ValueError("has steps but does not say which foot closes (closing)")
        if self.steps[0].joined:
            raise ValueError("step 1 cannot share a count: there is none before it")
        keys = [step.key or str(number) for number, step in enumerate(self.steps, start=1)]
        if len(set(keys)) != len(keys):
            raise ValueError("two steps have the same key")
        end = floor.close(self.path()[-1], self.closing.foot)
        if self.ends_at_start != floor.ends_at_start(end):
            where = f"({end.middle.x:.2f}, {end.middle.y:.2f})"
            raise ValueError(f"ends at {where}, which is {'not ' if self.ends_at_start else ''}where it begins")
        return self

    def path(self) -> list[floor.Feet]:
        """The feet after each step."""
        return floor.walk(step.stand() for step in self.steps)


class Theory(_Entry):
    question: Text
    answer: Text


class Syllabus(_Entry):
    belt: int = Field(ge=FIRST_DAN, lt=LOWEST)
    months_in_grade: int = Field(ge=0, le=60)
    techniques: Sequence[Slug] = Field(min_length=1)
    tuls: Sequence[Slug] = ()
    sparring: Text | None = None
    strength: Text | None = None
    theory: Sequence[Theory] = ()
    source_note: Text | None = None

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> Self:
        for named in (self.techniques, self.tuls):
            if twice := sorted({slug for slug in named if list(named).count(slug) > 1}):
                raise ValueError(f"names {', '.join(twice)} twice")
        return self


def loose_ends(
    techniques: Mapping[str, Technique], tuls: Iterable[Tul], syllabi: Iterable[Syllabus]
) -> list[tuple[str, str]]:
    """What points at something that is not there, as (who, what is wrong)."""
    tuls = list(tuls)
    known_tuls = {tul.slug for tul in tuls}
    stances = {slug for slug, each in techniques.items() if each.category in {"stance", "ready_posture"}}
    wrong = []
    for tul in tuls:
        if tul.ready not in stances:
            wrong.append((tul.slug, f"ready posture {tul.ready} is not a stance of the handbook"))
        for number, step in enumerate(tul.steps, start=1):
            if step.technique not in techniques:
                wrong.append((tul.slug, f"step {number}: no technique {step.technique}"))
            if step.stance not in stances:
                wrong.append((tul.slug, f"step {number}: no stance {step.stance}"))
    for syllabus in syllabi:
        who = f"syllabus {syllabus.belt}"
        wrong += [(who, f"no technique {slug}") for slug in syllabus.techniques if slug not in techniques]
        wrong += [(who, f"no tul {slug}") for slug in syllabus.tuls if slug not in known_tuls]
    return wrong
