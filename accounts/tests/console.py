"""A console to stand before, whatever the real one looks like: one page and one form behind its door."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.access import console_only


@console_only
def room(request: HttpRequest, name: str = "") -> HttpResponse:
    return HttpResponse("inside")


urlpatterns = [
    path("the-console/", room),
    path("the-console/<str:name>/", room),
    path("", include("project.urls")),
]
