from uuid import UUID

from django.utils import timezone

from learning.practice import commands
from project.foundation.jobs.registry import Run, job


@job("practice.remind")
def remind(run: Run) -> int:
    """How many learners are asked about."""
    return commands.remind(now=timezone.now())


@job("practice.remind_some", timeout=600)
def remind_some(run: Run, *, actors: list[str]) -> int:
    """How many were told that something is due."""
    return commands.remind_some(actors=[UUID(actor) for actor in actors], now=timezone.now())


@job("practice.fit")
def fit(run: Run) -> int:
    """How many logs have grown."""
    return commands.fit(now=timezone.now())


@job("practice.fit_learner", timeout=600)
def fit_learner(run: Run, *, actor: str) -> bool:
    """Whether new parameters are used."""
    fitted = commands.fit_somebody(actor=UUID(actor), now=timezone.now())
    return bool(fitted and fitted.is_used)
