"""Which monthly partitions there have to be. A month is its first day; months begin and end in UTC."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

TABLE = "events_event"
AHEAD = 2
"""Months after this one that are ready before their first event."""


@dataclass(frozen=True)
class Plan:
    create: list[date]
    drop: list[date]


def month_of(instant: datetime) -> date:
    return instant.astimezone(UTC).date().replace(day=1)


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def name_of(month: date) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def month_named(partition: str) -> date | None:
    """The month of a partition by its name; None for a table that is not one of ours."""
    found = re.fullmatch(rf"{TABLE}_(\d{{4}})_(0[1-9]|1[0-2])", partition)
    return date(int(found[1]), int(found[2]), 1) if found else None


def plan(months: Collection[date], *, now: datetime, days: int) -> Plan:
    """What is missing among this month and the AHEAD next ones, and which ended `days` ago or longer."""
    wanted = [month_of(now)]
    for _ in range(AHEAD):
        wanted.append(month_after(wanted[-1]))
    oldest = now - timedelta(days=days)
    return Plan(
        create=[month for month in wanted if month not in months],
        drop=sorted(month for month in months if datetime.combine(month_after(month), time(), UTC) <= oldest),
    )
