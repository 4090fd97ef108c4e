"""What is asked for by the clock. The roof declares it in one file, `project/schedules.py`, when Django starts."""

from collections.abc import Iterable

from .rules import Schedule

_declared: dict[str, Schedule] = {}


class UnknownSchedule(LookupError):
    """Nothing of this name is declared."""


def declare(schedules: Iterable[Schedule]) -> None:
    for schedule in schedules:
        if _declared.get(schedule.name, schedule) != schedule:
            raise ValueError(f"two schedules are called {schedule.name}")
        _declared[schedule.name] = schedule


def declared() -> list[Schedule]:
    return sorted(_declared.values(), key=lambda schedule: schedule.name)


def named(name: str) -> Schedule:
    """Raises UnknownSchedule."""
    try:
        return _declared[name]
    except KeyError:
        raise UnknownSchedule(name) from None
