"""The editor's pages: who may come in, the whole life of an edition, and every refusal said without losing a word."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import commands as accounts
from accounts.queries import Role
from accounts.tests.factories import UserFactory
from learning.handbook import commands, queries
from learning.handbook.forms import EntryForm
from learning.handbook.models import GlossaryTerm, Technique, TechniqueEdition, TheoryArticleEdition, TulEdition
from learning.handbook.queries import entry_of
from learning.handbook.rules import entries

from .factories import (
    TEXT,
    many_techniques,
    published_syllabus,
    published_technique,
    published_tul,
    technique_entry,
    tul_entry,
)
from .test_entry_forms import Controls

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TERM = {
    "slug": "charyot", "topic": "commands", "min_belt": 10, "transliteration": "charyot",
    "names": {"pl": "baczność", "en": "attention", "ko": "차렷"},
}  # fmt: skip


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def editor(client, otto):
    client.force_login(otto)
    return client


@pytest.fixture
def handbook(now):
    """One of each kind, published a minute ago; and a second version of a technique, in draft."""
    published_tul(now=now)
    published_syllabus(now=now)
    article = commands.draft_article(entry=article_entry(), editor=None, now=now)
    commands.publish_edition(edition=article, valid_from=now, editor=None, now=now)
    commands.put_term(entry=entries.Term(**TERM), editor=None, now=now)
    commands.draft_technique(entry=technique_entry(slug="gunnun-sogi", min_belt=8), editor=None, now=now)


def article_entry(**fields):
    wanted = {
        "slug": "tenets", "topic": "tenets", "belt": 9, "order": 1,
        "title": {"en": "Tenets"}, "body": {"en": "## Five"},
    }  # fmt: skip
    return entries.Article(**(wanted | fields))


PAGES = [
    "/editor/", "/editor/techniques/", "/editor/techniques/new/", "/editor/techniques/gunnun-sogi/",
    "/editor/techniques/gunnun-sogi/draft/", "/editor/techniques/gunnun-sogi/draft/removal/",
    "/editor/techniques/gunnun-sogi/publication/", "/editor/techniques/gunnun-sogi/changes/",
    "/editor/techniques/gunnun-sogi/changes/?from=1&to=2", "/editor/techniques/gunnun-sogi/editions/1/",
    "/editor/techniques/gunnun-sogi/editions/2/", "/editor/techniques/gunnun-sogi/editions/1/restoration/",
    "/editor/techniques/gunnun-sogi/editions/1/withdrawal/", "/editor/tuls/", "/editor/tuls/new/",
    "/editor/tuls/chon-ji/", "/editor/tuls/chon-ji/draft/", "/editor/tuls/chon-ji/editions/1/", "/editor/syllabi/",
    "/editor/syllabi/new/", "/editor/syllabi/8/", "/editor/syllabi/8/draft/", "/editor/syllabi/8/editions/1/",
    "/editor/theory/", "/editor/theory/new/", "/editor/theory/tenets/", "/editor/theory/tenets/draft/",
    "/editor/theory/tenets/editions/1/", "/editor/glossary/", "/editor/glossary/new/", "/editor/glossary/charyot/",
    "/editor/glossary/charyot/draft/",
]  # fmt: skip


def controls(answer):
    return {
        name: value
        for name, value in Controls(answer.content.decode()).found.items()
        if name not in {"q", "next", "language", "theme"}
    }


def save(editor, url, **changed):
    """Open a form, change something, send it; gives the answer."""
    return editor.post(url, controls(editor.get(url)) | changed)


def publish(editor, url="/editor/techniques/ap-chagi/publication/", **changed):
    return save(editor, url, **changed)


def text_of(answer):
    return answer.content.decode()


def new_technique(**fields):
    form = EntryForm(shape=entries.Technique, entry=technique_entry(slug="ap-chagi", **fields))
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


class TestWhoMayComeIn:
    @pytest.mark.parametrize("url", PAGES)
    def test_an_editor_may(self, editor, handbook, url):
        answer = editor.get(url)
        assert answer.status_code == 200, text_of(answer)
        assert text_of(answer).count("<h1") == 1
        assert "noindex" in answer["X-Robots-Tag"]

    @pytest.mark.parametrize("url", PAGES)
    def test_a_stranger_is_asked_to_sign_in(self, client, handbook, url):
        for ask in (client.get, client.post):
            answer = ask(url, headers={"Referer": f"http://testserver{url}"})
            assert answer.status_code == 302
            assert answer["Location"].startswith("/account/login/?next=/editor/")

    @pytest.mark.parametrize("url", PAGES)
    def test_everybody_else_is_refused(self, client, handbook, ben, url):
        analyst = UserFactory(is_staff=True)
        accounts.grant_role(person=analyst, role=Role.ANALYST, by=None, now=timezone.now())
        for person in (ben, analyst):
            client.force_login(person)
            for ask in (client.get, client.post):
                answer = ask(url)
                assert answer.status_code == 403
                assert "This door is closed for you" in text_of(answer)

    @pytest.mark.parametrize(
        "url",
        [
            "/editor/dances/", "/editor/dances/new/", "/editor/techniques/nothing/",
            "/editor/techniques/nothing/draft/",
            "/editor/techniques/gunnun-sogi/editions/9/", "/editor/techniques/gunnun-sogi/changes/?from=1&to=9",
            "/editor/syllabi/99/", "/editor/syllabi/x/", "/editor/glossary/charyot/editions/1/",
            "/editor/glossary/charyot/changes/", "/editor/glossary/charyot/publication/",
            "/editor/glossary/charyot/draft/removal/", "/editor/tuls/chon-ji/publication/",
            "/editor/tuls/chon-ji/draft/removal/",
        ],
    )  # fmt: skip
    def test_what_is_not_there_is_not_found(self, editor, handbook, url):
        assert editor.get(url).status_code == 404

    @pytest.mark.parametrize("query", ["?from=1&to=1", "?from=x&to=2", "?from=1", "?from=0&to=99999999999"])
    def test_a_comparison_that_cannot_be_says_so(self, editor, handbook, query):
        answer = editor.get(f"/editor/techniques/gunnun-sogi/changes/{query}")
        assert answer.status_code == 422
        assert "Choose two different editions." in text_of(answer)


class TestTheLifeOfATechnique:
    def test_from_a_first_draft_to_a_restored_edition(self, editor, otto):
        # New
        answer = editor.post("/editor/techniques/new/", new_technique() | {"began_with": ""})
        assert (answer.status_code, answer["Location"]) == (303, "/editor/techniques/ap-chagi/editions/1/")
        preview = text_of(editor.get(answer["Location"]))
        assert "This is a draft. Only editors can see this page." in preview
        assert "In English." in preview
        assert editor.get("/techniques/ap-chagi/").status_code == 404

        # Published
        assert publish(editor).status_code == 303
        assert "Ap-chagi en" in text_of(editor.get("/techniques/ap-chagi/"))
        assert "Otto" in text_of(editor.get("/editor/techniques/ap-chagi/"))

        # The next draft, and what differs
        draft = "/editor/techniques/ap-chagi/draft/"
        answer = save(editor, draft, names_en="front kick", key_points_en="In plain English.")
        assert answer["Location"] == "/editor/techniques/ap-chagi/editions/2/"
        differs = text_of(editor.get("/editor/techniques/ap-chagi/changes/?from=1&to=2"))
        assert "front kick" in differs
        assert "<del>" in differs
        assert "<ins>" in differs
        assert "fields are the same and left out" in differs
        assert "Ap-chagi en" in text_of(editor.get("/techniques/ap-chagi/"))

        # Scheduled
        tomorrow = timezone.localtime(timezone.now() + DAY)
        answer = publish(editor, when="later", day=f"{tomorrow:%Y-%m-%d}", time="09:30")
        assert answer.status_code == 303
        scheduled = TechniqueEdition.objects.get(version=2)
        assert f"{timezone.localtime(scheduled.valid_from):%Y-%m-%d %H:%M}" == f"{tomorrow:%Y-%m-%d} 09:30"
        assert "Ap-chagi en" in text_of(editor.get("/techniques/ap-chagi/"))
        assert "scheduled" in text_of(editor.get("/editor/techniques/ap-chagi/"))
        assert "/editor/techniques/ap-chagi/" in text_of(editor.get("/editor/"))

        # Taken back, and published at once
        answer = save(editor, "/editor/techniques/ap-chagi/editions/2/withdrawal/")
        assert answer.status_code == 303
        assert publish(editor).status_code == 303
        assert "Front kick" in text_of(editor.get("/techniques/ap-chagi/"))

        # The first one again
        answer = save(editor, "/editor/techniques/ap-chagi/editions/1/restoration/")
        assert answer["Location"] == "/editor/techniques/ap-chagi/editions/3/"
        assert entries.same(
            entry_of(TechniqueEdition.objects.get(version=3)), entry_of(TechniqueEdition.objects.get(version=1))
        )
        assert save(editor, "/editor/techniques/ap-chagi/draft/removal/").status_code == 303
        assert not TechniqueEdition.objects.filter(is_draft=True).exists()

    def test_it_is_all_in_the_trail(self, editor, otto):
        editor.post("/editor/techniques/new/", new_technique())
        publish(editor)
        events = queries.editing.trail(of=Technique.objects.get(), viewer=otto)
        assert [(event.type, event.by) for event in events] == [
            ("edition.published", "Otto"), ("edition.drafted", "Otto"),
        ]  # fmt: skip
        assert "Otto" in text_of(editor.get("/editor/"))

    def test_the_first_draft_thrown_away_leaves_a_place_to_begin_again(self, editor):
        editor.post("/editor/techniques/new/", new_technique())
        save(editor, "/editor/techniques/ap-chagi/draft/removal/")
        assert "There is no edition yet" in text_of(editor.get("/editor/techniques/ap-chagi/"))
        form = controls(editor.get("/editor/techniques/ap-chagi/draft/"))
        answer = editor.post("/editor/techniques/ap-chagi/draft/", new_technique() | {"began_with": form["began_with"]})
        assert answer.status_code == 303


class TestTheOtherKinds:
    def test_a_tul_is_edited_in_yaml(self, editor, handbook):
        url = "/editor/tuls/chon-ji/draft/"
        form = controls(editor.get(url))
        steps = form["steps"].replace("tempo: normal", "").replace("  facing: D", "  facing: D\r\n  tempo: slow", 1)
        answer = editor.post(url, form | {"steps": steps})
        assert answer.status_code == 303, answer.context["form"].errors
        assert list(TulEdition.objects.get(version=2).steps.values_list("tempo", flat=True)) == ["slow", "normal"]
        differs = text_of(editor.get("/editor/tuls/chon-ji/changes/"))
        assert "Step 1" in differs
        assert "Step 2" not in differs
        assert "<svg" in text_of(editor.get(answer["Location"]))

    def test_a_mistake_in_yaml_is_said_with_its_line_and_nothing_is_lost(self, editor, handbook):
        url = "/editor/tuls/chon-ji/draft/"
        form = controls(editor.get(url))
        wrong = form["steps"].replace("facing: D", "facing: E", 1)
        answer = editor.post(url, form | {"steps": wrong, "name": "Chon-Ji typed"})
        assert answer.status_code == 422
        assert "facing: This has to be one of" in text_of(answer)
        again = controls(answer)
        assert again["name"] == "Chon-Ji typed"
        assert again["steps"] == wrong

    def test_a_reference_to_nothing_is_said_at_its_field(self, editor, handbook):
        answer = save(editor, "/editor/tuls/chon-ji/draft/", ready="lost-sogi")
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"ready": ["The handbook has nothing called lost-sogi."]}
        answer = save(editor, "/editor/syllabi/8/draft/", techniques="gunnun-sogi\r\nlost-sogi")
        assert answer.context["form"].errors == {"techniques": ["Line 2: The handbook has nothing called lost-sogi."]}

    def test_a_grading_is_called_by_its_belt(self, editor, handbook):
        assert "8th kup" in text_of(editor.get("/editor/syllabi/"))
        answer = save(editor, "/editor/syllabi/8/draft/", months_in_grade="6", belt="7")
        assert answer["Location"] == "/editor/syllabi/8/editions/2/"
        assert publish(editor, "/editor/syllabi/8/publication/").status_code == 303
        assert "after 6 months" in text_of(editor.get("/belts/8/"))

    def test_a_new_grading(self, editor, handbook):
        new = {"belt": "7", "months_in_grade": "4", "techniques": "gunnun-sogi", "tuls": "", "theory": ""}
        blank = dict.fromkeys(EntryForm(shape=entries.Syllabus).fields, "")
        answer = editor.post("/editor/syllabi/new/", blank | new)
        assert answer["Location"] == "/editor/syllabi/7/editions/1/"

    def test_an_article_is_shown_before_it_is_saved(self, editor, handbook):
        url = "/editor/theory/tenets/draft/"
        answer = save(editor, url, body_en="## Courtesy\r\n\r\n**Ye ui**", preview="1")
        assert answer.status_code == 200
        assert "<h2>Courtesy</h2>" in text_of(answer)
        assert controls(answer)["body_en"] == "## Courtesy\r\n\r\n**Ye ui**"
        assert "Nothing is saved yet." in text_of(answer)
        assert not TheoryArticleEdition.objects.filter(is_draft=True).exists()

    def test_an_article_is_shown_although_something_else_is_wrong(self, editor, handbook):
        answer = save(editor, "/editor/theory/tenets/draft/", body_en="## Courtesy", order="x", preview="1")
        assert answer.status_code == 422
        assert "<h2>Courtesy</h2>" in text_of(answer)

    def test_a_word_is_changed_at_once_and_leaves_a_trail(self, editor, handbook):
        answer = save(editor, "/editor/glossary/charyot/draft/", names_en="stand to attention")
        assert (answer.status_code, answer["Location"]) == (303, "/editor/glossary/charyot/")
        assert "Stand to attention" in text_of(editor.get("/glossary/charyot/"))
        page = text_of(editor.get("/editor/glossary/charyot/"))
        assert "name_en" in page
        assert "Otto" in page

    def test_a_new_word(self, editor, handbook):
        form = EntryForm(shape=entries.Term, entry=entries.Term(**TERM | {"slug": "kunye"}))
        data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        assert editor.post("/editor/glossary/new/", data).status_code == 303
        assert editor.get("/glossary/kunye/").status_code == 200


class TestRefusals:
    def test_an_invalid_form_comes_back_with_what_was_typed(self, editor):
        answer = editor.post("/editor/techniques/new/", new_technique() | {"names_ko": "sogi", "safety_en": "Mind."})
        assert answer.status_code == 422
        assert "This has to be written in Hangul." in text_of(answer)
        assert controls(answer)["safety_en"] == "Mind."

    def test_a_name_that_is_taken(self, editor, now):
        published_technique(now=now, slug="ap-chagi")
        answer = editor.post("/editor/techniques/new/", new_technique())
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"slug": ["There is one of this name already."]}
        assert not TechniqueEdition.objects.filter(is_draft=True).exists()

    def test_the_name_new_is_an_address_of_ours(self, editor):
        answer = editor.post("/editor/techniques/new/", new_technique() | {"slug": "new"})
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"when": "later"}, "This is needed for a later instant."),
            ({"when": "later", "day": "2020-01-01", "time": "10:00"}, "This instant is past already."),
            ({"when": "later", "day": "2027-03-28", "time": "02:30"}, "2027-03-28 02:30:00"),  # the clocks skip it
            ({"when": "later", "day": "soon", "time": "10:00"}, "Enter a valid date."),
            ({"when": "never"}, "Select a valid choice."),
            ({"draft": "99999"}, "The draft has changed since you looked at it."),
        ],
    )
    def test_a_publication_that_cannot_be(self, editor, typed, said):
        editor.post("/editor/techniques/new/", new_technique())
        answer = publish(editor, **typed)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert TechniqueEdition.objects.get().is_draft

    def test_nothing_is_published_before_what_is_scheduled(self, editor, now):
        published_technique(now=now, slug="ap-chagi")
        draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
        commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
        save(editor, "/editor/techniques/ap-chagi/draft/", min_belt="5")
        answer = publish(editor)
        assert answer.status_code == 422
        assert "Take that one back first." in text_of(answer)

    def test_what_is_valid_cannot_be_taken_back(self, editor, handbook):
        answer = save(editor, "/editor/tuls/chon-ji/editions/1/withdrawal/")
        assert answer.status_code == 422
        assert "only one that is still to come can be taken back" in text_of(answer)

    def test_a_draft_that_is_gone_says_so(self, editor, handbook):
        answer = editor.post("/editor/tuls/chon-ji/publication/", {"when": "now"})
        assert answer.status_code == 404
        assert "There is no draft" in text_of(answer)


class TestTwoEditors:
    @pytest.fixture
    def mina(self, now):
        person = UserFactory(display_name="Mina", is_staff=True)
        accounts.grant_role(person=person, role=Role.EDITOR, by=None, now=now)
        return person

    @pytest.fixture(autouse=True)
    def _technique(self, now):
        published_technique(now=now, slug="ap-chagi")

    URL = "/editor/techniques/ap-chagi/draft/"

    def minas(self, mina, **fields):
        entry = technique_entry(slug="ap-chagi", **fields)
        return commands.draft_technique(entry=entry, editor=mina, now=timezone.now())

    def test_the_second_is_told_and_loses_nothing(self, editor, mina):
        form = controls(editor.get(self.URL))
        self.minas(mina, min_belt=3)
        answer = editor.post(self.URL, form | {"names_en": "mine"})
        assert answer.status_code == 422
        assert "Mina changed this" in text_of(answer)
        assert controls(answer)["names_en"] == "mine"
        assert TechniqueEdition.objects.get(is_draft=True).min_belt == 3

        # Sent again without a thought it is refused again; on purpose it is saved.
        again = controls(answer)
        assert editor.post(self.URL, again).status_code == 422
        over = str(answer.context["mark"])
        assert editor.post(self.URL, again | {"over": over}).status_code == 303
        assert TechniqueEdition.objects.get(is_draft=True).name_en == "mine"

    def test_saving_over_is_refused_when_there_is_yet_another_draft(self, editor, mina):
        form = controls(editor.get(self.URL))
        first = self.minas(mina)
        self.minas(mina)
        assert editor.post(self.URL, form | {"over": str(first.pk)}).status_code == 422

    def test_an_edition_published_meanwhile_is_a_change_too(self, editor, mina):
        form = controls(editor.get(self.URL))
        draft = self.minas(mina, min_belt=3)
        at = timezone.now()
        commands.publish_edition(edition=draft, valid_from=at, editor=mina, now=at)
        answer = editor.post(self.URL, form)
        assert answer.status_code == 422
        assert "Mina changed this" in text_of(answer)

    def test_a_draft_thrown_away_meanwhile_is_a_change_too(self, editor, mina):
        draft = self.minas(mina)
        form = controls(editor.get(self.URL))
        commands.discard_draft(edition=draft, editor=mina, now=timezone.now())
        assert editor.post(self.URL, form).status_code == 422

    def test_a_draft_that_one_publishes_oneself_is_not(self, editor, mina):
        form = controls(editor.get(self.URL))
        answer = editor.post(self.URL, form)
        form["began_with"] = controls(editor.get(self.URL))["began_with"]
        publish(editor)
        assert editor.post(self.URL, form).status_code == 303, answer

    def test_a_word_of_the_glossary(self, editor, mina, now):
        commands.put_term(entry=entries.Term(**TERM), editor=None, now=now)
        url = "/editor/glossary/charyot/draft/"
        form = controls(editor.get(url))
        commands.put_term(entry=entries.Term(**TERM | {"min_belt": 8}), editor=mina, now=timezone.now())
        answer = editor.post(url, form | {"transliteration": "mine"})
        assert answer.status_code == 422
        assert "Mina changed this" in text_of(answer)
        assert GlossaryTerm.objects.get().transliteration == "charyot"
        assert editor.post(url, form | {"over": str(answer.context["mark"])}).status_code == 303

    def test_what_is_published_is_what_was_looked_at(self, editor, mina):
        self.minas(mina)
        form = controls(editor.get("/editor/techniques/ap-chagi/publication/"))
        self.minas(mina, min_belt=1)
        answer = editor.post("/editor/techniques/ap-chagi/publication/", form)
        assert answer.status_code == 422
        assert "The draft has changed since you looked at it." in text_of(answer)
        assert editor.post("/editor/techniques/ap-chagi/publication/", controls(answer)).status_code == 303

    @pytest.mark.parametrize("deed", ["draft/removal", "editions/1/restoration"])
    def test_a_draft_is_not_lost_by_a_question_that_did_not_know_of_it(self, editor, mina, deed):
        self.minas(mina)
        url = f"/editor/techniques/ap-chagi/{deed}/"
        form = controls(editor.get(url))
        newer = self.minas(mina)
        answer = editor.post(url, form)
        assert answer.status_code == 422
        assert "Somebody else has changed something meanwhile." in text_of(answer)
        assert TechniqueEdition.objects.get(is_draft=True) == newer

    def test_nor_by_taking_back(self, editor, mina, now):
        commands.publish_edition(edition=self.minas(mina), valid_from=now + DAY, editor=mina, now=now)
        url = "/editor/techniques/ap-chagi/editions/2/withdrawal/"
        form = controls(editor.get(url))
        self.minas(mina)
        assert editor.post(url, form).status_code == 422
        assert "It will be lost." in text_of(editor.get(url))


class TestNothingLeaks:
    @pytest.mark.parametrize(
        "url",
        ["/", "/techniques/", "/techniques/?q=secret", "/search/?q=secret", "/more/", "/api/v1/techniques"],
    )
    def test_a_draft_made_here_is_seen_by_nobody_else(self, editor, client, ben, url):
        editor.post("/editor/techniques/new/", new_technique() | {"slug": "secret-sogi"})
        assert TechniqueEdition.objects.filter(is_draft=True).exists()
        for person in (None, ben):
            client.force_login(person) if person else client.logout()
            assert "secret-sogi" not in text_of(client.get(url))

    @pytest.mark.parametrize(
        "field",
        [
            "names_pl",
            "names_en",
            "transliteration",
            "key_points_en",
            "mistakes_en",
            "safety_en",
            "tool_en",
            "source_note_en",
            "aliases",
        ],
    )
    def test_a_script_in_a_field_stays_a_text(self, editor, field):
        script = "<script>alert(1)</script>"
        answer = editor.post(
            "/editor/techniques/new/",
            new_technique(mistakes=[TEXT], safety=TEXT, tool=TEXT, source_note=TEXT) | {field: script},
        )
        assert answer.status_code == 303, answer.context["form"].errors
        for url in (
            answer["Location"],
            "/editor/techniques/ap-chagi/",
            "/editor/techniques/ap-chagi/draft/",
            "/editor/",
            "/editor/techniques/",
        ):
            assert "<script>alert" not in text_of(editor.get(url))
        publish(editor)
        save(editor, "/editor/techniques/ap-chagi/draft/", **{field: "<img src=x onerror=alert(1)>"})
        assert "<img src=x" not in text_of(editor.get("/editor/techniques/ap-chagi/changes/"))
        assert "&lt;" in text_of(editor.get("/editor/techniques/ap-chagi/changes/"))

    def test_nor_in_markdown(self, editor, handbook):
        evil = "<script>alert(1)</script>\r\n\r\n[x](javascript:alert(1)) ![x](http://evil.example/x.png)"
        answer = save(editor, "/editor/theory/tenets/draft/", body_en=evil, preview="1")
        for page in (answer, editor.get(save(editor, "/editor/theory/tenets/draft/", body_en=evil)["Location"])):
            rendered = text_of(page).split("<textarea")[0]
            assert "<script>alert" not in rendered
            assert 'href="javascript' not in rendered
            assert 'evil.example/x.png"' not in rendered


class TestTheWayIn:
    def test_readers_pages_lead_an_editor_to_the_entry(self, editor, handbook):
        for url, entry in {
            "/techniques/gunnun-sogi/": "/editor/techniques/gunnun-sogi/",
            "/tuls/chon-ji/": "/editor/tuls/chon-ji/",
            "/belts/8/": "/editor/syllabi/8/",
            "/theory/tenets/": "/editor/theory/tenets/",
            "/glossary/charyot/": "/editor/glossary/charyot/",
            "/more/": "/editor/",
            "/": "/editor/",
        }.items():
            assert f'href="{entry}"' in text_of(editor.get(url)), url

    @pytest.mark.parametrize("url", ["/techniques/gunnun-sogi/", "/belts/8/", "/more/", "/"])
    def test_and_nobody_else(self, client, handbook, ben, url):
        assert "/editor/" not in text_of(client.get(url))
        client.force_login(ben)
        assert "/editor/" not in text_of(client.get(url))


class TestLists:
    @pytest.mark.parametrize(
        ("url", "there", "not_there"),
        [
            ("/editor/techniques/?q=gunnun", "/techniques/gunnun-sogi/", "/techniques/narani-junbi-sogi/"),
            ("/editor/techniques/?q=SOGI+en", "/techniques/narani-junbi-sogi/", "Nothing is called like that."),
            ("/editor/techniques/?state=draft", "/techniques/gunnun-sogi/", "/techniques/narani-junbi-sogi/"),
            ("/editor/tuls/?q=천지", "/editor/tuls/chon-ji/", "Nothing is called like that."),
            ("/editor/theory/?q=tenets", "/editor/theory/tenets/", "Nothing is called like that."),
            ("/editor/glossary/?q=baczn", "/editor/glossary/charyot/", "Nothing is called like that."),
            ("/editor/syllabi/?q=8th", "/editor/syllabi/8/", "Nothing is called like that."),
            ("/editor/syllabi/?q=%25", "Nothing is called like that.", "/editor/syllabi/8/"),
            ("/editor/techniques/?state=scheduled", "Nothing is called like that.", "/editor/techniques/gunnun-sogi/"),
        ],
    )  # fmt: skip
    def test_what_is_looked_for_is_found(self, editor, handbook, url, there, not_there):
        page = text_of(editor.get(url))
        assert there in page
        assert not_there not in page

    def test_htmx_gets_the_list_alone(self, editor, handbook):
        answer = editor.get("/editor/techniques/?q=gunnun", headers={"HX-Request": "true"})
        assert b"<h1" not in answer.content

    @pytest.mark.parametrize("query", ["?q=%00", "?state=lost"])
    def test_a_filter_that_does_not_exist_says_so(self, editor, handbook, query):
        assert editor.get(f"/editor/techniques/{query}").status_code == 422


class TestCosts:
    def asked(self, editor, url, count):
        with count() as queries_made:
            assert editor.get(url).status_code == 200
        return len(queries_made)

    @pytest.fixture
    def count(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        return lambda: CaptureQueriesContext(connection)

    @pytest.mark.parametrize("url", ["/editor/", "/editor/techniques/", "/editor/techniques/gunnun-sogi/"])
    def test_lists_and_histories_cost_the_same_however_much_there_is(self, editor, handbook, now, count, url):
        editor.get(url)
        before = self.asked(editor, url, count)
        many_techniques(200, now=now)
        for number in range(5):
            entry = technique_entry(slug="gunnun-sogi", min_belt=number)
            draft = commands.draft_technique(entry=entry, editor=None, now=now)
            commands.publish_edition(edition=draft, valid_from=now + (number + 1) * DAY, editor=None, now=now)
            commands.draft_technique(entry=technique_entry(slug=f"draft-{number}"), editor=None, now=now)
        assert self.asked(editor, url, count) == before
        assert before <= 16

    @pytest.mark.parametrize("url", ["/techniques/gunnun-sogi/", "/more/"])
    def test_readers_pay_nothing_for_the_link(self, client, handbook, ben, count, url, monkeypatch):
        from project.foundation import panels

        client.force_login(ben)
        client.get(url)
        with_link = self.asked(client, url, count)
        others = {
            slot: [each for each in filled if "/editor/" not in each.template]
            for slot, filled in panels._panels.items()
        }
        assert others != panels._panels
        monkeypatch.setattr(panels, "_panels", others)
        assert self.asked(client, url, count) == with_link


@pytest.mark.usefixtures("shipped_handbook")
def test_the_shipped_content_is_open_to_editing(editor):
    """A real entry of each kind goes through its page and comes out as it was."""
    for url in ("techniques/dollyo-chagi", "tuls/do-san", "syllabi/7", "theory/the-five-tenets"):
        answer = save(editor, f"/editor/{url}/draft/")
        assert answer.status_code == 303, answer.context["form"].errors
        assert "They say the same." in text_of(editor.get(f"/editor/{url}/changes/"))
    assert save(editor, "/editor/glossary/charyot/draft/").status_code == 303
    assert tul_entry()
