"""The sheets of tuls and syllabi as PDF: what is on them, who gets them, and what they cost."""

import hashlib
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from learning.handbook import commands, queries, sheets
from project.foundation.paper import faces

from .factories import (
    published_syllabus,
    published_technique,
    published_tul,
    step,
    syllabus_entry,
    technique_entry,
    tul_entry,
)

pytestmark = pytest.mark.django_db

ADDRESSES = ["/tuls/chon-ji/sheet.pdf", "/belts/8/sheet.pdf"]


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def handbook(now):
    """A tul of two steps, a grading, and a draft of each kind."""
    published_tul(now=now)
    published_syllabus(
        now=now,
        sparring={"pl": "Walka trzykrokowa.", "en": "Three-step sparring.", "ko": "삼보맞서기."},
        strength={"en": "Press-ups."},
        theory=[{"question": {"en": "Why?", "ko": "왜?"}, "answer": {"en": "Because.", "ko": "그러니까."}}],
    )
    commands.draft_technique(entry=technique_entry(slug="secret-sogi"), editor=None, now=now)
    commands.draft_tul(entry=tul_entry(slug="secret-tul", name="Secret"), editor=None, now=now)
    commands.draft_syllabus(entry=syllabus_entry(belt=7), editor=None, now=now)


def asked(client, ben, url, language="en"):
    """The answer for somebody who has chosen a language."""
    ben.locale = language
    ben.save(update_fields=["locale"])
    return client.get(url)


