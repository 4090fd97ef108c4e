"""Words of the pages of practice: in how long a card comes back."""

from datetime import timedelta

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning.practice.rules.memory import Memory

register = template.Library()

MONTH, YEAR = 30.44, 365.25
"""Days, on average."""


@register.filter
def days_in_words(days: float) -> str:
    """A number of days, rounded to what a person would say."""
    if days < 60:
        number = max(1, round(days))
        return ngettext("{n} day", "{n} days", number).format(n=number)
    if days < 2 * YEAR:
        number = round(days / MONTH)
        return ngettext("{n} month", "{n} months", number).format(n=number)
    number = round(days / YEAR)
    return ngettext("{n} year", "{n} years", number).format(n=number)


@register.filter("span")
def span_in_words(span: timedelta) -> str:
    """How long until something, in one unit."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    hours = round(minutes / 60)
    return _("{n} h").format(n=hours) if hours < 24 else days_in_words(span.days)


@register.filter
def percent(share: float) -> str:
    """A probability (0 to 1) as whole percents."""
    return percents(round(share * 100))


@register.filter
def percents(number: int) -> str:
    """Whole percents as English, Polish and Korean write them (CLDR): without a space."""
    return f"{number}%"


@register.filter
def whole(number: float) -> str:
    """A count, its thousands apart as the language has them."""
    if number < 1000:
        return str(int(number))
    return formats.number_format(int(number), 0, use_l10n=True, force_grouping=True)


@register.filter
def seconds(milliseconds: int) -> str:
    return formats.localize(round(milliseconds / 1000, 1))


def comes_back(memory: Memory, after: timedelta) -> str:
    """When a card comes back, `after` so long; whole days are days, however few hours are left of today."""
    return days_in_words(memory.interval) if memory.interval else span_in_words(after)


@register.filter("device")
def device_in_words(name: str) -> str:
    """Where a review came from, as its reader would say: browsers send a word and a key of their own."""
    kind, _space, key = name.partition(" ")
    return f"{_('Browser')} {key[:4]}".strip() if kind in {"browser", "page"} else name
