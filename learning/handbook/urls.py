from django.urls import path

from . import views

app_name = "handbook"
urlpatterns = [
    path("techniques/", views.techniques, name="techniques"),
    path("techniques/<slug:slug>/", views.technique, name="technique"),
    path("tuls/", views.tuls, name="tuls"),
    path("tuls/<slug:slug>/", views.tul, name="tul"),
    path("belts/", views.belts, name="belts"),
    path("belts/<int:number>/", views.belt, name="belt"),
    path("search/", views.search, name="search"),
]
