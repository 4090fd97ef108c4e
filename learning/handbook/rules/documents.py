"""What search is told of each entry: what it is called, in every spelling, and what it talks about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import entries, spelling


@dataclass(frozen=True)
class Document:
    """One entry as search sees it. `names` in all languages; of these `romans` are Korean in Latin letters."""

    kind: str
    slug: str
    belt: int
    category: str
    title: Mapping[str, str]
    hangul: str = ""
    roman: str = ""
    names: Sequence[str] = ()
    romans: Sequence[str] = ()
    tags: Sequence[str] = ()
    body: Sequence[str] = field(default=(), repr=False)

    @property
    def lexemes(self) -> dict[str, str]:
        return spelling.lexemes(names=self._all_names, romans=self.romans, tags=self.tags, body=self.body)

    @property
    def spellings(self) -> list[str]:
        """Each name in the words it is looked up by; what a transliterated one sounds like begins with "="."""
        written = [" ".join(spelling.words(name)) for name in self._all_names]
        heard = ["=" + " ".join(map(spelling.sound, spelling.words(name))) for name in self.romans]
        return list(dict.fromkeys(each for each in [*written, *heard] if each.strip("= ")))

    @property
    def _all_names(self) -> list[str]:
        """Of "one (native)" and "red, blue" each part is a name as well."""
        return [part for name in self.names for part in (name, *re.split(r"[,;:/()]", name))]

    @property
    def known_words(self) -> set[str]:
        """The words that a misspelt one may have meant."""
        return {word for name in self.names for word in spelling.words(name) if len(word) > 2}


def document(entry: entries.Technique | entries.Tul | entries.Term | entries.Article) -> Document:
    """What search is told of an entry."""
    match entry:
        case entries.Technique():
            return _technique(entry)
        case entries.Tul():
            return _tul(entry)
        case entries.Term():
            return _term(entry)
        case entries.Article():
            return _article(entry)


def _technique(entry: entries.Technique) -> Document:
    romans = [entry.transliteration, *entry.aliases]
    return Document(
        kind="technique",
        slug=entry.slug,
        belt=entry.min_belt,
        category=entry.category,
        title=entry.names.model_dump(),
        hangul=entry.names.ko,
        roman=entry.transliteration,
        names=[*romans, entry.names.ko, entry.names.en, entry.names.pl],
        romans=romans,
        tags=[*entry.tags, *_said(entry.tool)],
        body=[text for point in (*entry.key_points, *entry.mistakes) for text in _said(point)],
    )


def _tul(entry: entries.Tul) -> Document:
    return Document(
        kind="tul",
        slug=entry.slug,
        belt=entry.belt,
        category=entry.kind,
        title={"en": entry.name, "pl": entry.name, "ko": entry.hangul},
        hangul=entry.hangul,
        roman=entry.name,
        names=[entry.name, entry.hangul],
        romans=[entry.name],
        tags=["tul"],
        body=_said(entry.meaning),
    )


def _term(entry: entries.Term) -> Document:
    romans = [entry.transliteration, *entry.aliases]
    return Document(
        kind="term",
        slug=entry.slug,
        belt=entry.min_belt,
        category=entry.topic,
        title=entry.names.model_dump(),
        hangul=entry.names.ko,
        roman=entry.transliteration,
        names=[*romans, entry.names.ko, entry.names.en, entry.names.pl],
        romans=romans,
        body=_said(entry.note),
    )


def _article(entry: entries.Article) -> Document:
    return Document(
        kind="article",
        slug=entry.slug,
        belt=entry.belt,
        category=entry.topic,
        title=entry.title.as_dict(),
        names=_said(entry.title),
        body=_said(entry.body),
    )


def _said(text: entries.Text | None) -> list[str]:
    return list(text.as_dict().values()) if text else []