def written(pdf):
    """The text of a PDF in one line; a reader of PDF breaks words where lines end."""
    pages = PdfReader(BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


class TestWhoGetsThem:
    @pytest.mark.parametrize("url", ADDRESSES)
    def test_a_stranger_signs_in_first_and_comes_back_to_the_sheet(self, client, handbook, url):
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (302, f"/account/login/?next={url}")

    @pytest.mark.parametrize("url", ADDRESSES)
    def test_whoever_has_the_entitlement_gets_a_pdf_to_keep(self, signed_in, handbook, url):
        answer = signed_in.get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "private"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer.content.startswith(b"%PDF-")

    @pytest.mark.parametrize(
        ("url", "language", "name"),
        [
            ("/tuls/chon-ji/sheet.pdf", "pl", "dojang-chon-ji-pl.pdf"),
            ("/belts/8/sheet.pdf", "ko", "dojang-8-kup-ko.pdf"),
        ],
    )
    def test_the_file_is_called_by_what_it_holds(self, signed_in, ben, handbook, url, language, name):
        answer = asked(signed_in, ben, url, language)
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'

    @pytest.mark.parametrize("url", [*ADDRESSES, "/tuls/nothing/sheet.pdf", "/tuls/secret-tul/sheet.pdf"])
    def test_without_the_entitlement_a_page_of_ours_says_so_and_leads_back(self, signed_in, handbook, settings, url):
        settings.FREE_ENTITLEMENTS = []
        answer = signed_in.get(url)
        assert answer.status_code == 403
        assert "Your account does not include sheets as PDF." in answer.text
        assert f'href="{url.removesuffix("sheet.pdf")}"' in answer.text
        assert "Secret" not in answer.text

    def test_the_staff_always_gets_them(self, client, otto, handbook, settings):
        settings.FREE_ENTITLEMENTS = []
        client.force_login(otto)
        assert client.get(ADDRESSES[0]).status_code == 200

    @pytest.mark.parametrize(
        "url",
        [
            "/tuls/nothing/sheet.pdf", "/tuls/secret-tul/sheet.pdf", "/belts/7/sheet.pdf", "/belts/10/sheet.pdf",
            "/belts/99/sheet.pdf",
        ],
    )  # fmt: skip
    def test_what_is_a_draft_or_not_there_is_not_found(self, signed_in, handbook, url):
        assert signed_in.get(url).status_code == 404

    def test_an_edition_that_begins_tomorrow_is_not_printed_today(self, signed_in, handbook, now):
        draft = commands.draft_tul(entry=tul_entry(name="Tomorrow"), editor=None, now=now)
        commands.publish_edition(edition=draft, valid_from=timezone.now() + timedelta(days=1), editor=None, now=now)
        text = written(signed_in.get(ADDRESSES[0]).content)
        assert "Chon-Ji" in text
        assert "Tomorrow" not in text

    @pytest.mark.parametrize("page", ["/tuls/chon-ji/", "/belts/8/"])
    def test_the_pages_lead_to_their_sheets(self, client, handbook, page):
        text = client.get(page).text
        assert f'href="{page}sheet.pdf"' in text
        assert "data-print" in text

    @pytest.mark.parametrize("url", ADDRESSES)
    def test_nothing_is_changed_by_asking(self, signed_in, handbook, url):
        assert signed_in.post(url).status_code == 405


class TestTheSheetOfATul:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("pl", ["Gunnun-sogi pl", "Po polsku.", "Strona 1 z 1"]),
            ("en", ["Gunnun-sogi en", "In English.", "9th kup", "2 movements", "Page 1 of 1"]),
            ("ko", ["서기", "한국어로.", "9급"]),
        ],
    )
    def test_it_is_in_the_readers_language(self, signed_in, ben, handbook, language, words):
        answer = asked(signed_in, ben, ADDRESSES[0], language)
        text = written(answer.content)
        for word in ["Chon-Ji", "천지", *words]:
            assert word in text
        reader = PdfReader(BytesIO(answer.content))
        assert reader.metadata.title == "Chon-Ji"
        assert reader.trailer["/Root"]["/Lang"] == language

    def test_the_notes_of_examiners_and_of_steps_are_there(self, signed_in, now):
        entry = {"judges_notes": [{"en": "Both feet together."}], "source_note": {"en": "Sources differ."}}
        steps = [step(1, note={"en": "Breathe."}, tempo="slow"), step(2, stance_side="left", side="right", moves=[])]
        published_tul(now=now, steps=steps, **entry)
        text = written(signed_in.get(ADDRESSES[0]).content)
        for word in ("1. Both feet together.", "Sources differ.", "Breathe.", "slow", "D ↑"):
            assert word in text

    def test_a_tul_without_steps_says_so(self, signed_in, now):
        published_tul(now=now, movements=9, steps=[], closing=None)
        text = written(signed_in.get(ADDRESSES[0]).content)
        assert "does not have this tul step by step yet" in text
        assert "In English." in text

    def test_a_text_that_is_missing_in_a_language_says_in_which_it_is(self, signed_in, ben, now):
        published_tul(now=now, meaning={"en": "Heaven and earth."})
        text = written(asked(signed_in, ben, ADDRESSES[0], "pl").content)
        assert "Heaven and earth. (po angielsku)" in text

    def test_however_much_an_editor_writes_it_is_printed_whole(self, signed_in, now):
        long = {"en": "word " * 790 + "end."}
        steps = [step(1, note=long), step(2, stance_side="left", side="right", moves=[])]
        published_tul(now=now, steps=steps, meaning=long, judges_notes=[long, long], source_note=long)
        assert written(signed_in.get(ADDRESSES[0]).content).count("end.") == 5

    def test_what_an_editor_wrote_is_never_markup(self, signed_in, now):
        published_tul(now=now, meaning={"en": '<b>Bold</b> & <font size="90">large</font> <img src="x"/>'})
        text = written(signed_in.get(ADDRESSES[0]).content)
        assert '<b>Bold</b> & <font size="90">large</font> <img src="x"/>' in text

    def test_the_diagram_is_a_drawing_and_not_a_picture(self, signed_in, handbook):
        (page,) = PdfReader(BytesIO(signed_in.get(ADDRESSES[0]).content)).pages
        assert list(page.images) == []
        assert page.get_contents().get_data().count(b" c\n") + page.get_contents().get_data().count(b" c ") > 20

    def test_a4(self, signed_in, handbook):
        (page,) = PdfReader(BytesIO(signed_in.get(ADDRESSES[0]).content)).pages
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


class TestTheSheetOfASyllabus:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("pl", ["8. kup", "Gunnun-sogi pl", "3 miesiącach", "Walka trzykrokowa.", "Press-ups. (po angielsku)"]),
            ("en", ["8th kup", "Gunnun-sogi en", "3 months", "Three-step sparring.", "Press-ups.", "Why?", "Because."]),
            ("ko", ["8급", "서기", "3개월", "삼보맞서기.", "왜?", "그러니까."]),
        ],
    )
    def test_it_names_what_the_grading_asks_in_the_readers_language(self, signed_in, ben, handbook, language, words):
        text = written(asked(signed_in, ben, ADDRESSES[1], language).content)
        for word in ["Chon-Ji", "천지", *words]:
            assert word in text

    def test_one_that_asks_for_little_is_printed_too(self, signed_in, now):
        published_technique(now=now, slug="gunnun-sogi")
        published_syllabus(now=now, tuls=[])
        text = written(signed_in.get(ADDRESSES[1]).content)
        assert "Gunnun-sogi en" in text
        assert "Sparring" not in text


