"""The back door of the handbook shows everything and changes nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from learning.handbook import commands, shelf
from learning.handbook.models import Technique
from project.foundation.audit.models import AuditEvent

from .factories import published_syllabus, published_tul

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "handbook"]


@pytest.fixture
def superuser(at_the_console, otto):
    otto.is_superuser = True
    otto.save(update_fields=["is_superuser"])
    return at_the_console


@pytest.fixture
def content(db):
    """One of each kind, out of the shipped content."""
    now, shipped = timezone.now(), shelf.read()
    published_tul(now=now)
    published_syllabus(now=now)
    for entry in (shipped.articles[0], shipped.terms[0], shipped.questions[0], *shipped.exercises):
        commands.shelve(entry=entry, editor=None, now=now)
    plan = next(plan for plan in shipped.plans if all(item.exercise for block in plan.blocks for item in block.items))
    commands.shelve(entry=plan, editor=None, now=now)


def address(model, page, *args):
    return reverse(f"admin:handbook_{model._meta.model_name}_{page}", args=args)


def test_everything_of_the_handbook_can_be_looked_at(superuser, content):
    assert len(MODELS) == 12
    for model in MODELS:
        row = model._default_manager.first()
        slug = getattr(row, "slug", None) or str(row)
        for url in (
            address(model, "changelist"),
            f"{address(model, 'changelist')}?q={slug}",
            address(model, "change", row.pk),
        ):
            assert superuser.get(url).status_code == 200, url


def test_lists_lead_to_the_editors_page(superuser, content):
    assert 'href="/editor/techniques/gunnun-sogi/"' in superuser.get(address(Technique, "changelist")).content.decode()


def test_nothing_is_added_changed_or_deleted_behind_the_commands_back(superuser, content):
    deeds = AuditEvent.objects.exclude(type="page.refused")  # that they were refused is in the trail
    events = deeds.count()
    for model in MODELS:
        count, row = model._default_manager.count(), model._default_manager.first()
        before = model._default_manager.filter(pk=row.pk).values().get()
        assert superuser.post(address(model, "add"), {"slug": "x", "belt": 3}).status_code == 403
        assert superuser.post(address(model, "change", row.pk), {"slug": "x", "belt": 3}).status_code == 403
        assert superuser.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        superuser.post(
            address(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        )
        assert model._default_manager.count() == count
        assert model._default_manager.filter(pk=row.pk).values().get() == before
    assert deeds.count() == events


def test_an_editor_who_is_no_superuser_sees_none_of_it(at_the_console, content):
    assert at_the_console.get(address(Technique, "changelist")).status_code == 403
