"""The calendar that programs read: its address is a secret, and can be changed or taken away."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from learning.practice.models import Learner
from project.foundation.audit import commands as audit

from .learners import learner_for_update


@transaction.atomic
def open_calendar(*, person: Any, now: datetime) -> Learner:
    """Give somebody's calendar an address of its own. One that it had before leads nowhere from now on."""
    learner = learner_for_update(person=person, now=now)
    done = "calendar.renewed" if learner.calendar_key else "calendar.opened"
    learner.calendar_key = uuid4()
    learner.save(update_fields=["calendar_key"])
    audit.record(type=done, object=learner, object_id=str(person.actor_id), actor=person.actor_id, now=now)
    return learner


@transaction.atomic
def close_calendar(*, person: Any, now: datetime) -> Learner:
    """The address leads nowhere any more. Closing it twice changes nothing."""
    learner = learner_for_update(person=person, now=now)
    if learner.calendar_key is not None:
        learner.calendar_key = None
        learner.save(update_fields=["calendar_key"])
        audit.record(
            type="calendar.closed", object=learner, object_id=str(person.actor_id), actor=person.actor_id, now=now
        )
    return learner
