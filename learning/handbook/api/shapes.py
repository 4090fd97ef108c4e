"""What several operations ask and answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from ninja import Field, Path, Schema
from pydantic import AfterValidator

from learning.handbook import queries
from learning.handbook.models import Collection
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http.conditional import conditional

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Category = Literal["stance", "ready_posture", "hand_attack", "hand_block", "kick", "foot_block", "motion"]
TermTopic = Literal[
    "counting", "commands", "body", "directions", "etiquette", "tenets", "stances", "hands", "feet", "tuls",
    "sparring", "people", "training",
]  # fmt: skip
TheoryTopic = Literal[
    "history", "philosophy", "tenets", "belts", "etiquette", "sparring", "training", "tuls", "organisation"
]


class Text(TypedDict):
    """A text in the languages that it has; English is always there."""

    en: str
    pl: NotRequired[str]
    ko: NotRequired[str]


class Names(TypedDict):
    """A name in every language; Korean is in Hangul."""

    pl: str
    en: str
    ko: str


Belt = Annotated[int, Field(examples=[9])]
SlugPath = Annotated[str, Path(max_length=80, pattern=SLUG)]
BeltAsked = Annotated[int, Field(ge=FIRST_DAN, le=LOWEST)]


def _storable(text: str) -> str:
    """PostgreSQL has no NUL in texts, so nothing is spelled with one."""
    return text.replace("\x00", "")


Typed = Annotated[str, Field(max_length=100), AfterValidator(_storable)]


def left_out(schema: dict[str, Any]) -> None:
    """A filter that is left out is not sent; null is no value of its parameter."""
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    schema |= kinds[0] if kinds else {}
    schema.pop("default", None)


def optional(**facts: Any) -> Any:
    """The field of a filter that may be left out."""
    return Field(None, json_schema_extra=left_out, **facts)


class ListQuery(Schema):
    """What every list can be asked; anything else is refused."""

    limit: Annotated[int, Field(ge=1, le=200, description="How many items a page has at most.")] = 50
    cursor: Annotated[
        str,
        Field(max_length=2000, description="`next` of the page before; only good for the same list and ordering."),
    ] = ""


Next = Annotated[str | None, Field(description="Cursor of the next page; null on the last.")]


def changes_with[F: Callable[..., Any]](*collections: Collection, personal: bool = False) -> Callable[[F], F]:
    """The answer depends on these collections: its entity tag changes when one of them does."""

    def state(now: datetime) -> str:
        return queries.state(*collections, now=now)

    return conditional(state, personal=personal)
