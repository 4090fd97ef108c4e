from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import console_only
from ops_panel.console import queries
from ops_panel.console.forms import BoardShown
from project.foundation.jobs import queries as jobs
from project.foundation.jobs.models import State

from .frame import asks_again, fragments, show

RUNNING, FAILED = 10, 8
"""Rows of the two short lists."""


@console_only
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    board = queries.board(now=now)
    context = {"board": board, "now": now}
    context |= {"findings": queries.findings(now=now), "scheduler": queries.scheduler(now=now)}
    if asks_again(request):
        return fragments(request, "board", context | _still_shown(request, board))
    running, failed = jobs.running(RUNNING), jobs.failed(FAILED)
    shown = {"shown": ",".join(str(each.pk) for each in [*running, *failed]), "failed": board.states[State.FAILED]}
    context |= {"here": "dashboard", "running": running, "failed": failed, "live_url": f"?{urlencode(shown)}"}
    context["more_run"] = board.states[State.RUNNING] - len(running)
    return show(request, "dashboard", context)


def _still_shown(request: HttpRequest, board: queries.Board) -> dict[str, object]:
    """How the rows of an open page are now, and how many there are beside them."""
    form = BoardShown(request.GET)
    if not form.is_valid():
        return {}
    rows = queries.rows_of(form.cleaned_data["shown"], with_log=True)
    running = [each for each in rows if each.state == State.RUNNING]
    context: dict[str, object] = {"rows": rows, "running": running}
    context["more_run"] = max(0, board.states[State.RUNNING] - len(running))
    if form.cleaned_data["failed"] is not None:
        context["more_failed"] = max(0, board.states[State.FAILED] - form.cleaned_data["failed"])
    return context
