from dataclasses import asdict
from typing import Any

import structlog
from django.utils import timezone

from project.foundation.jobs.registry import Run, job

from . import commands, queries

log = structlog.get_logger("project.audit")

NAMED = 50
"""Findings that the result of a check names; the rest is counted."""


@job("audit.seal", max_attempts=1)
def seal(run: Run) -> dict[str, int | str] | None:
    """Seal what is new. The log carries the hash off this machine, where nobody who changes the trail can reach it."""
    made = commands.seal(now=timezone.now())
    if made is None:
        return None
    log.info("audit sealed", number=made.number, hash=made.hash, last_event=made.last_event)
    return {"number": made.number, "hash": made.hash}


@job("audit.verify")
def verify(run: Run) -> dict[str, Any]:
    """Hold the whole trail against its seals. The job succeeds whatever it finds: the verdict is its result."""
    total = queries.sealed()

    def said(verdict: queries.Verdict) -> None:
        run.progress(min(99, verdict.sealed * 100 // max(total, 1)), f"seal {verdict.number}")

    verdict = queries.verify(progress=said)
    named = verdict.findings[:NAMED]
    for finding in named:
        log.error("audit differs", seal=finding.seal, id=finding.event, what=finding.what)
    log.info("audit checked", is_good=verdict.is_good, number=verdict.number, hash=verdict.hash, sealed=verdict.sealed)
    return {
        "is_good": verdict.is_good,
        "number": verdict.number,
        "hash": verdict.hash,
        "sealed": verdict.sealed,
        "unsealed": verdict.unsealed,
        "findings": [asdict(finding) for finding in named],
        "not_named": verdict.not_named + len(verdict.findings) - len(named),
    }
