"""Pages of a list by cursor: nothing that stays is skipped or comes twice, whatever happens between two pages."""

from datetime import UTC, datetime

import pytest
from django.core.signing import Signer
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning.handbook.api import techniques, theory, training, tuls, words
from learning.handbook.models import (
    GlossaryTerm,
    Technique,
    TechniqueEdition,
    TheoryArticle,
    TheoryArticleEdition,
    TrainingPlan,
    Tul,
    TulEdition,
)
from project.foundation.http import Problem, cursors

from .factories import TEXT, many_techniques, published_technique

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DATED = {"version": 1, "is_draft": False, "valid_from": NOW, "created_at": NOW}


class Undone(Exception):
    """Takes back what one example wrote."""


def few(*values):
    """Few different values, so that many rows have equal keys."""
    return st.sampled_from(values)


names = st.one_of(
    few("", "a", "A", "ä", "가", "b b", "b-b"),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)


def technique_row(slug, key):
    identity = Technique.objects.create(slug=slug)
    TechniqueEdition.objects.create(
        **DATED, identity=identity, category="kick", min_belt=key["belt"], name_pl="", name_en="", hangul="",
        transliteration=key["name"],
    )  # fmt: skip


def tul_row(slug, key):
    ready = Technique.objects.get_or_create(slug="ready")[0]
    TulEdition.objects.create(
        **DATED, identity=Tul.objects.create(slug=slug), kind="tul", order=key["order"], belt=key["belt"], name="",
        hangul="", movements=1, meaning=TEXT, ready=ready,
    )  # fmt: skip


def term_row(slug, key):
    technique = Technique.objects.get_or_create(slug=f"named-{key['order']}")[0] if key["order"] else None
    GlossaryTerm.objects.create(
        slug=slug, topic=key["topic"], name_pl="", name_en="", hangul="", transliteration=key["name"], min_belt=9,
        technique=technique, place=key["order"],
    )  # fmt: skip


def article_row(slug, key):
    TheoryArticleEdition.objects.create(
        **DATED, identity=TheoryArticle.objects.create(slug=slug), topic=key["topic"], belt=key["belt"],
        order=key["order"], title=TEXT, body=TEXT,
    )  # fmt: skip


def plan_row(slug, key):
    TrainingPlan.objects.create(slug=slug, belt=key["belt"], name=TEXT, goal=TEXT)


WITHOUT_VALUES = {
    "technique": ["technique__slug", "slug"],
    "-technique": ["-technique__slug", "-slug"],
    "place": ["-place", "technique_id", "slug"],
}
"""Orderings by columns that many rows have no value for; no list of the API has one yet."""

LISTS = [
    (TechniqueEdition, technique_row, techniques.ORDERINGS),
    (TulEdition, tul_row, tuls.ORDERINGS),
    (GlossaryTerm, term_row, words.ORDERINGS | WITHOUT_VALUES),
    (TheoryArticleEdition, article_row, theory.ORDERINGS),
    (TrainingPlan, plan_row, training.ORDERINGS),
]
EVERY = [
    pytest.param(model, row, orderings, name, id=f"{model.__name__} {name}")
    for model, row, orderings in LISTS
    for name in orderings
]

keys = st.fixed_dictionaries(
    {"belt": few(0, 1, 9, 10), "order": few(0, 1, 2), "topic": few("tenets", "tuls"), "name": names}
)
rows_at_first = st.lists(keys, max_size=12)
between = st.lists(st.tuples(few("insert", "insert", "delete"), keys, st.integers(0, 1000)), max_size=4)


def slug_of(row):
    return row.slug


