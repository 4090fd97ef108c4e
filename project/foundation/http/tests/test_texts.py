"""Texts in several languages, as templates show them."""

import pytest
from django.template import Context, Template
from django.utils import translation

from project.foundation.texts import in_language

KICK = {"pl": "kopnięcie", "en": "kick", "ko": "차기"}


def shown(template, value, language="en"):
    with translation.override(language):
        return Template(template).render(Context({"value": value}))


class TestChoosing:
    @pytest.mark.parametrize("language", ["pl", "en", "ko"])
    def test_the_language_asked_for_comes_first(self, language):
        found = in_language(KICK, language)
        assert (found.text, found.language, found.is_fallback) == (KICK[language], language, False)

    @pytest.mark.parametrize(
        ("there", "asked", "given"),
        [
            (("pl", "ko"), "en", "pl"),
            (("en", "ko"), "pl", "en"),
            (("pl", "en"), "ko", "en"),
            (("ko",), "pl", "ko"),
            (("pl", "en"), "de", "en"),
        ],
    )
    def test_a_language_that_is_missing_falls_back_to_english_then_polish_then_korean(self, there, asked, given):
        found = in_language({language: KICK[language] for language in there}, asked)
        assert (found.text, found.language, found.is_fallback) == (KICK[given], given, True)

    def test_an_empty_text_is_a_missing_one(self):
        assert in_language({"pl": "", "en": "kick"}, "pl").language == "en"

    @pytest.mark.parametrize("nothing", [None, {}, {"pl": "", "en": ""}])
    def test_no_text_in_any_language_is_none(self, nothing):
        assert in_language(nothing, "en") is None


class TestTextFilter:
    def test_a_text_in_the_readers_language_is_shown_as_it_is(self):
        assert shown("{{ value|text }}", KICK, "pl") == "kopnięcie"

    @pytest.mark.parametrize(
        ("there", "language", "said_in"),
        [("en", "pl", "in English"), ("pl", "en", "in Polish"), ("ko", "en", "in Korean")],
    )
    def test_a_fallback_is_marked_with_its_language_for_eyes_and_for_screen_readers(self, there, language, said_in):
        html = shown("{{ value|text }}", {there: KICK[there]}, language)
        assert f'<span lang="{there}">{KICK[there]}</span>' in html
        with translation.override(language):
            assert f"({translation.gettext(said_in)})" in html

    def test_nothing_is_shown_for_nothing(self):
        assert shown("{{ value|text }}", None) == ""

    @pytest.mark.parametrize("language", ["en", "pl"], ids=["asked", "fallback"])
    def test_markup_in_a_text_is_shown_and_never_run(self, language):
        html = shown("{{ value|text }}", {"en": "<script>alert('x')</script> & co"}, language)
        assert "<script" not in html
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; co" in html


class TestSpokenFilter:
    def test_a_text_for_an_attribute_is_plain(self):
        assert shown('<a title="{{ value|spoken }}">', KICK, "ko") == '<a title="차기">'

    def test_a_fallback_is_plain_too(self):
        assert shown("{{ value|spoken }}", {"en": "kick"}, "pl") == "kick"

    def test_nothing_is_said_for_nothing(self):
        assert shown("{{ value|spoken }}", None) == ""

    def test_a_quote_cannot_leave_its_attribute(self):
        html = shown('<a title="{{ value|spoken }}">', {"en": '"><script>alert(1)</script>'})
        assert html == '<a title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">'
