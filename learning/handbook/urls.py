from django.urls import path

from . import views

app_name = "handbook"
urlpatterns = [
    path("techniques/", views.techniques, name="techniques"),
    path("techniques/<slug:slug>/", views.technique, name="technique"),
    path("tuls/", views.tuls, name="tuls"),
    path("tuls/<slug:slug>/", views.tul, name="tul"),
    path("tuls/<slug:slug>/sheet.pdf", views.tul_sheet, name="tul-sheet"),
    path("belts/", views.belts, name="belts"),
    path("belts/<int:number>/", views.belt, name="belt"),
    path("belts/<int:number>/sheet.pdf", views.belt_sheet, name="belt-sheet"),
    path("glossary/", views.glossary, name="glossary"),
    path("glossary/<slug:slug>/", views.term, name="term"),
    path("theory/", views.theory, name="theory"),
    path("theory/<slug:slug>/", views.article, name="article"),
    path("plans/", views.plans, name="plans"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("search/", views.search, name="search"),
]
