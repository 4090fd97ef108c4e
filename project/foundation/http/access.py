from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest


class SignInRequired(LoginRequiredMiddleware):
    """Pages ask strangers to sign in unless a view opts out; the API answers 401 by itself."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> Any:
        if request.resolver_match and "api" in request.resolver_match.namespaces:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
