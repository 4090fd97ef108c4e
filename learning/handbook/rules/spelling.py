"""How what people type and what the handbook says are brought together.

Four ways of writing one name meet here: with or without diacritics, in Hangul, as one hears it, and with a
slip of the finger. Everything is worked out once, when a document is made; a query only looks words up.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

_STROKES = str.maketrans({"ł": "l", "Ł": "l"})
"""Letters that Unicode does not take apart into a base and a mark."""

_WORD = re.compile(r"[^\W_]+")

LONGEST_WORD = 40
"""Letters of a word that count; no name in any language of the handbook has a longer one."""

MOST_WORDS = 8
"""Words of a query that count. Whoever pastes a page gets what its beginning finds."""


def normalised(text: str) -> str:
    """Lower case, without diacritics, hyphens as spaces; Hangul stays whole syllables."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", text.translate(_STROKES)) if not unicodedata.combining(letter)
    )
    return " ".join(re.sub(r"[\s\-_'’.,]+", " ", unicodedata.normalize("NFC", bare).casefold()).split())


def words(text: str) -> list[str]:
    """The words of a text as they are looked up. Hangul is taken apart into its letters, so that a syllable
    that is still being typed already begins the word it will end in."""
    return [jamo(word)[:LONGEST_WORD] for word in _WORD.findall(normalised(text))]


def jamo(text: str) -> str:
    """Hangul syllables as single letters, whether they stand at the beginning or the end of a syllable.

    While 앞차기 is typed, an input method shows 앞착 before 앞차기: ㄱ is a final first, an initial then.
    """
    return "".join(_letter(each) for each in unicodedata.normalize("NFKD", text))


def _letter(part: str) -> str:
    """One conjoining letter (U+1100 …) as the letter of the keyboard (U+3131 …); anything else as it is."""
    return _FINALS_AND_INITIALS.get(part, part)


_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = [
    *("ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ"),
    *("ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"),
]
_FINALS_AND_INITIALS = (
    {chr(0x1100 + place): letter for place, letter in enumerate(_INITIALS)}
    | {chr(0x1161 + place): letter for place, letter in enumerate(_MEDIALS)}
    | {chr(0x11A8 + place): letters for place, letters in enumerate(_FINALS)}
)

_SOUNDS = [
    # Vowels: McCune-Reischauer, Revised Romanisation and what instructors write differ most here.
    (r"eui|ui|wi|ee", "i"),
    (r"eo|eu|oo|ou|oe|u", "o"),
    (r"ae|ai|e", "a"),
    (r"y(?=[aeiou])|w", ""),
    (r"y", "i"),
    # Consonants: voiced and unvoiced, aspirated and not, are one letter to a European ear.
    (r"tch|ch|dj|cz|j|z", "c"),
    (r"sh|sz", "s"),
    (r"ph|f", "p"),
    (r"x", "gs"),
    (r"[kqg]", "g"),
    (r"[td]", "d"),
    (r"[pbv]", "b"),
    (r"[lr]", "l"),
    (r"h", ""),
    (r"(.)\1+", r"\1"),
]
_FOLDED = [(re.compile(pattern), letter) for pattern, letter in _SOUNDS]


def sound(word: str) -> str:
    """How a transliterated word sounds, roughly: gunnun, gunnon, kunnun and geonneun become one.

    Empty for Hangul and for what has too few sounds left to tell anything.
    """
    if not word.isascii():
        return ""
    for pattern, letter in _FOLDED:
        word = pattern.sub(letter, word)
    return word if len(word) > 1 else ""


BEGINNING = 7
"""Letters of a word in which slips are looked for; behind them `slipped` alone decides."""


def slips(word: str) -> list[str]:
    """The beginning of the word, and that with up to two letters left out (one in a short word).

    Two words share one of these when a slip of the finger (a letter more, less, wrong, or two swapped) is all
    that divides them (symmetric deletes of the prefix, as in W. Garbe's SymSpell).
    """
    beginning = word[:BEGINNING]
    kept = {
        "".join(beginning[place] for place in range(len(beginning)) if place not in gone)
        for number in range(_slips_allowed(word) + 1)
        for gone in combinations(range(len(beginning)), number)
    }
    return sorted(kept)


