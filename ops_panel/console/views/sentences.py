"""What became of what was pressed, in sentences."""

from collections.abc import Iterator

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ops_panel.console.commands import Report
from ops_panel.console.forms import STATES
from ops_panel.console.queries import Deed
from project.foundation.jobs.models import State


def moved_on(state: str) -> str:
    """The polite refusal of a deed that came too late."""
    return _("Nothing was done. The job has moved on; its state is now: %(state)s.") % {"state": STATES[State(state)]}


def told(report: Report, deed: Deed) -> Iterator[tuple[int, str]]:
    """Each sentence about a deed for many jobs, with the level of its message."""
    yield messages.SUCCESS if report.done else messages.INFO, _done(deed, report.done)
    if report.moved_on:
        yield messages.WARNING, _moved_on(report.moved_on)
    if gone := report.not_found + report.unknown:
        yield messages.WARNING, _gone(gone)
    if report.left[0]:
        yield messages.INFO, _left(*report.left)


def _done(deed: Deed, number: int) -> str:
    match deed:
        case Deed.CANCEL:
            said = ngettext("%(number)s job was canceled.", "%(number)s jobs were canceled.", number)
        case Deed.RERUN:
            said = ngettext("%(number)s job was asked for again.", "%(number)s jobs were asked for again.", number)
        case Deed.CLEAN_UP:
            said = ngettext("%(number)s job was cleaned up.", "%(number)s jobs were cleaned up.", number)
    return said % {"number": number}


def _moved_on(number: int) -> str:
    said = ngettext(
        "%(number)s job had moved on and was left as it is.",
        "%(number)s jobs had moved on and were left as they are.",
        number,
    )
    return said % {"number": number}


def _gone(number: int) -> str:
    said = ngettext(
        "%(number)s job is not there any more, or nobody does its kind of work.",
        "%(number)s jobs are not there any more, or nobody does their kind of work.",
        number,
    )
    return said % {"number": number}


def _left(number: int, is_all: bool) -> str:  # noqa: FBT001 - the pair of queries.counted
    if not is_all:
        return _("More than %(number)s jobs are left.") % {"number": number}
    said = ngettext("%(number)s more job is left.", "%(number)s more jobs are left.", number)
    return said % {"number": number}
