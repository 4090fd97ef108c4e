from collections.abc import Sequence

from allauth.account.urls import urlpatterns as account
from allauth.mfa.urls import urlpatterns as second_step
from django.urls import URLPattern, URLResolver, include, path

from .views import people as views


def in_the_house(patterns: Sequence[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The pages of allauth, those of included lists too, answering in the manner of this house."""
    return [
        URLResolver(each.pattern, in_the_house(each.url_patterns))
        if isinstance(each, URLResolver)
        else URLPattern(each.pattern, views.refusing_with_422(each.callback), each.default_args, each.name)
        for each in patterns
    ]


urlpatterns = [
    path("account/", include(in_the_house(account))),
    path("account/second-step/", include(in_the_house(second_step))),
    path("language/", views.language, name="set_language"),
    path("profile/", views.profile, name="profile"),
]
