"""Everything that the clock asks for, in one place. Times are those of Warsaw; the console shows and starts them."""

from project.foundation.jobs import schedules
from project.foundation.jobs.rules import Schedule

SCHEDULES = [
    Schedule("audit.seal", kind="audit.seal", cron="* * * * *", why="the trail is sealed every minute"),
    Schedule("audit.verify", kind="audit.verify", cron="0 4 * * *", why="the trail is held against its seals"),
    Schedule("events.partitions", kind="events.keep_partitions", cron="10 3 * * *", why="room for the next months"),
    Schedule("events.forward", kind="events.forward", cron="*/5 * * * *", why="product events to PostHog"),
    Schedule("outbound.errors", kind="outbound.forget_errors", cron="20 3 * * *", why="old integration errors"),
    Schedule("jobs.routine", kind="jobs.forget_routine", cron="30 3 * * *", why="old jobs of the clock"),
]


def declare() -> None:
    schedules.declare(SCHEDULES)
