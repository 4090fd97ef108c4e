"""Texts in several languages: `{"pl": …, "en": …, "ko": …}`, some of them missing."""

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACKS = ("en", "pl", "ko")
"""Tried in this order when the language asked for is missing."""


@dataclass(frozen=True)
class Spoken:
    text: str
    language: str
    is_fallback: bool


def in_language(text: Mapping[str, str] | None, asked: str) -> Spoken | None:
    """The text in the language asked for, else in the first fallback there is. None when there is no text."""
    for language in (asked, *FALLBACKS):
        if text and (found := text.get(language)):
            return Spoken(found, language, is_fallback=language != asked)
    return None
