"""The scheduler is fitted to learners who have reviewed enough, by night and without keeping them waiting."""

import math
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from learning.practice import queries
from learning.practice.models import Algorithm, Fit, Learner
from learning.practice.rules import fitting
from project.foundation.jobs import commands as jobs

from .learners import learner_for_update, refold


@transaction.atomic
def fit(*, now: datetime) -> int:
    """Have the scheduler fitted to everybody whose log has grown, each by a job. Gives how many."""
    grown = queries.to_fit()
    for actor in grown:
        jobs.enqueue(
            "practice.fit_learner",
            arguments={"actor": str(actor)},
            asked_by=None,
            why="their log of reviews has grown",
            now=now,
            key=str(actor),
        )
    return len(grown)


def fit_somebody(*, actor: UUID, now: datetime) -> Fit | None:
    """The same for whoever has this pseudonym; nothing for somebody who has left."""
    person = get_user_model().objects.filter(actor_id=actor).first()
    return fit_learner(person=person, now=now) if person else None


def fit_learner(*, person: Any, now: datetime) -> Fit | None:
    """Fit FSRS to somebody's log, and use what came of it when it foresaw better what it had not seen.

    None when there are too few reviews, none to judge by, or none since the last try. The calculation holds no lock;
    whoever was overtaken by another try gives way to it. Cards are folded anew with new parameters, also those that
    were reviewed meanwhile.
    """
    before = queries.last_fit(person=person)
    log = queries.logs(person=person)
    try:
        found = fitting.fit(list(log.values()))
    except fitting.TooFewReviews:
        return None
    is_known = before is not None and before.reviews == found.reviews
    if is_known or not math.isfinite(found.log_loss_default):
        return None
    return _keep(person, found, before=before, now=now)


@transaction.atomic
def _keep(person: Any, found: fitting.Fitting, *, before: Fit | None, now: datetime) -> Fit | None:
    try:
        learner = learner_for_update(person=person, now=now)
    except get_user_model().DoesNotExist:
        return None
    if queries.last_fit(person=person) != before:
        return None
    kept = Fit.objects.create(
        person_id=person.pk,
        fitted_at=now,
        reviews=found.reviews,
        parameters=list(found.parameters),
        log_loss_default=found.log_loss_default,
        log_loss_fitted=found.log_loss_fitted,
        is_used=found.is_better,
    )
    if found.is_better:
        _use(learner, found)
    return kept


def _use(learner: Learner, found: fitting.Fitting) -> None:
    """Whoever practises by another algorithm keeps the parameters for the day on which they come back."""
    learner.parameters = list(found.parameters)
    learner.save(update_fields=["parameters"])
    if learner.algo == Algorithm.FSRS:
        refold(learner=learner)
