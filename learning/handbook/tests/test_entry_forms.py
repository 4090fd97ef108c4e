"""The editor's form: whatever the handbook holds goes through it unchanged, and mistakes are said where they are."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from learning.handbook import shelf
from learning.handbook.forms import EntryForm
from learning.handbook.rules import entries

from .factories import TEXT, step, syllabus_entry, technique_entry, tul_entry

SHELF = shelf.read()
EVERY = [*SHELF.techniques, *SHELF.tuls, *SHELF.syllabi, *SHELF.terms, *SHELF.articles]


def sent(form):
    """What a browser sends when nothing was touched: the values of the controls, lines ended with CRLF."""
    values = {name: form[name].value() for name in form.fields}
    return {
        name: ("on" if value is True else str(value).replace("\n", "\r\n"))
        for name, value in values.items()
        if value is not None and value is not False
    }


class Controls(HTMLParser):
    """The successful controls of a page, as a browser reads them."""

    def __init__(self, html):
        super().__init__()
        self.found, self._area, self._select = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if (
            tag == "input"
            and "name" in about
            and "disabled" not in about
            and (about.get("type") not in {"checkbox", "radio"} or "checked" in about)
        ):
            self.found[about["name"]] = about.get("value", "on" if about.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._area, self.found[about["name"]] = about["name"], ""
        elif tag == "select" and "disabled" not in about:
            self._select = about["name"]
        elif tag == "option" and "selected" in about and self._select:
            self.found[self._select] = about["value"]

    def handle_data(self, data):
        if self._area:
            self.found[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            text = self.found[self._area].replace("\r\n", "\n")
            self.found[self._area], self._area = text.removeprefix("\n").replace("\n", "\r\n"), None


def again(entry, **typed):
    form = EntryForm(shape=type(entry), entry=entry)
    return EntryForm(sent(form) | typed, shape=type(entry))


@pytest.mark.parametrize(
    "entry", EVERY, ids=lambda entry: f"{type(entry).__name__}-{getattr(entry, 'slug', '') or entry.belt}"
)
def test_every_shipped_entry_goes_through_its_form_unchanged(entry):
    form = again(entry)
    assert form.is_valid(), form.errors
    assert entries.same(form.entry, entry)


@pytest.mark.parametrize("pile", [SHELF.techniques, SHELF.tuls, SHELF.syllabi, SHELF.terms, SHELF.articles])
def test_the_html_of_the_form_sends_the_entry_too(pile):
    for entry in pile[::4]:
        html = EntryForm(shape=type(entry), entry=entry).as_p()
        form = EntryForm(Controls(html).found, shape=type(entry))
        assert form.is_valid(), form.errors
        assert entries.same(form.entry, entry)


WRITTEN = some.text(alphabet="abż서 -#:'\"{}[]&*!|>%@`,\\?", min_size=1, max_size=30).map(str.strip).filter(bool)
HANGUL = WRITTEN.map(lambda text: f"서{text}")
TEXTS = some.fixed_dictionaries({"en": WRITTEN}, optional={"pl": WRITTEN, "ko": HANGUL})


@given(
    points=some.lists(TEXTS, min_size=1, max_size=5),
    aliases=some.lists(WRITTEN, max_size=4),
    safety=some.none() | TEXTS,
)
def test_whatever_can_be_written_in_a_technique_goes_through(points, aliases, safety):
    entry = technique_entry(slug="a", key_points=points, aliases=aliases, safety=safety)
    form = again(entry)
    assert form.is_valid(), form.errors
    assert entries.same(form.entry, entry)


@given(theory=some.lists(some.fixed_dictionaries({"question": TEXTS, "answer": TEXTS}), max_size=4))
def test_whatever_can_be_written_in_yaml_goes_through(theory):
    entry = syllabus_entry(theory=theory)
    form = again(entry)
    assert form.is_valid(), form.errors
    assert entries.same(form.entry, entry)


class TestComplaints:
    def errors(self, entry, **typed):
        form = again(entry, **typed)
        assert not form.is_valid()
        return {name: list(sentences) for name, sentences in form.errors.items()}

    def technique(self, **typed):
        return self.errors(technique_entry(slug="a"), **typed)

    def tul(self, **typed):
        return self.errors(tul_entry(), **typed)

    @pytest.mark.parametrize(
        ("typed", "field", "said"),
        [
            ({"slug": "Ap Chagi"}, "slug", "Only small letters a to z"),
            ({"slug": ""}, "slug", "required"),
            ({"category": "dance"}, "category", "Select a valid choice"),
            ({"min_belt": "11"}, "min_belt", "Select a valid choice"),
            ({"names_ko": "sogi"}, "names_ko", "written in Hangul"),
            ({"names_pl": ""}, "names_pl", "required"),
            ({"transliteration": "x" * 121}, "transliteration", "at most 120"),
            ({"key_points_en": ""}, "key_points_en", "required"),
            ({"key_points_en": "\n\n", "key_points_pl": "", "key_points_ko": ""}, "key_points_en", "At least one"),
            (
                {"key_points_en": "One.\n\nThree.", "key_points_pl": "Raz.\nDwa."},
                "key_points_en",
                "Line 2 has a translation",
            ),
            ({"key_points_pl": "Raz.\nDwa."}, "key_points_pl", "There are 2 lines here, but only 1 in English"),
            ({"key_points_ko": "Korean."}, "key_points_ko", "Line 1: This has to be written in Hangul"),
            ({"safety_pl": "Uwaga."}, "safety_en", "This is needed"),
            ({"tags": "good\n\nNot Good"}, "tags", "Line 3: Only small letters"),
            ({"transliteration": "a\x00b"}, "transliteration", "Null characters"),
        ],
    )
    def test_a_mistake_is_said_beside_its_field(self, typed, field, said):
        errors = self.technique(**typed)
        assert list(errors) == [field]
        assert said in errors[field][0]

    def yaml(self, *changes):
        text = EntryForm(shape=entries.Tul, entry=tul_entry())["steps"].value()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        return text

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("  side: left", "  side: [left", "Line 4: This cannot be read as YAML"),
            ("  side: left", "  side: front", "Line 3: side: This has to be one of"),
            ("  side: left\n", "", "Line 1: side: This is needed."),
            ("  side: left", "  colour: red\n  side: left", "Line 3: colour: There is no field of this name."),
            ("  side: left", "  side: left\n  side: right", "Line 4: “side” stands there twice."),
            ("  side: left", "  side: &a left", "Line 3: Write it out"),
            ("  side: left", "  side: *a", "Write it out"),
            ("facing: D", "facing: E", "facing: This has to be one of"),
            ("stance: gunnun-sogi", "stance: nowhere-sogi", "does not know the stance nowhere-sogi"),
            ("to: D", "to: C", "is said to move to C"),
            ("key: '2'", "key: '1'", "Two steps have the same key."),
            ("key: '2'", "key: '123456789'", "key: Too long: at most 8 letters."),
            ("key: '2'", 'key: "2\\0"', "There is a character here that cannot be stored."),
        ],
    )
    def test_yaml_is_refused_with_its_line(self, before, after, said):
        errors = self.tul(steps=self.yaml((before, after)))
        assert list(errors) == ["steps"]
        assert said in errors["steps"][0]

    @pytest.mark.parametrize(
        "steps", ["just words", "a: mapping", "[" * 50, "- " * 50 + "x", "7", "- 2020-99-99", "\t- x"]
    )
    def test_what_is_no_list_is_refused(self, steps):
        assert "Line 1: " in self.tul(steps=steps)["steps"][0]

    def test_the_rules_of_a_tul_are_said_at_the_field_that_they_are_about(self):
        assert "There are 2 steps for 3 movements." in self.tul(movements="3")["steps"]
        assert "the foot that closes is needed" in self.tul(closing="")["closing"][0]
        form = again(tul_entry())
        data = {name: value for name, value in form.data.items() if name != "ends_at_start"}
        form = EntryForm(data, shape=entries.Tul)
        assert "The steps do end where they begin" in form.errors["ends_at_start"][0]

    def test_a_syllabus_names_nothing_twice(self):
        errors = self.errors(syllabus_entry(), techniques="gunnun-sogi\ngunnun-sogi")
        assert "gunnun-sogi stands there twice." in errors["techniques"]

    def test_several_mistakes_are_said_at_once(self):
        errors = self.technique(names_ko="sogi", tags="Not Good", min_belt="99")
        assert set(errors) == {"names_ko", "tags", "min_belt"}


def test_the_key_of_a_step_is_always_written_so_that_it_stays():
    text = EntryForm(shape=entries.Tul, entry=tul_entry())["steps"].value()
    assert text.startswith("- key: '1'\n")


def test_an_empty_form_can_be_shown_for_every_shape():
    for shape in (entries.Technique, entries.Tul, entries.Syllabus, entries.Term, entries.Article):
        assert EntryForm(shape=shape).as_p()


def test_what_is_fixed_stays_whatever_is_sent():
    form = EntryForm(
        sent(EntryForm(shape=entries.Technique, entry=technique_entry(slug="a"))) | {"slug": "b"},
        shape=entries.Technique, entry=technique_entry(slug="a"), fixed={"slug": "a"},
    )  # fmt: skip
    assert form.is_valid(), form.errors
    assert form.entry.slug == "a"


def test_missing_references_are_said_where_they_stand():
    entry = tul_entry(
        ready="lost-sogi",
        meaning=TEXT,
        steps=[step(1, technique="lost-sogi"), step(2, stance_side="left", side="right", moves=[])],
    )
    form = again(entry)
    assert form.is_valid(), form.errors
    form.say_not_there(["lost-sogi"])
    assert form.errors["ready"] == ["The handbook has nothing called lost-sogi."]
    assert form.errors["steps"] == ["Line 2: technique: The handbook has nothing called lost-sogi."]
