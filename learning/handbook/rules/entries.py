"""What an entry of the handbook holds, and what makes it wrong.

These are the shapes of the shipped YAML (content/README.md), of the editor's forms and of what the
commands take. They are checked as they are made: a wrong entry cannot exist.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from project.foundation.belts import FIRST_DAN, HIGHEST, LOWEST

from . import floor

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Markdown = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Heading = Literal["A", "B", "C", "D", "AC", "AD", "BC", "BD"]
Section = Literal["high", "middle", "low"]


def _is_hangul(text: str) -> str:
    if not any("\uac00" <= letter <= "\ud7a3" for letter in text):
        raise ValueError("is not written in Hangul")
    return text


Hangul = Annotated[Line, AfterValidator(_is_hangul)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def same(one: _Entry, other: _Entry) -> bool:
    """Two entries say the same, whether they were read from a file or from the database."""
    return digest(one) == digest(other)


def digest(entry: _Entry) -> str:
    """The same for entries that say the same, and for no others."""
    said = f"{type(entry).__name__} {entry.model_dump_json()}"
    return hashlib.sha256(said.encode()).hexdigest()


class Text(_Entry):
    """English is required; Polish is expected; Korean may be missing in long texts."""

    en: Prose
    pl: Prose | None = None
    ko: Annotated[Prose, AfterValidator(_is_hangul)] | None = None

    def as_dict(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True)


class LongText(Text):
    """Markdown; longer than other texts."""

    en: Markdown
    pl: Markdown | None = None
    ko: Annotated[Markdown, AfterValidator(_is_hangul)] | None = None


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
    key: Annotated[str, StringConstraints(pattern=r"^[0-9]+[a-z]?$", max_length=8)] | None = None
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

    @field_validator("steps", mode="after")
    @classmethod
    def _have_keys(cls, steps: Sequence[Step]) -> Sequence[Step]:
        """A step without a key of its own is called by its number."""
        return [step.model_copy(update={"key": step.key or str(number)}) for number, step in enumerate(steps, start=1)]

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
        if len({step.key for step in self.steps}) != len(self.steps):
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


class Term(_Entry):
    slug: Slug
    topic: Literal[
        "counting", "commands", "body", "directions", "etiquette", "tenets", "stances", "hands", "feet", "tuls",
        "sparring", "people", "training",
    ]  # fmt: skip
    names: Names
    transliteration: Line
    aliases: Sequence[Line] = ()
    min_belt: int = Field(ge=FIRST_DAN, le=LOWEST)
    note: Text | None = None
    technique: Slug | None = None
    place: int = Field(default=0, ge=0)


class Article(_Entry):
    slug: Slug
    topic: Literal[
        "history", "philosophy", "tenets", "belts", "etiquette", "sparring", "training", "tuls", "organisation"
    ]
    belt: int = Field(ge=FIRST_DAN, le=LOWEST)
    order: int = Field(ge=0, le=999)
    title: Text
    body: LongText
    sources: Sequence[Line] = ()


class Option(_Entry):
    text: Text
    right: bool = False
    pair: Text | None = None


About = Annotated[str, StringConstraints(pattern=r"^(technique|tul|term|article):[a-z0-9-]+$")]


class FloorPicture(_Entry):
    """The floor of the tul that a question is about, as it is after a movement (0: before the first), and what is to
    be seen on it for those who do not see it."""

    movement: int = Field(ge=0, le=99)
    alt: Text


class Question(_Entry):
    """One question of the bank. `belts` are for whom it is fair: from the lower belt to the higher."""

    slug: Slug
    kind: Literal["single", "multiple", "order", "match", "type"]
    modules: Sequence[Slug] = Field(min_length=1)
    belts: tuple[int, int]
    prompt: Text
    options: Sequence[Option] = ()
    answers: Sequence[Line] = ()
    explanation: Text
    source: Line
    about: About | None = None
    picture: FloorPicture | None = None

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        lowest, highest = self.belts
        if not FIRST_DAN <= highest <= lowest <= LOWEST:
            raise ValueError("belts go from the lower belt (10) to the higher (0)")
        right = sum(option.right for option in self.options)
        texts = [option.text.en for option in self.options]
        match self.kind:
            case "single" if right != 1 or len(self.options) < 3:
                raise ValueError(f"has {right} right answers of {len(self.options)}; it needs one of at least three")
            case "multiple" if not 0 < right < len(self.options):
                raise ValueError("needs at least one right and one wrong answer")
            case "order" if len(self.options) < 3 or right:
                raise ValueError("needs at least three things to put in order, none of them marked right")
            case "match" if len(self.options) < 3 or any(option.pair is None for option in self.options):
                raise ValueError("needs at least three pairs")
            case "type" if not self.answers or self.options:
                raise ValueError("needs the answers to accept, and no options")
        if len(set(texts)) != len(texts):
            raise ValueError("has the same option twice")
        if self.picture and not (self.about or "").startswith("tul:"):
            raise ValueError("has a picture of the floor, so it must be about a tul")
        return self


class Exercise(_Entry):
    slug: Slug
    names: Text
    purpose: Text
    how: Sequence[Text] = Field(min_length=1)
    dose: Text
    equipment: Text | None = None
    safety: Text | None = None
    tags: Sequence[Slug] = ()


class PlanItem(_Entry):
    """What is done in one go; `work` and `rest` in seconds."""

    exercise: Slug | None = None
    technique: Slug | None = None
    tul: Slug | None = None
    work: int = Field(ge=5, le=3600)
    rest: int = Field(ge=0, le=600)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(each is not None for each in (self.exercise, self.technique, self.tul)) != 1:
            raise ValueError("names exactly one exercise, technique or tul")
        return self

    @property
    def what(self) -> tuple[str, str]:
        """The kind of thing that is done, and its slug."""
        kinds = {"exercise": self.exercise, "technique": self.technique, "tul": self.tul}
        return next((kind, slug) for kind, slug in kinds.items() if slug)


class PlanBlock(_Entry):
    name: Text
    rounds: int = Field(ge=1, le=20)
    items: Sequence[PlanItem] = Field(min_length=1)


class Plan(_Entry):
    slug: Slug
    belt: int = Field(ge=FIRST_DAN, le=LOWEST)
    names: Text
    goal: Text
    blocks: Sequence[PlanBlock] = Field(min_length=1)

    @property
    def seconds(self) -> int:
        """How long the plan takes; the rest after the very last item is not waited for."""
        every = [item for block in self.blocks for item in list(block.items) * block.rounds]
        return sum(item.work + item.rest for item in every) - every[-1].rest


@dataclass(frozen=True)
class Shelf:
    """The whole content, each pile in its own order; a later pile only points at earlier ones."""

    techniques: Sequence[Technique]
    tuls: Sequence[Tul]
    syllabi: Sequence[Syllabus]
    terms: Sequence[Term] = ()
    articles: Sequence[Article] = ()
    questions: Sequence[Question] = ()
    exercises: Sequence[Exercise] = ()
    plans: Sequence[Plan] = ()


def loose_ends(shelf: Shelf) -> list[tuple[str, str]]:
    """What points at something that is not there, as (who, what is wrong)."""
    known = {
        "technique": {each.slug for each in shelf.techniques},
        "tul": {each.slug for each in shelf.tuls},
        "term": {each.slug for each in shelf.terms},
        "article": {each.slug for each in shelf.articles},
        "exercise": {each.slug for each in shelf.exercises},
        "stance": {each.slug for each in shelf.techniques if each.category in {"stance", "ready_posture"}},
    }
    return [(who, f"{what}no {kind} {slug}") for who, what, kind, slug in _references(shelf) if slug not in known[kind]]


def _references(shelf: Shelf) -> Iterator[tuple[str, str, str, str]]:
    """Everything that points somewhere: who, where in it, what kind of thing, its slug."""
    for tul in shelf.tuls:
        yield tul.slug, "ready posture: ", "stance", tul.ready
        for number, step in enumerate(tul.steps, start=1):
            yield tul.slug, f"step {number}: ", "technique", step.technique
            yield tul.slug, f"step {number}: ", "stance", step.stance
    for syllabus in shelf.syllabi:
        who = f"syllabus {syllabus.belt}"
        yield from ((who, "", "technique", slug) for slug in syllabus.techniques)
        yield from ((who, "", "tul", slug) for slug in syllabus.tuls)
    yield from ((term.slug, "", "technique", term.technique) for term in shelf.terms if term.technique)
    for question in shelf.questions:
        kind, _, slug = (question.about or "").partition(":")
        yield from [(question.slug, "about: ", kind, slug)] if kind else []
    for plan in shelf.plans:
        yield from ((plan.slug, "", *item.what) for block in plan.blocks for item in block.items)
