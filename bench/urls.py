from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path, resolve

from project.urls import urlpatterns as ours


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """A Django view that returns the very bytes of the list, and does nothing else."""
    return HttpResponse(_bytes(request.GET["of"]), content_type="application/json")


@cache
def _bytes(address: str) -> bytes:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get(address)
    request.user = AnonymousUser()
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs).content


urlpatterns = [path("bench/bare/", bare), *ours]
