"""From the numbers of a learner to the charts of the page of statistics, each with its words and its table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .queries import STABILITIES, Stats, days_back
from .rules import charts
from .rules.curves import Recalled
from .rules.memory import Rating
from .templatetags.practice import percents, whole

MONTHS = 12
TIMES = 30
"""Days whose minutes are drawn."""
NAMED = 15
"""Every so many bars have the name of their day: in Polish there is no room for more."""
WORST = 0.5
"""Lowest share of the chart of retention; whoever knows less than half stands on its floor."""


@dataclass(frozen=True)
class Table:
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Mark:
    """A word beside an axis. `at` is how far along it."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """One drawing: bars, or lines and dots. `text` says in words what there is to be seen."""

    name: str
    title: str
    text: str
    rules: Sequence[Mark]
    along: Sequence[Mark]
    table: Table
    bars: Sequence[charts.Bar] = ()
    lines: Sequence[tuple[str, charts.Line]] = ()
    """With their kinds: default, fitted, observed."""
    up: str = ""
    across: str = ""
    """What the axes count; without a word it is said beside their numbers."""
    field: charts.Field = field(default_factory=charts.Field)


@dataclass(frozen=True)
class Year:
    """The heatmap, with the words for its months and a table of its weeks."""

    drawn: charts.Heatmap
    months: Sequence[Mark]
    text: str
    weekdays: Sequence[str]
    weeks: Sequence[tuple[date, Sequence[int | None]]]


def year(stats: Stats) -> Year:
    drawn = charts.heatmap(stats.log.reviews, today=stats.today)
    squares = drawn.squares
    used = sum(1 for square in squares if square.count)
    total = sum(square.count for square in squares)
    weeks = []
    for number in range(0, len(squares), 7):
        counts: list[int | None] = [square.count for square in squares[number : number + 7]]
        weeks.append((squares[number].day, counts + [None] * (7 - len(counts))))
    return Year(
        drawn,
        [Mark(each.x, formats.date_format(each.first, "M")) for each in drawn.months],
        ngettext("{total} reviews on {n} day", "{total} reviews on {n} days", used).format(total=whole(total), n=used),
        [formats.date_format(squares[number].day, "D") for number in range(7)],
        weeks[::-1],
    )


def retention(stats: Stats) -> Chart | None:
    """True retention by month. None before anything came back."""
    months = [each for each in stats.log.months[-MONTHS:] if each.both.asked]
    if not months:
        return None
    points = [(float(place), each.both.share or 0.0) for place, each in enumerate(months)]
    weights = [each.both.asked for each in months]
    drawn = charts.plot(
        [charts.Series(points), charts.Series(points, weights)], low=WORST, step=0.1, width=len(points) - 1
    )
    dots = drawn.lines[1].dots
    every = 1 + len(months) // 7
    last = months[-1]
    return Chart(
        name="retention",
        title=_("True retention"),
        text=_("Known in {month}: {share} (cards: {n})").format(
            month=_month(last.first), share=_percent(last.both.share), n=whole(last.both.asked)
        ),
        rules=_shares(drawn.rules),
        along=[
            Mark(dot.x, formats.date_format(each.first, "M"))
            for place, (dot, each) in enumerate(zip(dots, months, strict=True))
            if place % every == 0
        ],
        lines=[("fitted", drawn.lines[0]), ("observed", drawn.lines[1])],
        table=Table(
            [_("Month"), _("Young cards"), _("Mature cards"), _("All")],
            [[_month(each.first), _of(each.young), _of(each.mature), _of(each.both)] for each in reversed(months)],
        ),
    )


def load(stats: Stats) -> Chart:
    """How many cards each of the next days asks."""
    days = [stats.today + timedelta(days=ahead) for ahead in range(len(stats.ahead))]
    total = sum(stats.ahead)
    return _bars(
        "load",
        _("Cards to come"),
        ngettext("{n} card in the next 30 days", "{n} cards in the next 30 days", total).format(n=whole(total)),
        stats.ahead,
        days,
        [_("Day"), _("Cards")],
        up=_("cards"),
    )


def minutes(stats: Stats) -> Chart:
    """How long somebody practised on each of the last days."""
    days = days_back(stats.today, TIMES)
    spent = [stats.log.seconds.get(day, 0.0) / 60 for day in days]
    total = round(sum(spent))
    return _bars(
        "minutes",
        _("Time spent"),
        ngettext("{n} minute in the last 30 days", "{n} minutes in the last 30 days", total).format(n=whole(total)),
        [round(each, 1) for each in spent],
        days,
        [_("Day"), _("Minutes")],
        up=_("minutes"),
    )


def stabilities(stats: Stats) -> Chart:
    """How long the known cards hold."""
    drawn = charts.bars(stats.cards.stabilities)
    first = [0, *STABILITIES]
    spans = [
        _("{first} to {last} days").format(first=low, last=high) for low, high in zip(first, STABILITIES, strict=False)
    ]
    long = sum(stats.cards.stabilities[5:])
    return Chart(
        name="stabilities",
        title=_("How long cards hold"),
        text=ngettext("{n} card holds for a month or longer", "{n} cards hold for a month or longer", long).format(
            n=whole(long)
        ),
        rules=[Mark(each.at, whole(each.value)) for each in drawn.rules],
        along=[Mark(bar.x, str(days)) for bar, days in zip(drawn.bars, first, strict=True)],
        up=_("cards"),
        across=_("days"),
        bars=drawn.bars,
        table=Table(
            [_("Stability"), _("Cards")],
            [
                [span, whole(number)]
                for span, number in zip([*spans, _("longer than a year")], stats.cards.stabilities, strict=True)
            ],
        ),
    )


def forgetting(stats: Stats) -> Chart | None:
    """What is remembered of a card after its first day, beside what the model says. None with too few cards."""
    found = stats.forgetting
    if found is None:
        return None
    observed = charts.Series([(each.days, each.share) for each in found.observed], [e.number for e in found.observed])
    drawn = charts.plot([charts.Series(found.default), charts.Series(found.fitted), observed], low=0.0)
    default, fitted = dict(found.default), dict(found.fitted)
    cards = sum(each.number for each in found.observed)
    return Chart(
        name="forgetting",
        title=_("My forgetting curve"),
        text=ngettext(
            "Drawn from the {n} card that was answered with “{said}” on its first day.",
            "Drawn from the {n} cards that were answered with “{said}” on their first day.",
            cards,
        ).format(n=whole(cards), said=", ".join(_rating(each) for each in found.said)),
        rules=_shares(drawn.rules),
        along=[Mark(each.at, whole(each.value)) for each in drawn.along],
        across=_("days"),
        lines=list(zip(("default", "fitted", "observed"), drawn.lines, strict=True)),
        table=Table(
            [_("Days later"), _("Known"), _("Default model"), *([_("My model")] if fitted else [])],
            [
                [
                    str(each.first) if each.first == each.last else f"{each.first}–{each.last}",
                    _of(Recalled(each.number, round(each.share * each.number))),
                    _percent(default.get(float(round(each.days)))),
                    *([_percent(fitted.get(float(round(each.days))))] if fitted else []),
                ]
                for each in found.observed
            ],
        ),
    )


def _bars(
    name: str,
    title: str,
    text: str,
    values: Sequence[float],
    days: Sequence[date],
    head: Sequence[str],
    *,
    up: str,
) -> Chart:
    """A bar for every day; some are named."""
    drawn = charts.bars(values)
    return Chart(
        name=name,
        title=title,
        text=text,
        rules=[Mark(each.at, whole(each.value)) for each in drawn.rules],
        along=[
            Mark(bar.x, formats.date_format(day, "MONTH_DAY_FORMAT"))
            for place, (bar, day) in enumerate(zip(drawn.bars, days, strict=True))
            if place % NAMED == 0
        ],
        up=up,
        bars=drawn.bars,
        table=Table(
            head,
            [
                [formats.date_format(day, "DATE_FORMAT"), formats.number_format(value, force_grouping=True)]
                for day, value in zip(days, values, strict=True)
            ],
        ),
    )


def _shares(rules: Sequence[charts.Tick]) -> list[Mark]:
    return [Mark(each.at, _percent(each.value)) for each in rules]


def _percent(share: float | None) -> str:
    return "–" if share is None else percents(round(share * 100))


def _of(found: Recalled) -> str:
    return f"{_percent(found.share)} ({found.known}/{found.asked})" if found.asked else "–"


def _month(first: date) -> str:
    return formats.date_format(first, "YEAR_MONTH_FORMAT")


def _rating(rating: Rating) -> str:
    names = {Rating.AGAIN: _("again"), Rating.HARD: _("hard"), Rating.GOOD: _("good"), Rating.EASY: _("easy")}
    return names[rating]
