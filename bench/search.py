"""Search as one types, among a hundred thousand entries that are made up here, against ILIKE and against trigrams."""

import random
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from statistics import quantiles
from typing import Any

from .report import Row

ENTRIES = 100_000
VOCABULARY = 4_000
"""Transliterated words that the made-up names are put together from."""

SYLLABLES = (
    "gun nun so gi cha dol lyo ap yop dwit an pal mok mak ji ru son kal joo muk twi myo nop un de ban dae go ro".split()
)
HANGUL = "걷는서기차돌려앞옆뒤안팔목막지르손칼주먹뛰며높은데반대고로"
ENGLISH = (
    "front back side turning rising middle high low walking sitting fixed knife hand fore arm kick block punch".split()
)
POLISH = [
    *("przednie", "tylne", "boczne", "okrężne", "wznoszące", "środkowe", "wysokie", "niskie"),
    *("marszowa", "siedząca", "dłoń", "przedramię", "kopnięcie", "blok"),
]


def measured(*, entries: int = ENTRIES) -> Iterator[Row]:
    from django.db import connection

    dice = random.Random(2026)
    words = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(VOCABULARY)]
    documents = [_document(number, words, dice) for number in range(entries)]
    _store(documents)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_names AS SELECT id, lower(concat_ws(' | ', roman, hangul, title->>'pl', title->>'en'))"
            " AS names FROM handbook_searchdocument"
        )
        cursor.execute("CREATE INDEX bench_trigrams ON bench_names USING gin (names gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE bench_names")
        cursor.execute("VACUUM ANALYZE handbook_searchdocument")
        cursor.execute("VACUUM ANALYZE handbook_searchslip")
    asked = _queries(documents, dice)
    ours = _timed(asked, _search)
    ilike = _timed(asked, _ilike)
    trigrams = _timed(asked[:60], _trigrams)
    how = f"{entries:,} entries, {len(asked)} queries"
    yield Row("search as you type, in PostgreSQL", how, _said(ours), "aim p95 < 15 ms")
    yield Row("the same words by `ILIKE`", how, _said(ilike), f"ours {_ratio(ilike, ours)} as fast at p95")
    yield Row("the same by trigrams (`<%`)", how, _said(trigrams), f"ours {_ratio(trigrams, ours)} as fast at p95")
    found = sum(bool(_hits(query)) for query in asked)
    yield Row("queries that find something", how, f"ours {found}, `ILIKE` {sum(bool(_ilike(q)) for q in asked)}")


def _document(number: int, words: list[str], dice: random.Random) -> Any:
    from learning.handbook.rules.documents import Document

    roman = " ".join(dice.choices(words, k=dice.randint(1, 3)))
    hangul = "".join(dice.choices(HANGUL, k=dice.randint(2, 6)))
    english, polish = (" ".join(dice.sample(words, k=dice.randint(2, 4))) for words in (ENGLISH, POLISH))
    kind = dice.choice(["technique", "technique", "tul", "term", "article"])
    return Document(
        kind=kind,
        slug=f"made-{number}",
        belt=dice.randint(0, 10),
        category="kick",
        title={"pl": polish, "en": english, "ko": hangul},
        hangul=hangul,
        roman=roman,
        names=[roman, hangul, english, polish],
        romans=[roman],
        body=[" ".join(dice.choices(words, cum_weights=_as_in_texts(len(words)), k=30))],
    )


@cache
def _as_in_texts(number: int) -> list[float]:
    """Words of a text are as frequent as Zipf says: the second half as often as the first, and so on."""
    return list(accumulate(1 / rank for rank in range(1, number + 1)))


def _store(documents: list[Any]) -> None:
    """Through the same rules as publishing, past the commands because only the number matters."""
    from django.utils import timezone

    from learning.handbook.commands import indexing

    now = timezone.now()
    for start in range(0, len(documents), 2000):
        batch = documents[start : start + 2000]
        indexing._put([indexing._Dated(document, 1, now, None) for document in batch])


def _queries(documents: list[Any], dice: random.Random) -> list[str]:
    """What people send while they type: beginnings of names in four spellings, every third with a slip."""
    asked = []
    for document in dice.sample(documents, 300):
        name = dice.choice(document.names)
        typed = name[: dice.randint(2, len(name))].strip()
        if len(typed) > 5 and dice.random() < 0.33:
            at = dice.randrange(1, len(typed))
            typed = typed[:at] + typed[at + 1 :]
        asked.append(typed)
    return asked


def _timed(asked: list[str], search: Callable[[str], Any]) -> list[float]:
    """Milliseconds that PostgreSQL took for each, waiting and fetching included."""
    from django.db import connection

    times: list[float] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            times[-1] += (time.perf_counter() - started) * 1000

    for query in asked[:20]:
        search(query)
    with connection.execute_wrapper(watch):
        for query in asked:
            times.append(0.0)
            search(query)
    return times


def _search(query: str) -> Any:
    return _hits(query)


def _hits(query: str) -> Any:
    from django.utils import timezone

    from learning.handbook import queries

    return queries.search(q=query, asked=queries.Asked(now=timezone.now()), language="en", limit=8).hits


def _ilike(query: str) -> Any:
    """Every word somewhere in a name: what a search without an index does. It knows no slips and no sounds."""
    words = [f"%{word}%" for word in query.split()]
    return _rows(f"SELECT id FROM bench_names WHERE {' AND '.join(['names ILIKE %s'] * len(words))} LIMIT 8", words)


def _trigrams(query: str) -> Any:
    return _rows(
        "SELECT id FROM bench_names WHERE %s <%% names ORDER BY word_similarity(%s, names) DESC LIMIT 8", [query, query]
    )


def _rows(sql: str, params: list[str]) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _said(times: list[float]) -> str:
    cuts = quantiles(times, n=100)
    return f"median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms"


def _ratio(other: list[float], ours: list[float]) -> str:
    return f"{quantiles(other, n=100)[94] / quantiles(ours, n=100)[94]:.1f} ×"
