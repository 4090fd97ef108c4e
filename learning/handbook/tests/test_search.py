"""What is found first, in every spelling; what is not found; and that search knows what readers may see, no more."""

import os
import random
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from learning.handbook import commands, meilisearch, queries
from learning.handbook.models import DocumentKind, GlossaryTerm, SearchDocument
from learning.handbook.rules import entries, ranking
from project.foundation import health
from project.foundation.jobs.models import Job
from project.foundation.outbound import Unavailable
from tests import standin

from .factories import TEXT, published_technique, published_tul, technique_entry
from .meilisearch_standin import Meilisearch

DAY = timedelta(days=1)


def find(q, *, now, limit=20, **asked):
    return queries.search(q=q, asked=queries.Asked(now=now, **asked), language="en", limit=limit)


def named(found):
    return [f"{hit.document.kind}:{hit.document.slug}" for hit in found.hits]


def term_entry(**fields):
    wanted = {"slug": "sogi", "topic": "stances", "names": {"pl": "postawa", "en": "stance", "ko": "서기"}}
    return entries.Term(**(wanted | {"transliteration": "sogi", "min_belt": 10} | fields))


def article_entry(**fields):
    wanted = {"slug": "stances", "topic": "training", "belt": 10, "order": 1, "title": {"en": "How to stand"}}
    return entries.Article(**(wanted | {"body": {"en": "Bend the *knees* like a [rider](/x)."}} | fields))


@pytest.mark.django_db
class TestTheShippedHandbook:
    @pytest.fixture(autouse=True)
    def _open(self, shipped_handbook):
        self.now = timezone.now()

    @pytest.mark.parametrize(
        ("q", "first"),
        [
            ("dolyo chagi", "technique:dollyo-chagi"),
            ("앞차기", "technique:ap-cha-busigi"),
            ("postawa", "term:sogi"),
            ("gunnun sogi", "technique:gunnun-sogi"),
            ("gunnunsogi", "technique:gunnun-sogi"),
            ("kunnun seogi", "technique:gunnun-sogi"),
            ("geonneun seogi", "technique:gunnun-sogi"),
            ("walkng stance", "technique:gunnun-sogi"),
            ("kopniecie okrezne", "technique:dollyo-chagi"),
            ("kopnięcie okrężne", "technique:dollyo-chagi"),
            ("chonji", "tul:chon-ji"),
            ("천지", "tul:chon-ji"),
            ("toi gye", "tul:toi-gye"),
            ("chung mu", "tul:choong-moo"),
            ("jumok", "term:joomuk"),
            ("courtesy", "term:ye-ui"),
            ("general choi", "article:general-choi-hong-hi"),
            ("앞차", "technique:ap-cha-busigi"),
            ("SIDE KICK", "technique:yop-cha-jirugi"),
        ],
    )
    def test_the_first_answer_is_what_was_meant(self, q, first):
        assert named(find(q, now=self.now))[0] == first

    @pytest.mark.parametrize("q", ["zzzzzz", "qwrtpl sdfgh", "🥋", "샯쁗", "gunnun zzzzzz"])
    def test_nonsense_finds_nothing(self, q):
        assert named(find(q, now=self.now)) == []

    def test_theory_is_found_by_its_text_and_shows_where(self):
        hit = find("karate", now=self.now, kinds=["article"]).hits[0]
        assert "karate" in hit.excerpt.casefold()

    def test_what_was_corrected_is_said(self):
        assert find("walkng stance", now=self.now).meant == ("walking", "stance")
        assert find("walking stance", now=self.now).meant == ()

    def test_thousands_of_random_and_hostile_queries_raise_nothing(self):
        """A thousand; ten thousand in `make deep`."""
        dice = random.Random(2026)
        names = list(SearchDocument.objects.values_list("roman", flat=True))
        for _ in range(10_000 if os.environ.get("DEPTH") == "deep" else 1_000):
            queries.search(
                q=hostile(dice, names),
                asked=queries.Asked(now=self.now),
                language=dice.choice(["pl", "en", "ko"]),
                limit=8,
            )


HOSTILE = [
    "'", '"', "\\", "\x00", "%", "_", ":*", "&", "|", "!", "(", ")", "<->", "'; DROP TABLE x --", "{{", "${", "../",
    "\ud7a3", "ㄱ", "\u202e", "\u0301", "🥋", "\ufeff", "١", "ẞ", "İ", "ﬁ", "\t", "-" * 50, "a" * 3000, "가" * 500,
]  # fmt: skip


