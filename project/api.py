"""/api/v1: routers of the apps under one roof, and one shape for every refusal."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts.api import ads, billing, people, webhooks
from accounts.api.clubs import router as clubs
from accounts.api.gradings import router as gradings
from learning.handbook.api import router as handbook
from learning.practice.api import router as practice
from project.foundation.http import Problem, problem
from project.foundation.http.openapi import Api
from project.foundation.http.problems import ProblemDetails, invalid, larger_than

api = Api(
    title="Dojang",
    version="1",
    description=(
        "The mobile app's door to the training hall. A belt is a number: 10 is 10th kup … 1 is 1st kup, 0 is 1st dan,"
        " -1 is 2nd dan … Texts come in all languages at once."
    ),
    docs_url="/docs",
    openapi_url="/schema",
    urls_namespace="api",
)
api.add_router("/v1/", handbook)
api.add_router("/v1/", practice)
api.add_router("/v1/", clubs)
api.add_router("/v1/", gradings)
for accounts in (people, billing, ads, webhooks):
    api.add_router("/v1/", accounts.router)


@api.exception_handler(Problem)
def refused(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(request, error)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, Problem(404, ProblemDetails.CODES[404], ProblemDetails.WORDS[404]))


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(request, Problem(401, "not_signed_in", "Sign in first."))
    response["WWW-Authenticate"] = "Bearer"  # RFC 9110 wants to know how
    return response


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(request, larger_than(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, Problem(error.status_code, "refused", str(error)))


@api.exception_handler(ValidationError)
def cannot_be_used(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"where": list(map(str, each["loc"])), "what": each["msg"]} for each in error.errors]
    return problem(request, invalid(errors))
