"""Calendars as programs read them (iCalendar, RFC 5545): the only place that knows the format."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

READ_AGAIN = timedelta(hours=1)
"""How often programs are asked to read a calendar."""


@dataclass(frozen=True)
class Entry:
    """Something on a day. `uid` is the same whenever it is told, and `sequence` grows when it is changed.

    Who `is_free` on that day may still be invited elsewhere.
    """

    uid: str
    on: date
    title: str
    changed_at: datetime
    sequence: int = 0
    place: str = ""
    url: str = ""
    is_canceled: bool = False
    is_free: bool = False


def write(entries: Iterable[Entry], *, name: str) -> bytes:
    """The same entries give the same bytes: what a program has already need not be sent again."""
    calendar = Calendar()
    calendar.add("prodid", "-//Dojang//Dojang//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry) -> Event:
    """Of a calendar that is published DTSTAMP says when the entry was changed (RFC 5545, 3.8.7.2), not when it was
    read."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.is_canceled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_free or entry.is_canceled else "OPAQUE")
    if entry.place:
        event.add("location", entry.place)
    if entry.url:
        event.add("url", entry.url)
    return event