class TestTheShippedContent:
    def test_every_step_of_a_tul_and_every_line_of_a_grading_is_printed_in_every_language(self, shipped_handbook, now):
        then = timezone.now()
        tul = queries.tul(slug="yul-gok", now=then)
        gradings = [queries.syllabus(belt=each.identity.belt, now=then) for each in queries.syllabi(now=then)]
        assert (len(tul.steps), len(gradings)) == (38, 10)
        for language in ("pl", "en", "ko"):
            with override(language):
                text, at = written(sheets.tul(tul, day=now.date())).casefold(), 0
                for each in tul.steps:
                    name = each.technique.name[language].casefold()
                    at = text.index(name, at) + len(name)
                assert [note for note in tul.tul.judges_notes if note[language].casefold() not in text] == []
                for grading in gradings:
                    text = written(sheets.syllabus(grading, day=now.date())).casefold()
                    assert [each for each in grading.techniques if each.name[language].casefold() not in text] == []


class TestTheFile:
    def test_the_same_edition_language_and_day_give_the_same_file(self, handbook, now):
        sheet = queries.tul(slug="chon-ji", now=timezone.now())
        first, again = (sheets.tul(sheet, day=now.date()) for _ in range(2))
        assert first == again
        assert sheets.tul(sheet, day=now.date() + timedelta(days=1)) != first

    def test_its_foot_names_the_hall_the_edition_and_the_day(self, handbook, now):
        sheet = queries.tul(slug="chon-ji", now=timezone.now())
        text = written(sheets.tul(sheet, day=now.replace(year=2026, month=11, day=21).date()))
        assert "Dojang" in text
        assert "Chon-Ji · edition 1 · Nov. 21, 2026" in text

    def test_fonts_are_in_it_and_only_the_letters_that_are_used(self, signed_in, handbook):
        answer = signed_in.get(ADDRESSES[0])
        (page,) = PdfReader(BytesIO(answer.content)).pages
        fonts = [each.get_object() for each in page["/Resources"]["/Font"].values()]
        ours = [font for font in fonts if "/FontDescriptor" in font]
        assert ours
        assert all("/FontFile2" in font["/FontDescriptor"] for font in ours)
        assert len(answer.content) < 100_000

    @pytest.mark.parametrize("letters", ["zażółć gęślą jaźń ZAŻÓŁĆ", "태권도 걷는서기 뷁", "八 山 王", "→ ↘ … – „”"])
    @pytest.mark.parametrize("face", faces.NEXT_BEST)
    def test_some_face_has_every_letter_of_ours(self, face, letters):
        assert [a for a in letters if not any(ord(a) in faces.letters(each) for each in faces.NEXT_BEST[face])] == []

    def test_the_fonts_are_the_ones_that_are_written_down(self):
        table = Path(configured.BASE_DIR, "static", "vendor", "README.md").read_text("utf-8")
        folder = Path(faces.__file__).parent / "fonts"
        sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.ttf")}
        assert len(sums) == 4
        assert dict(re.findall(r"^\| `([\w-]+\.ttf)` .*?`([0-9a-f]{64})`", table, re.MULTILINE)) == sums
        assert len(list(folder.glob("*-OFL.txt"))) == 4


class TestCosts:
    def test_a_sheet_costs_what_its_page_costs_and_the_person(self, signed_in, now, django_assert_num_queries):
        published_tul(now=now)
        published_tul(
            now=now, slug="long", order=2, movements=12, ends_at_start=False,
            steps=[step(number) for number in range(1, 13)],
        )  # fmt: skip
        published_technique(now=now, slug="annun-sogi")
        published_syllabus(now=now)
        published_syllabus(now=now, belt=7, techniques=["gunnun-sogi", "annun-sogi"], tuls=["chon-ji", "long"])
        for slug in ("chon-ji", "long"):
            with django_assert_num_queries(6):
                signed_in.get(f"/tuls/{slug}/sheet.pdf")
        for belt in (8, 7):
            with django_assert_num_queries(8):
                signed_in.get(f"/belts/{belt}/sheet.pdf")
