"""How what people type and what the handbook says are brought together."""

import re
import unicodedata
from collections.abc import Iterable

_STROKES = str.maketrans({"ł": "l", "Ł": "l"})
"""Letters that Unicode does not take apart into a base and a mark."""


def normalised(text: str) -> str:
    """Lower case, without diacritics, hyphens as spaces; Hangul stays whole syllables."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", text.translate(_STROKES)) if not unicodedata.combining(letter)
    )
    return " ".join(re.sub(r"[\s\-_'’.,]+", " ", unicodedata.normalize("NFC", bare).casefold()).split())


def search_text(parts: Iterable[str]) -> str:
    """Everything that a thing can be found by, once each, in one line."""
    return " | ".join(dict.fromkeys(filter(None, map(normalised, parts))))