def hostile(dice: random.Random, names: list[str]) -> str:
    """A query that somebody in a hurry, a robot or an attacker could send."""
    parts = []
    for _ in range(dice.randint(0, 5)):
        match dice.randrange(4):
            case 0:
                parts.append(dice.choice(HOSTILE))
            case 1:
                parts.append("".join(map(chr, dice.choices(range(1, 0xD7FF), k=dice.randint(1, 12)))))
            case 2:
                parts.append(dice.choice(names)[: dice.randint(1, 20)])
            case 3:
                word = list(dice.choice(names) or "x")
                word.insert(dice.randrange(len(word) + 1), dice.choice("abcdeㄱ'\\:"))
                parts.append("".join(word))
    return dice.choice(["", " ", "-"]).join(parts)


@pytest.mark.django_db
class TestWhoIsFound:
    def test_drafts_are_not(self, now):
        commands.draft_technique(entry=technique_entry(slug="secret-sogi"), editor=None, now=now)
        commands.draft_article(entry=article_entry(), editor=None, now=now)
        assert named(find("secret", now=now)) == []
        assert named(find("knees", now=now)) == []

    def test_a_scheduled_edition_is_found_from_its_instant_on_and_the_old_one_until_then(self, now):
        published_technique(now=now, slug="ap-chagi", names={"pl": "stara", "en": "old", "ko": "차기"})
        draft = commands.draft_technique(
            entry=technique_entry(slug="ap-chagi", names={"pl": "nowa", "en": "new", "ko": "차기"}),
            editor=None,
            now=now,
        )
        commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
        for instant, found, gone in [
            (now, "old", "new"),
            (now + DAY - timedelta(microseconds=1), "old", "new"),
            (now + DAY, "new", "old"),
        ]:
            assert named(find(found, now=instant)) == ["technique:ap-chagi"]
            assert named(find(gone, now=instant)) == []
            listed = queries.techniques(now=instant, q=found)
            assert [each.name_en for each in listed] == [found]
            assert not queries.techniques(now=instant, q=gone)

    def test_an_edition_taken_back_is_forgotten_and_the_one_before_it_goes_on(self, now):
        published_technique(now=now, slug="ap-chagi")
        draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi", min_belt=5), editor=None, now=now)
        commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
        commands.withdraw_edition(edition=draft, editor=None, now=now)
        assert [hit.document.belt for hit in find("ap chagi", now=now + 2 * DAY).hits] == [9]
        assert queries.technique(slug="ap-chagi", now=now + 2 * DAY).min_belt == 9

    def test_search_and_lists_agree_whatever_was_published_when(self, now):
        dice = random.Random(7)
        for day in range(12):
            slug = f"kick-{dice.randrange(3)}"
            draft = commands.draft_technique(
                entry=technique_entry(slug=slug, min_belt=dice.randrange(10)), editor=None, now=now
            )
            try:
                commands.publish_edition(edition=draft, valid_from=now + day * DAY, editor=None, now=now)
            except commands.TooEarly:
                pytest.fail("each day is later than the one before")
        for hour in range(-1, 13 * 24, 7):
            instant = now + timedelta(hours=hour)
            listed = {each.slug: each.min_belt for each in queries.techniques(now=instant)}
            assert {hit.document.slug: hit.document.belt for hit in find("kick", now=instant).hits} == listed

    def test_filters(self, now):
        published_tul(now=now)
        published_technique(now=now, slug="chon-chagi", category="kick", min_belt=4)
        commands.put_term(entry=term_entry(slug="chon", transliteration="chon"), editor=None, now=now)
        assert len(find("chon", now=now)) == 3
        assert named(find("chon", now=now, kinds=["tul"])) == ["tul:chon-ji"]
        assert named(find("chon", now=now, category="kick")) == ["technique:chon-chagi"]
        assert "technique:chon-chagi" not in named(find("chon", now=now, belt=9))

    def test_a_word_that_changes_is_found_by_its_new_name_only(self, now):
        commands.put_term(entry=term_entry(), editor=None, now=now)
        commands.put_term(entry=term_entry(names={"pl": "pozycja", "en": "stance", "ko": "서기"}), editor=None, now=now)
        assert named(find("pozycja", now=now)) == ["term:sogi"]
        assert named(find("postawa", now=now)) == []

    def test_a_name_comes_before_a_text_that_mentions_it(self, now):
        published_technique(now=now, slug="other", key_points=[TEXT | {"en": "From sitting stance."}])
        published_technique(now=now, slug="annun-sogi", names={"pl": "x", "en": "sitting stance", "ko": "서기"})
        found = find("sitting stance", now=now)
        assert named(found) == ["technique:annun-sogi", "technique:other"]
        assert [hit.nearness for hit in found.hits] == [ranking.EXACT, ranking.ELSEWHERE]

    def test_markup_of_an_article_is_not_part_of_what_it_says(self, now):
        draft = commands.draft_article(entry=article_entry(), editor=None, now=now)
        commands.publish_edition(edition=draft, valid_from=now, editor=None, now=now)
        (hit,) = find("knees", now=now).hits
        assert hit.excerpt == "Bend the knees like a rider."

    @pytest.mark.parametrize("words", [1, 8, 200])
    def test_a_long_query_costs_no_more_queries(self, now, words, django_assert_max_num_queries):
        published_tul(now=now)
        with django_assert_max_num_queries(5):
            find(" ".join(f"word{number}" for number in range(words)), now=now)


