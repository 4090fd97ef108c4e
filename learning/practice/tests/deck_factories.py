"""A little handbook with something of every kind of card in it."""

from datetime import datetime
from typing import Any

from learning.handbook import commands as handbook
from learning.handbook.models import QuestionOrigin
from learning.handbook.rules import entries
from learning.handbook.tests.factories import (
    TEXT,
    published_syllabus,
    published_technique,
    published_tul,
    step,
)

WRITTEN = QuestionOrigin.AUTHORED
BELT = 8


def put_term(*, now: datetime, slug: str = "charyot", **fields: Any) -> None:
    wanted: dict[str, Any] = {
        "slug": slug,
        "topic": "commands",
        "names": {"pl": "baczność", "en": "attention", "ko": "차렷"},
        "transliteration": slug,
        "min_belt": BELT,
    }
    handbook.put_term(entry=entries.Term(**(wanted | fields)), editor=None, now=now)


def put_question(*, now: datetime, slug: str = "what-is-it", kind: str = "single", **fields: Any) -> None:
    options: dict[str, list[dict[str, Any]]] = {
        "single": [option("one", right=True), option("two"), option("three")],
        "multiple": [option("one", right=True), option("two", right=True), option("three")],
        "order": [option("first"), option("second"), option("third")],
        "match": [option("sun", pair="day"), option("moon", pair="night"), option("rain", pair="wet")],
        "type": [],
    }
    wanted: dict[str, Any] = {
        "slug": slug,
        "kind": kind,
        "modules": ["theory"],
        "belts": (BELT, 0),
        "prompt": {"pl": f"Co to jest {slug}?", "en": f"What is {slug}?", "ko": "무엇인가?"},
        "options": options[kind],
        "answers": ["Ten"] if kind == "type" else [],
        "explanation": {"pl": "Bo tak.", "en": "Because of the ground.", "ko": "그래서."},
        "source": "Encyclopedia, vol. 1",
    }
    origin = fields.pop("origin", WRITTEN)
    handbook.put_question(entry=entries.Question(**(wanted | fields)), origin=origin, editor=None, now=now)


def option(text: str, *, right: bool = False, pair: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {"text": {"pl": f"{text} pl", "en": text, "ko": "하나"}, "right": right}
    return told | ({"pair": {"pl": f"{pair} pl", "en": pair, "ko": "둘"}} if pair else {})


def small_deck(*, now: datetime) -> None:
    """The deck of the 8th kup: two words, one technique, a tul of two movements, one question."""
    names = {"pl": "pięść", "en": "forefist", "ko": "앞주먹"}
    published_technique(now=now, slug="ap-joomuk", category="hand_attack", min_belt=BELT, names=names)
    published_tul(
        now=now, slug="dan-gun", name="Dan-Gun", hangul="단군", belt=BELT,
        steps=[step(1, note=TEXT), step(2, technique="ap-joomuk", stance_side="left", side="right", moves=[])],
    )  # fmt: skip
    published_syllabus(now=now, belt=BELT, tuls=["dan-gun"], techniques=["ap-joomuk"])
    put_term(now=now, slug="charyot", note={"pl": "Stań prosto.", "en": "Stand straight.", "ko": "바로 서라."})
    put_term(now=now, slug="kyong-ye", names={"pl": "ukłon", "en": "bow", "ko": "경례"})
    put_question(now=now)
