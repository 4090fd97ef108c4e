from django.utils import timezone

from project.foundation.jobs.registry import Run, job

from . import commands, rules


@job("events.keep_partitions")
def keep_partitions(run: Run) -> dict[str, list[str]]:
    """The months that were made and dropped."""
    done = commands.keep_partitions(now=timezone.now())
    return {
        "made": [rules.name_of(month) for month in done.create],
        "dropped": [rules.name_of(month) for month in done.drop],
    }


@job("events.forward")
def forward(run: Run) -> int:
    """How many events were sent on."""
    return commands.forward(now=timezone.now())
