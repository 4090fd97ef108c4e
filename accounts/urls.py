from django.urls import include, path

from . import views

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("language/", views.language, name="set_language"),
    path("profile/", views.profile, name="profile"),
]