@pytest.mark.django_db
class TestPostgresRefuses:
    def attack(self, sql):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    def test_two_documents_of_one_thing_at_one_instant(self, now):
        published_technique(now=now, slug="ap-chagi")
        with pytest.raises(IntegrityError, match="no_two_documents_valid"):
            self.attack(
                "INSERT INTO handbook_searchdocument (kind, slug, version, valid_from, belt, category, title, hangul,"
                " roman, tags, spellings, words) SELECT kind, slug, 7, valid_from, belt, category, title, hangul,"
                " roman, tags, spellings, words FROM handbook_searchdocument WHERE slug = 'ap-chagi'"
            )

    def test_a_kind_that_does_not_exist(self, now):
        published_technique(now=now)
        with pytest.raises(IntegrityError, match="document_kind_is_known"):
            self.attack("UPDATE handbook_searchdocument SET kind = 'plan'")


@pytest.mark.django_db
class TestThePage:
    def test_answers_are_marked(self, client):
        published_tul(now=timezone.now())
        assert "<mark>Chon</mark>-Ji" in client.get("/search/?q=chon").content.decode()

    def test_what_people_typed_is_never_markup(self, client):
        published_technique(now=timezone.now(), slug="x", names={"pl": "x", "en": "<b>bold</b> kick", "ko": "차기"})
        answer = client.get("/search/", {"q": "<b>bold</b>"}).content.decode()
        assert "<b>" not in answer
        assert "&lt;<mark>b</mark>&gt;" in answer

    def test_filters_are_links_that_keep_the_words(self, client):
        published_tul(now=timezone.now())
        answer = client.get("/search/?q=chon&type=technique").content.decode()
        assert "q=chon" in answer
        assert "/tuls/chon-ji/" not in answer

    @pytest.mark.parametrize("wrong", ["type=plan", "belt=99", "category=dance"])
    def test_a_filter_that_does_not_exist_is_refused(self, client, wrong):
        answer = client.get(f"/search/?q=x&{wrong}")
        assert answer.status_code == 422
        assert "There is no such choice. Pick one from the list." in answer.content.decode()

    def test_nothing_found_is_said_aloud_to_the_box(self, client):
        answer = client.get("/search/?q=qqqq&as=suggestions", headers={"HX-Request": "true"}).content.decode()
        assert 'role="option"' not in answer
        assert "Nothing is spelled like that." in answer

    def test_a_word_has_a_page(self, client):
        commands.put_term(entry=term_entry(), editor=None, now=timezone.now())
        assert "서기" in client.get("/glossary/sogi/").content.decode()
        assert client.get("/glossary/nothing/").status_code == 404


@pytest.mark.django_db
class TestReindexing:
    @pytest.fixture
    def handbook(self, now):
        published_tul(now=now)
        commands.put_term(entry=term_entry(), editor=None, now=now)

    def told(self, capsys, *args):
        call_command("reindex_search", *args)
        return capsys.readouterr().out

    def test_it_makes_what_publishing_made(self, handbook):
        shown = ["kind", "slug", "version", "valid_to", "belt", "title", "spellings", "words"]
        before = list(SearchDocument.objects.order_by("kind", "slug").values(*shown))
        call_command("reindex_search", "--drop", verbosity=0)
        assert list(SearchDocument.objects.order_by("kind", "slug").values(*shown)) == before

    def test_dropping_forgets_what_exists_no_more(self, handbook):
        GlossaryTerm.objects.all().delete()
        call_command("reindex_search", types="term", verbosity=0)
        assert SearchDocument.objects.filter(kind="term").exists()
        call_command("reindex_search", types="term", drop=True, verbosity=0)
        assert not SearchDocument.objects.filter(kind="term").exists()

    def test_a_dry_run_only_tells(self, handbook, capsys):
        SearchDocument.objects.all().delete()
        assert "tul: 1 to index, 1 of them unknown yet" in self.told(capsys, "--dry-run")
        assert not SearchDocument.objects.exists()

    def test_only_what_is_missing(self, handbook, capsys):
        SearchDocument.objects.filter(kind="tul").delete()
        assert self.told(capsys, "--missing") == "tul: 1 indexed\n"
        assert self.told(capsys, "--missing") == ""

    @pytest.mark.parametrize("wrong", [["--types", "plan"], ["--batch-size", "0"]])
    def test_what_cannot_be_done_is_said(self, wrong):
        with pytest.raises(CommandError, match=wrong[0]):
            call_command("reindex_search", *wrong)

    def test_small_batches_lose_nothing(self, handbook):
        SearchDocument.objects.all().delete()
        call_command("reindex_search", "--batch-size", "1", verbosity=0)
        assert SearchDocument.objects.count() == 4


