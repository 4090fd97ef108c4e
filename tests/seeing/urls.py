from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from project.foundation.jobs import commands as jobs
from project.urls import urlpatterns as of_the_hall


@login_not_required
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    jobs.enqueue(kind, arguments=request.GET.dict(), asked_by=None, why="a test asked", now=timezone.now())
    return HttpResponse("asked for")


@login_not_required
def breaks(request: HttpRequest) -> HttpResponse:
    password = "of ben"
    with connection.cursor() as sql, suppress(DataError):  # whose text repeats what was asked for
        sql.execute("SELECT CAST(%s AS integer)", [request.GET["q"]])
    raise LookupError(f"nothing is called {request.GET['q']}, {len(password)}")


urlpatterns = [*of_the_hall, path("ask/<str:kind>/", ask), path("breaks/", breaks)]