@pytest.mark.parametrize(("model", "make", "orderings", "ordering"), EVERY)
@settings(
    max_examples=settings().max_examples // 3,  # there are many orderings
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(first=rows_at_first, happens=st.lists(between, max_size=6), limit=st.integers(1, 5))
def test_what_stays_comes_exactly_once(model, make, orderings, ordering, first, happens, limit):
    try:
        with transaction.atomic():
            walk(model, make, orderings, ordering, first, happens, limit)
            raise Undone
    except Undone:
        pass


def walk(model, make, orderings, ordering, first, happens, limit):
    for number, key in enumerate(first):
        make(f"row-{number * 7 % 13}-{number}", key)
    stayed = {slug_of(row) for row in model.objects.all()}
    seen, cursor, made = [], "", 0
    for _ in range(100):
        page = cursors.page(
            model.objects.all(), of="rows", orderings=orderings, ordering=ordering, cursor=cursor, limit=limit
        )
        assert len(page.items) <= limit
        seen += [slug_of(row) for row in page.items]
        if page.next is None:
            break
        cursor = page.next
        for what, key, which in happens.pop() if happens else []:
            present = sorted(model.objects.all(), key=slug_of)
            if what == "insert":
                make(f"row-{which % 13}-new-{made}", key)
                made += 1
            elif present:
                gone = present[which % len(present)]
                stayed.discard(slug_of(gone))
                gone.delete()
    else:
        pytest.fail("the list has no end")
    assert len(seen) == len(set(seen)), "something came twice"
    assert stayed <= set(seen), "something was skipped"


@pytest.mark.parametrize(("model", "make", "orderings", "ordering"), EVERY)
def test_the_pages_together_are_the_list_in_its_order(model, make, orderings, ordering):
    for number in range(30):
        topic = ("tenets", "tuls")[number % 2]
        make(
            f"row-{number * 7 % 30}",
            {"belt": number % 5, "order": number % 3, "topic": topic, "name": "ab"[number % 2]},
        )

    def given(limit, cursor=""):
        return cursors.page(
            model.objects.all(), of="rows", orderings=orderings, ordering=ordering, cursor=cursor, limit=limit
        )

    whole = [row.pk for row in given(200).items]
    assert len(whole) == 30
    in_pages, cursor = [], ""
    while cursor is not None:
        page = given(4, cursor)
        in_pages += [row.pk for row in page.items]
        cursor = page.next
    assert in_pages == whole


def test_rows_without_a_value_come_last_in_both_directions():
    for number in range(4):
        term_row(f"row-{number}", {"topic": "tuls", "order": number % 2, "name": ""})
    for ordering in ("technique", "-technique"):
        page = cursors.page(
            GlossaryTerm.objects.all(), of="rows", orderings=WITHOUT_VALUES, ordering=ordering, cursor="", limit=9
        )
        assert [bool(row.technique) for row in page.items] == [True, True, False, False]


class TestCursors:
    @pytest.fixture
    def cursor(self):
        many_techniques(5, now=NOW)
        return self.page().next

    @staticmethod
    def page(cursor="", *, of="techniques", ordering="belt"):
        return cursors.page(
            TechniqueEdition.objects.select_related("identity"),
            of=of,
            orderings=techniques.ORDERINGS,
            ordering=ordering,
            cursor=cursor,
            limit=2,
        )

    def said(self, cursor, **asked):
        with pytest.raises(Problem) as refused:
            self.page(cursor, **asked)
        assert refused.value.status == 422
        (error,) = refused.value.errors
        assert error["where"] == ["query", "cursor"]
        return error["what"]

    def test_one_of_another_ordering_is_refused_with_the_name_of_its_own(self, cursor):
        assert "made for the ordering belt" in self.said(cursor, ordering="name")

    def test_one_of_another_list_is_refused(self, cursor):
        assert "no cursor of this list" in self.said(cursor, of="tuls")

    @pytest.mark.parametrize(
        "spoil",
        [
            str.lower,
            str.swapcase,
            lambda text: text[1:],
            lambda text: text[:-1],
            lambda text: text + "=",
            lambda text: "x" + text,
        ],
    )
    def test_one_that_was_changed_is_refused(self, cursor, spoil):
        assert "no cursor of this list" in self.said(spoil(cursor))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.text(min_size=1))
    def test_one_that_was_made_up_is_refused(self, made_up):
        assert "no cursor of this list" in self.said(made_up)

    def test_one_with_another_number_of_columns_is_refused(self):
        assert "Begin again" in self.said(Signer(salt="cursor of techniques").sign_object(["belt", [1]]))

    def test_a_page_costs_one_query(self, cursor, django_assert_num_queries):
        with django_assert_num_queries(1):
            self.page(cursor)

    def test_the_last_page_says_so_even_when_it_is_full(self):
        many_techniques(2, now=NOW)
        assert self.page().next is None

    def test_a_row_that_gets_its_next_edition_between_two_pages_does_not_come_again(self, now):
        for number in range(4):
            published_technique(now=now, slug=f"same-{number}", transliteration="same")
        first = self.page(ordering="name")
        edition = first.items[-1]
        edition.identity.editions.update(valid_to=now.replace(year=2027))
        edition.pk, edition.version = None, 2
        edition.valid_from, edition.valid_to = now.replace(year=2027), None
        edition.save(force_insert=True)
        later = TechniqueEdition.objects.valid_at(now.replace(year=2028))
        second = cursors.page(
            later, of="techniques", orderings=techniques.ORDERINGS, ordering="name", cursor=first.next, limit=9
        )
        assert [row.slug for row in second.items] == ["same-2", "same-3"]