@pytest.mark.django_db
class TestMeilisearch:
    @pytest.fixture
    def server(self, settings):
        with standin.opened(Meilisearch()) as stand_in:
            settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY = stand_in.url, "a-key"
            yield stand_in

    @pytest.fixture
    def handbook(self, server, now):
        published_tul(now=now)
        published_technique(now=now, slug="chon-chagi", min_belt=4)
        call_command("reindex_search", verbosity=0)

    def test_it_finds_and_is_asked_with_the_key(self, server, handbook, now):
        assert named(find("chon-ji", now=now)) == ["tul:chon-ji"]
        assert ("POST", "/multi-search") in server.asked
        assert server.keys == {"Bearer a-key"}
        assert server.settings["tuls"]["filterableAttributes"]

    def test_filters_go_along(self, server, handbook, now):
        assert named(find("chon chagi", now=now)) == ["technique:chon-chagi"]
        assert named(find("chon chagi", now=now, belt=9)) == []
        assert named(find("chon chagi", now=now, category="kick")) == []
        assert named(find("chon chagi", now=now, kinds=["tul"])) == []

    def test_what_is_not_valid_is_never_shown_whatever_it_says(self, server, handbook, now):
        SearchDocument.objects.filter(slug="chon-ji").update(valid_to=now + DAY)
        assert named(find("chon-ji", now=now)) == ["tul:chon-ji"]
        assert named(find("chon-ji", now=now + DAY)) == []

    @pytest.mark.parametrize("fault", [fault for fault in standin.FAULTS if fault not in standin.HARMLESS])
    def test_on_a_bad_day_postgresql_answers_without_waiting_for_it(self, server, handbook, now, fault):
        server.fault, started = fault, time.monotonic()
        assert named(find("chonji", now=now)) == ["tul:chon-ji"]  # a spelling that only PostgreSQL knows
        assert time.monotonic() - started < 3

    def test_after_a_failure_it_is_left_in_peace_for_a_while(self, server, handbook, now):
        server.fault = "500"
        find("chon", now=now)
        asked = len(server.asked)
        find("chon", now=now)
        assert len(server.asked) == asked

    def test_the_health_check_says_who_searches(self, server):
        assert queries.search_is_well() == health.Finding("search", "ok")
        server.fault = "500"
        assert queries.search_is_well().state == "degraded"

    def test_publishing_asks_for_a_job_that_brings_it_up_to_date(self, server, now, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            published_technique(now=now, slug="ap-chagi")
        job = Job.objects.get(kind="handbook.mirror")
        assert job.arguments == {"kind": "technique", "slug": "ap-chagi"}
        commands.mirror_now(kind=DocumentKind.TECHNIQUE, slug="ap-chagi")
        assert list(server.indices["techniques"]) == ["technique_ap-chagi_1"]

    def test_what_was_taken_back_is_taken_out(self, server, now):
        draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
        edition = commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
        commands.mirror_now(kind=DocumentKind.TECHNIQUE, slug="ap-chagi")
        commands.withdraw_edition(edition=edition, editor=None, now=now)
        commands.mirror_now(kind=DocumentKind.TECHNIQUE, slug="ap-chagi")
        assert server.indices["techniques"] == {}

    def test_without_it_there_are_no_jobs(self, now):
        published_technique(now=now, slug="ap-chagi")
        assert not Job.objects.exists()

    def test_reindexing_says_when_it_cannot_be_reached(self, server, handbook):
        server.fault = "500"
        with pytest.raises(CommandError, match=r"Meilisearch: status 500.*PostgreSQL has .* goes on"):
            call_command("reindex_search", "--types", "tul")

    def test_nobody_at_the_address(self, settings, now):
        settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY = "http://127.0.0.1:9", ""
        published_tul(now=now)
        assert named(find("chonji", now=now)) == ["tul:chon-ji"]
        with pytest.raises(Unavailable, match="ConnectError"):
            meilisearch.forget(DocumentKind.TUL, "chon-ji")
