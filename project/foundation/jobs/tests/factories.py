from datetime import UTC, datetime

import factory

from project.foundation.jobs.models import Job, State

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class JobFactory(factory.django.DjangoModelFactory[Job]):
    """A job that waits in its queue; the traits are later moments of its life."""

    class Meta:
        model = Job

    class Params:
        running = factory.Trait(state=State.RUNNING, attempt=1, started_at=NOW, heartbeat_at=NOW)
        succeeded = factory.Trait(running=True, state=State.SUCCEEDED, progress=100, furthest=100, ended_at=NOW)
        failed = factory.Trait(running=True, state=State.FAILED, error="it broke", ended_at=NOW)
        canceled = factory.Trait(state=State.CANCELED, ended_at=NOW)
        set_aside = factory.Trait(failed=True, is_set_aside=True, attempt=3, crashes=3)

    kind = "jobs.ping.default"
    queue = "default"
    why = "a test asked"
    queued_at = NOW
    due_at = factory.SelfAttribute("queued_at")
