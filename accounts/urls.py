from allauth.account.urls import urlpatterns as allauth
from django.urls import URLPattern, include, path

from . import views

in_the_house = [
    URLPattern(each.pattern, views.refusing_with_422(each.callback), each.default_args, each.name) for each in allauth
]

urlpatterns = [
    path("account/", include(in_the_house)),
    path("language/", views.language, name="set_language"),
    path("profile/", views.profile, name="profile"),
]
