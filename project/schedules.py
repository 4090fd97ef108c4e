"""Everything that the clock asks for, in one place. Times are those of Warsaw; the console shows and starts them."""

from project.foundation.jobs import schedules
from project.foundation.jobs.rules import Schedule

SCHEDULES = [
    Schedule("audit.seal", kind="audit.seal", cron="* * * * *", why="the trail is sealed every minute"),
    Schedule("audit.verify", kind="audit.verify", cron="0 4 * * *", why="the trail is held against its seals"),
    Schedule("events.partitions", kind="events.keep_partitions", cron="10 3 * * *", why="room for the next months"),
    Schedule("events.forward", kind="events.forward", cron="*/5 * * * *", why="product events to PostHog"),
    Schedule("outbound.errors", kind="outbound.forget_errors", cron="20 3 * * *", why="old integration errors"),
    Schedule("accounts.exports", kind="accounts.forget_exports", cron="40 3 * * *", why="copies of data that are over"),
    Schedule("billing.clubs", kind="billing.look_after_clubs", cron="15 6 * * *", why="plans that ran out silently"),
    Schedule("billing.webhooks", kind="billing.forget_webhooks", cron="45 3 * * *", why="what providers told long ago"),
    Schedule("billing.ads", kind="billing.forget_impressions", cron="50 3 * * *", why="advertisements of last month"),
    Schedule("accounts.sessions", kind="accounts.forget_sessions", cron="35 3 * * *", why="sessions that are over"),
    Schedule("accounts.invitations", kind="accounts.forget_invitations", cron="55 3 * * *", why="old invitations"),
    Schedule("accounts.told", kind="accounts.forget_told", cron="50 3 * * *", why="old notices and letters"),
    Schedule("practice.remind", kind="practice.remind", cron="*/10 * * * *", why="learners whose hour has come"),
    Schedule("practice.fit", kind="practice.fit", cron="25 3 * * *", why="schedulers for logs that have grown"),
    Schedule("jobs.routine", kind="jobs.forget_routine", cron="30 3 * * *", why="old jobs of the clock"),
]


def declare() -> None:
    schedules.declare(SCHEDULES)
