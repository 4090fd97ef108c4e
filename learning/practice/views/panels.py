""" "Practise this" and what was trained, in the slots of other floors' pages. Whoever has no account sees nothing."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone

from learning.practice import queries

Context = Mapping[str, Any] | None


def technique(*, viewer: Any, object: Any) -> Context:
    return _about(viewer, "technique", object.slug, reverse("handbook:technique", args=[object.slug]))


def term(*, viewer: Any, object: Any) -> Context:
    return _about(viewer, "term", object.slug, reverse("handbook:term", args=[object.slug]))


def tul(*, viewer: Any, object: Any) -> Context:
    return _about(viewer, "tul", object.slug, reverse("handbook:tul", args=[object.slug]))


def article(*, viewer: Any, object: Any) -> Context:
    return _about(viewer, "article", object.slug, reverse("handbook:article", args=[object.slug]))


def belt(*, viewer: Any, object: Any) -> Context:
    """Beside what a grading asks: how much of its deck is mine."""
    if not viewer.is_authenticated:
        return None
    number = object.edition.identity.belt
    tally = queries.tally_of(person=viewer, belt=number, now=timezone.now())
    return {"belt": number, "tally": tally} if tally.total else None


def plan(*, viewer: Any, object: Any) -> Context:
    """On the page of a plan: when it was trained to its end."""
    return _trained(queries.plans_done(person=viewer), object.slug) if viewer.is_authenticated else None


def plan_row(*, viewer: Any, object: Any) -> Context:
    """The same in a list: one query for all of its lines."""
    if not viewer.is_authenticated:
        return None
    if "done" not in object.kept:
        object.kept["done"] = queries.plans_done(person=viewer)
    return _trained(object.kept["done"], object.plan.slug)


def reminder_hour(*, viewer: Any, object: Any) -> Context:
    """Beside the topic "practice" of the notices: at which hour, which is chosen elsewhere."""
    return {"hour": queries.learner_of(person=viewer).reminder_hour} if object.name == "practice" else None


def _trained(done: Mapping[str, Any], slug: str) -> Context:
    return {"row": done[slug]} if slug in done else None


def _about(viewer: Any, kind: str, key: str, url: str) -> Context:
    if not viewer.is_authenticated:
        return None
    subjects = queries.subjects_about(kind=kind, key=key, now=timezone.now())
    mine = queries.cards_about(person=viewer, subjects=subjects).count() if subjects else 0
    return {"kind": kind, "key": key, "total": len(subjects), "mine": mine, "next": url} if subjects else None
