from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from ops_panel.console import queries, rules
from project.foundation.jobs.models import Job

register = template.Library()
last_line = register.filter(rules.last_line)


@register.filter
def standing(job: Job) -> queries.Standing:
    """What the live pieces of a job are made from."""
    return queries.Standing.of(job)


@register.filter
def name_of(names: Mapping[Any, str], actor: UUID | None) -> str:
    """Who asked, in a word."""
    if actor is None:
        return _("the clock")
    return names.get(actor) or _("somebody who is gone")


@register.filter
def clock_since(now: datetime | None, then: datetime | None) -> str:
    """How long ago; nothing where no instant is known, as in what is pushed: the browser goes on counting anyway."""
    return rules.clock((now - then).total_seconds()) if now and then else ""
