import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from ops_panel.console import queries
from ops_panel.console.forms import FAILURES
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs.models import Job
from project.foundation.outbound import Kind

register = template.Library()


@register.filter
def who(names: Mapping[str, str], actor: UUID | str | None) -> str:
    """Whoever did it, in a word."""
    if not actor:
        return _("the system")
    return names.get(str(actor)) or _("somebody who is gone")


@register.filter
def is_person(event: AuditEvent) -> bool:
    """Whether it was done to somebody."""
    return event.object_type == queries.PERSON


@register.filter
def page_of(event: AuditEvent) -> str:
    """The address of the object's page in the console; empty where it has none."""
    if event.object_type != Job._meta.label_lower:
        return ""
    return job_page(event.object_id)


@register.filter
def job_page(job_id: str) -> str:
    """The address of a job's page; empty for what is no id of one."""
    try:
        return reverse("console:job", args=[UUID(job_id)])
    except ValueError:
        return ""


@register.filter
def written(payload: Any) -> str:
    return json.dumps(payload, indent=2, ensure_ascii=False)


@register.filter
def went_wrong(kind: str) -> str:
    """How a service failed, in words."""
    return str(FAILURES[Kind(kind)])
