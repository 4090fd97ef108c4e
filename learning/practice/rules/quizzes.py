"""What a quiz asks, how a question is frozen for it, and what its end says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self

Text = Mapping[str, str]
"""A text by its languages."""

Roll = Callable[[], float]
"""A number from 0 up to but not including 1 by chance."""

AT_LEAST, AT_MOST = 5, 50
"""Questions of a quiz. A bank that has fewer gives what it has."""

MODULES: Mapping[str, frozenset[str]] = {
    "terms": frozenset({"terminology", "counting", "commands"}),
    "techniques": frozenset({"techniques", "stances"}),
    "tul": frozenset({"tuls"}),
    "theory": frozenset(
        {"theory", "history", "philosophy", "tenets", "belts", "etiquette", "organisation", "sparring", "training"}
    ),
    "mixed": frozenset(),
}
"""Out of which modules of the bank a mode draws; none: out of all."""

WRONG_LAST, WRONG_ONCE, RIGHT = 4.0, 2.0, 0.5
"""How much likelier a question is drawn than one that was never asked: wrong the last time, wrong before and right
the last time, always right."""


class BankOption(Protocol):
    """An option as the handbook keeps it, in the order that is right."""

    @property
    def text(self) -> Text: ...
    @property
    def pair(self) -> Text | None: ...
    @property
    def is_right(self) -> bool: ...


class BankQuestion(Protocol):
    """A question as the handbook keeps it. `about` is the kind, the slug and the name of what it is about."""

    @property
    def slug(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def prompt(self) -> Text: ...
    @property
    def options(self) -> Sequence[BankOption]: ...
    @property
    def answers(self) -> Sequence[str]: ...
    @property
    def explanation(self) -> Text: ...
    @property
    def source(self) -> str: ...
    @property
    def about(self) -> tuple[str, str, Text] | None: ...
    @property
    def media(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True)
class Choice:
    """Something to choose, to put in order or to match. `number` counts from 1 as it is shown, and stays."""

    number: int
    text: Text


@dataclass(frozen=True)
class Spot:
    """What a question is about: technique, tul, term or article."""

    kind: str
    slug: str
    name: Text


@dataclass(frozen=True)
class Frozen:
    """A question as one quiz asks it, whatever becomes of it in the bank.

    `right` holds numbers of options (single, multiple), these in their order (order), pairs of numbers of options
    and partners (match), or the words that are accepted (type). `media` is a picture or a video that is asked
    about: url, alt (by its languages) and kind.
    """

    slug: str
    kind: str
    prompt: Text
    options: Sequence[Choice]
    partners: Sequence[Choice]
    right: Sequence[Any]
    explanation: Text
    source: str
    about: Spot | None = None
    media: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **said,
                "options": [Choice(**each) for each in said["options"]],
                "partners": [Choice(**each) for each in said["partners"]],
                "about": Spot(**said["about"]) if said["about"] else None,
            }
        )

    def option(self, number: int) -> Text:
        return self.options[number - 1].text

    def partner(self, number: int) -> Text:
        return self.partners[number - 1].text


def freeze(question: BankQuestion, roll: Roll) -> Frozen:
    """The question with its options in an order by chance. Things to put in order never stand in the right one."""
    places = _shuffled(range(len(question.options)), roll)
    if question.kind == "order" and places == sorted(places):
        places = [*places[1:], places[0]]
    numbers = {place: number for number, place in enumerate(places, start=1)}
    options = [Choice(numbers[place], question.options[place].text) for place in places]
    partners: list[Choice] = []
    right: list[Any] = list(question.answers)
    if question.kind in {"single", "multiple"}:
        right = sorted(numbers[place] for place, option in enumerate(question.options) if option.is_right)
    elif question.kind == "order":
        right = [numbers[place] for place in range(len(places))]
    elif question.kind == "match":
        met = _shuffled(places, roll)
        partners = [Choice(n, question.options[place].pair or {}) for n, place in enumerate(met, start=1)]
        right = sorted([numbers[place], met.index(place) + 1] for place in places)
    return Frozen(
        slug=question.slug,
        kind=question.kind,
        prompt=question.prompt,
        options=options,
        partners=partners,
        right=right,
        explanation=question.explanation,
        source=question.source,
        about=Spot(*question.about) if question.about else None,
        media=question.media,
    )


def _shuffled(things: Iterable[int], roll: Roll) -> list[int]:
    return [thing for _, thing in sorted((roll(), thing) for thing in things)]


def weights(history: Mapping[str, Sequence[bool]]) -> dict[str, float]:
    """How much likelier each question is drawn, by its answers so far, the last one last."""
    return {
        slug: WRONG_LAST if not answers[-1] else RIGHT if all(answers) else WRONG_ONCE
        for slug, answers in history.items()
        if answers
    }


def number_again(wrong: int) -> int:
    """How many questions a quiz of the weak spots has: what was wrong, and as many others about the same."""
    return min(max(2 * wrong, AT_LEAST), AT_MOST)


@dataclass(frozen=True)
class Weak:
    """Something of which questions went wrong: so many of so many."""

    spot: Spot
    wrong: int
    asked: int


@dataclass(frozen=True)
class Score:
    """What a quiz came to. What was not answered is not right; only what was answered wrong is a weak spot."""

    asked: int
    answered: int
    right: int
    weak: Sequence[Weak]

    @property
    def missing(self) -> int:
        return self.asked - self.answered

    @property
    def wrong(self) -> int:
        return self.answered - self.right

    @property
    def percent(self) -> int:
        """100 only when everything was right."""
        return 100 * self.right // self.asked if self.asked else 0


def score(answers: Iterable[tuple[Frozen, bool | None]]) -> Score:
    """From every question of a quiz and whether it was answered right; None when it was not answered."""
    rows = list(answers)
    asked: dict[tuple[str, str], int] = {}
    wrong: dict[tuple[str, str], int] = {}
    spots: dict[tuple[str, str], Spot] = {}
    for question, is_right in rows:
        if question.about and is_right is not None:
            key = (question.about.kind, question.about.slug)
            spots[key] = question.about
            asked[key] = asked.get(key, 0) + 1
            wrong[key] = wrong.get(key, 0) + (not is_right)
    weak = [Weak(spots[key], wrong[key], asked[key]) for key in asked if wrong[key]]
    return Score(
        asked=len(rows),
        answered=sum(is_right is not None for _, is_right in rows),
        right=sum(is_right is True for _, is_right in rows),
        weak=sorted(weak, key=lambda each: (-each.wrong, -each.wrong / each.asked, each.spot.kind, each.spot.slug)),
    )
