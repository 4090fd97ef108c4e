"""The back door: to look things up. What the handbook says is changed on the editor's pages, by their commands."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .models import (
    ExamSyllabus,
    ExamSyllabusEdition,
    Exercise,
    GlossaryTerm,
    PlanBlock,
    Question,
    QuestionOption,
    Technique,
    TechniqueEdition,
    TheoryArticle,
    TheoryArticleEdition,
    TrainingPlan,
    Tul,
    TulEdition,
)
from .views import kinds


class _ToLookAt:
    """Nothing is added, changed or deleted here: that would leave no trail and pass by every check."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _Rows(_ToLookAt, admin.TabularInline[Any, Any]):
    """What belongs to one thing, below it."""

    extra = 0


class _Editions(_Rows):
    fields = ["version", "is_draft", "valid_from", "valid_to", "created_at"]
    ordering = ["-version"]
    show_change_link = True


class _WithEditorPage(_ToLookAt, admin.ModelAdmin[Any]):
    @admin.display(description=_("Editor"))
    def editor_page(self, row: Any) -> SafeString:
        kind, key = kinds.of(row)
        url = reverse("handbook:editor-entry", args=[kind.name, key])
        return format_html('<a href="{}">{}</a>', url, _("Edit"))


def _identity(model: type[models.Model], editions: type[models.Model], key: str) -> None:
    """An identity with all its editions, and the editions by themselves."""
    below = type(f"{editions.__name__}Rows", (_Editions,), {"model": editions})

    class IdentityAdmin(_WithEditorPage):
        list_display = [key, "editor_page"]
        search_fields = [key]
        ordering = [key]
        fields = [key, "editor_page"]
        readonly_fields = [key, "editor_page"]
        inlines = [below]

    class EditionAdmin(_WithEditorPage):
        list_display = ["identity", "version", "is_draft", "valid_from", "valid_to", "editor_page"]
        list_filter = ["is_draft", "valid_from"]
        list_select_related = ["identity"]
        search_fields = [f"identity__{key}"]
        ordering = [f"identity__{key}", "-version"]

    admin.site.register(model, IdentityAdmin)
    admin.site.register(editions, EditionAdmin)


_identity(Technique, TechniqueEdition, "slug")
_identity(Tul, TulEdition, "slug")
_identity(ExamSyllabus, ExamSyllabusEdition, "belt")
_identity(TheoryArticle, TheoryArticleEdition, "slug")


@admin.register(GlossaryTerm)
class TermAdmin(_WithEditorPage):
    list_display = ["slug", "topic", "name_en", "name_pl", "hangul", "min_belt", "editor_page"]
    list_filter = ["topic", "min_belt"]
    search_fields = ["slug", "name_en", "name_pl", "hangul", "transliteration"]


class _Options(_Rows):
    model = QuestionOption


@admin.register(Question)
class QuestionAdmin(_ToLookAt, admin.ModelAdmin[Question]):
    list_display = ["slug", "kind", "origin", "from_belt", "to_belt", "about", "is_retired"]
    list_filter = ["kind", "origin", "is_retired", "from_belt"]
    search_fields = ["slug", "about", "source"]
    inlines = [_Options]


@admin.register(Exercise)
class ExerciseAdmin(_ToLookAt, admin.ModelAdmin[Exercise]):
    list_display = ["slug", "tags"]
    search_fields = ["slug", "tags"]


class _Blocks(_Rows):
    model = PlanBlock


@admin.register(TrainingPlan)
class PlanAdmin(_ToLookAt, admin.ModelAdmin[TrainingPlan]):
    list_display = ["slug", "belt", "owner"]
    list_filter = ["belt"]
    list_select_related = ["owner"]
    search_fields = ["slug"]
    inlines = [_Blocks]