def slipped(word: str, meant: str) -> int:
    """Slips between two words: letters more, less or wrong, and neighbours swapped (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, typed in enumerate(word, start=1):
        oldest, before, row = before, row, [i]
        for j, letter in enumerate(meant, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (typed != letter))
            if i > 1 and j > 1 and typed == meant[j - 2] and word[i - 2] == letter:
                least = min(least, oldest[j - 2] + 1)
            row.append(least)
    return row[-1]


def corrections(word: str, known: Iterable[str]) -> list[str]:
    """The known words that were most likely meant, nearest first, three at most. A letter left out is likelier
    than a wrong one."""
    near = sorted((slipped(word, each), not _is_within(word, each), each) for each in known)
    return [each for slip, _, each in near if slip <= min(_slips_allowed(word), near[0][0])][:3]


def _slips_allowed(word: str) -> int:
    """None in two letters, which would become anything, and none in a line without spaces, which nobody meant."""
    return 0 if len(word) < 3 or len(word) > 24 else 1 if len(word) < 6 else 2


def _is_within(part: str, whole: str) -> bool:
    """The letters of the part stand in the whole in the same order."""
    rest = iter(whole)
    return all(letter in rest for letter in part)


# --- What a document is found by, and what a query looks for ------------------------------------------------

NAME, TAG, BODY = "A", "B", "D"
"""Weights of PostgreSQL's text search: where in a document a word stands."""


def lexemes(*, names: Sequence[str], romans: Sequence[str], tags: Sequence[str], body: Sequence[str]) -> dict[str, str]:
    """Everything that a document is found by, with its weight.

    A whole name stands there without its spaces behind "^", what a transliterated one sounds like behind "=":
    so `^gunnunsogi` is found from its beginning, however it is divided into words.
    """
    found: dict[str, str] = {}

    def put(lexeme: str, weight: str) -> None:
        found[lexeme] = min(weight, found.get(lexeme, weight))

    for text in body:
        for word in words(text):
            put(word, BODY)
    for text in tags:
        for word in words(text):
            put(word, TAG)
    for name in names:
        for ending in _endings(name):
            put(ending, NAME)
        put("^" + "".join(words(name)), NAME)
    for name in romans:
        for word in words(name):
            put("=" + sound(word), NAME)
        put("^=" + sound("".join(words(name))), NAME)
    return {lexeme: weight for lexeme, weight in found.items() if lexeme.strip("^=")}


def _endings(name: str) -> Iterator[str]:
    """The words of a name; of a word in Hangul also what begins at its later syllables: 차기 finds 앞차기."""
    for word in _WORD.findall(normalised(name)):
        for start in range(len(word) if not word.isascii() and _is_hangul(word) else 1):
            yield jamo(word[start:])[:LONGEST_WORD]


def _is_hangul(word: str) -> bool:
    return all("가" <= letter <= "힣" for letter in word)


def as_vector(found: Mapping[str, str]) -> str:
    """Lexemes in the words of a tsvector."""
    return " ".join(f"{_quoted(lexeme)}:1{weight}" for lexeme, weight in sorted(found.items()))


def whole_name(typed: Sequence[str]) -> str:
    """The tsquery for names that begin with exactly these words, or sound so."""
    joined = "".join(typed)
    heard = _sounding("^=", joined) if all(map(sound, typed)) else []
    return _any_of([f"{_quoted('^' + joined)}:*", *heard])


def every_word(typed: Sequence[Sequence[str]], *, weights: str) -> str:
    """The tsquery for documents that have a word for each typed one, beginning with it or sounding like it.

    Each typed word may come as several, any of which will do (corrections).
    """
    return " & ".join(
        _any_of([each for one in choices for each in [f"{_quoted(one)}:*{weights}", *_sounding("=", one)]])
        for choices in typed
    )


def _sounding(mark: str, word: str) -> list[str]:
    """Short words are too much alike to go by their sound, or by the beginning of it."""
    heard = sound(word)
    if len(word) < 3 or not heard:
        return []
    return [f"{_quoted(mark + heard)}:{'*' if len(heard) > 3 else ''}A"]


def _any_of(choices: Sequence[str]) -> str:
    return f"({' | '.join(choices)})"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
