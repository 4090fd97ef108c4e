from django.urls import path

from . import views
from .views import editing

app_name = "handbook"
urlpatterns = [
    path("handbook/", views.handbook, name="handbook"),
    path("techniques/", views.techniques, name="techniques"),
    path("techniques/<slug:slug>/", views.technique, name="technique"),
    path("tuls/", views.tuls, name="tuls"),
    path("tuls/<slug:slug>/", views.tul, name="tul"),
    path("tuls/<slug:slug>/floor/<int:movement>.svg", views.tul_floor, name="tul-floor"),
    path("tuls/<slug:slug>/sheet.pdf", views.tul_sheet, name="tul-sheet"),
    path("belts/", views.belts, name="belts"),
    path("belts/<int:number>/", views.belt, name="belt"),
    path("belts/<int:number>/sheet.pdf", views.belt_sheet, name="belt-sheet"),
    path("glossary/", views.glossary, name="glossary"),
    path("glossary/<slug:slug>/", views.term, name="term"),
    path("theory/", views.theory, name="theory"),
    path("theory/<slug:slug>/", views.article, name="article"),
    path("plans/", views.plans, name="plans"),
    path("plans/new/", views.plan_new, name="plan-new"),
    path("plans/<slug:slug>/", views.plan, name="plan"),
    path("plans/<slug:slug>/copy/", views.plan_copy, name="plan-copy"),
    path("plans/<slug:slug>/change/", views.plan_change, name="plan-change"),
    path("plans/<slug:slug>/removal/", views.plan_removal, name="plan-removal"),
    path("search/", views.search, name="search"),
    path("editor/", editing.desk, name="editor"),
    path("editor/<slug:kind>/", editing.entries, name="editor-list"),
    path("editor/<slug:kind>/new/", editing.new, name="editor-new"),
    path("editor/<slug:kind>/<slug:key>/", editing.entry, name="editor-entry"),
    path("editor/<slug:kind>/<slug:key>/draft/", editing.draft, name="editor-draft"),
    path("editor/<slug:kind>/<slug:key>/draft/removal/", editing.removal, name="editor-removal"),
    path("editor/<slug:kind>/<slug:key>/publication/", editing.publication, name="editor-publication"),
    path("editor/<slug:kind>/<slug:key>/changes/", editing.changes, name="editor-changes"),
    path("editor/<slug:kind>/<slug:key>/editions/<int:version>/", editing.edition, name="editor-edition"),
    path(
        "editor/<slug:kind>/<slug:key>/editions/<int:version>/restoration/",
        editing.restoration,
        name="editor-restoration",
    ),
    path(
        "editor/<slug:kind>/<slug:key>/editions/<int:version>/withdrawal/", editing.withdrawal, name="editor-withdrawal"
    ),
]
