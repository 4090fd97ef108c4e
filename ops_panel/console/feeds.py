"""What open pages of the console are told."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts import queries as accounts
from project.foundation import live
from project.foundation.jobs.changes import JobChanged, Pulse

from . import queries


def may(visitor: live.Visitor, key: str) -> bool:
    return accounts.console_entry(person=visitor.user, session=visitor.session) is accounts.Entry.OPEN


def render(payload: Any) -> str:
    """Small pieces by their id. A page takes those that it has and leaves the others (static/js/console.js)."""
    if isinstance(payload, JobChanged):
        return render_to_string("console/live/row.html", {"job": queries.Standing.told(payload), "oob": True})
    board = queries.board(now=timezone.now())  # a pulse says only that there is something new; at most one a second
    return render_to_string("console/live/numbers.html", {"board": board, "oob": True})


FEEDS = (
    live.Feed("console.board", of=(Pulse, JobChanged), may=may, render=render),
    live.Feed("console.jobs", of=(JobChanged,), may=may, render=render),
    live.Feed("console.job", of=(JobChanged,), may=may, render=render),
)
