from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def leaving(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that sends people elsewhere to sign in, in the manner of this house.

    404 where it is not configured; a sentence where the other side does not answer.

    The policy of our pages lets a form lead to ourselves only, and a browser holds it against every redirect that
    follows, whoever's. So the form leads to a page that goes on by itself, which is no form any more.
    """

    @wraps(view)
    def left(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            response = view(request, *args, **kwargs)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        except OAuth2Error:
            return render(request, "socialaccount/authentication_error.html", status=502)
        to = response.headers.get("Location", "")
        if request.method != "POST" or url_has_allowed_host_and_scheme(to or "/", allowed_hosts={request.get_host()}):
            return response
        return render(request, "socialaccount/leaving.html", {"to": to})

    return left
