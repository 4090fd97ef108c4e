from django.contrib import admin
from django.urls import include, path

from learning.practice.views.home import home
from project import views
from project.api import api

urlpatterns = [
    path("", home, name="home"),
    path("", include("learning.handbook.urls")),
    path("", include("learning.practice.urls")),
    path("", include("accounts.urls")),
    path("console/", include("ops_panel.console.urls")),
    path("more/", views.more, name="more"),
    path("offline/", views.offline, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("theme/", views.theme, name="set_theme"),
    path("api/", api.urls),
    path("health/", views.health, name="health"),
    path("health/ready/", views.ready, name="ready"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("styleguide/errors/<str:name>/", views.error_page, name="error-page"),
    path("dev/mail/", views.sent_mail, name="sent-mail"),
    path("dev/codes/", views.one_time_codes, name="one-time-codes"),
    path("admin/", admin.site.urls),
]
