"""What practice holds about somebody (foundation.privacy), with the names of what it is about."""

from collections.abc import Iterator, Mapping
from typing import Any

from learning.practice.models import (
    AnkiImport,
    Fit,
    Learner,
    PracticeDay,
    Progress,
    QuizSession,
    Retraction,
    Review,
    ReviewCard,
)

Rows = list[Mapping[str, Any]]


def settings_of(*, person: Any) -> Rows:
    """Without what the secret address of the calendar is made from."""
    columns = (
        "algo", "retention", "parameters", "new_a_day", "reviews_a_day", "grading_on", "catch_up_from",
        "catch_up_until", "reminder_hour", "reminded_on", "created_at",
    )  # fmt: skip
    found = Learner.objects.filter(person=person.pk)
    return [row | {"has_calendar": key is not None} for row, key in zip(
        found.values(*columns), found.values_list("calendar_key", flat=True), strict=True
    )]  # fmt: skip


def cards_of(*, person: Any) -> Rows:
    columns = (
        "id", "kind", "direction", "term__slug", "technique__slug", "tul__slug", "step_key", "question__slug", "front",
        "back", "deck", "guid", "origin", "created_at", "put_away_at", "buried_until", "leech_from", "stage", "due_at",
        "reviewed_at", "reviews", "lapses", "step", "stability", "difficulty", "ease", "repetitions", "interval",
    )  # fmt: skip
    return list(ReviewCard.objects.filter(person=person.pk).order_by("created_at", "pk").values(*columns))


def reviews_of(*, person: Any) -> Iterator[Mapping[str, Any]]:
    columns = (
        "card", "client_id", "rating", "reviewed_at", "corrected_at", "accepted_at", "duration", "device", "source",
    )  # fmt: skip
    rows = Review.objects.filter(person=person.pk).order_by("corrected_at", "client_id")
    yield from rows.values(*columns).iterator()


def retractions_of(*, person: Any) -> Rows:
    rows = Retraction.objects.filter(person=person.pk).order_by("retracted_at", "pk")
    return list(rows.values("review_client_id", "retracted_at"))


def fits_of(*, person: Any) -> Rows:
    columns = ("fitted_at", "reviews", "parameters", "log_loss_default", "log_loss_fitted", "is_used")
    return list(Fit.objects.filter(person=person.pk).order_by("fitted_at", "pk").values(*columns))


def quizzes_of(*, person: Any) -> Iterator[Mapping[str, Any]]:
    """Each with its questions as they were asked, and what was answered."""
    quizzes = QuizSession.objects.filter(person=person.pk).order_by("started_at", "pk")
    for quiz in quizzes.prefetch_related("items__answer"):
        items = [_question(item) for item in quiz.items.all()]
        said = {name: getattr(quiz, name) for name in ("id", "mode", "belt", "started_at", "finished_at")}
        yield said | {"questions": items}


def progress_of(*, person: Any) -> Rows:
    columns = ("item_type", "item", "status", "score", "detail", "occurred_at", "updated_at")
    return list(Progress.objects.filter(person=person.pk).order_by("item_type", "item").values(*columns))


def days_of(*, person: Any) -> Rows:
    rows = PracticeDay.objects.filter(person=person.pk).order_by("day", "item_type", "item")
    return list(rows.values("day", "item_type", "item"))


def imports_of(*, person: Any) -> Rows:
    rows = AnkiImport.objects.filter(person=person.pk).order_by("imported_at", "pk")
    return list(rows.values("id", "file_name", "imported_at", "report"))


def _question(item: Any) -> dict[str, Any]:
    answer = getattr(item, "answer", None)
    said = {name: getattr(answer, name) for name in ("client_id", "given", "is_right", "answered_at")} if answer else {}
    return {"place": item.place, "question": item.frozen} | said
