"""Questions that can be made honestly from the handbook itself.

What a term means, how it is called, how many movements a tul has, what comes next in it, which of them ends
where the picture of the floor shows; some movements of a tul to put in order, or words to match with what they
mean. Wrong answers are others of the same kind, picked by a hash: the same handbook always gives the same
questions, and a new entry changes few of the old ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Literal

from .entries import FloorPicture, Option, Question, Shelf, Step, Technique, Term, Text, Tul

CHOICES = 4
"""Options of a question, the right one included; also what is put in order, and pairs to match."""

STRETCH = 8
"""Movements of a tul out of which a question picks those to match."""

ONE_IN = 4
"""So many words share a question that matches words, and so many movements one that is asked by the picture of the
floor: a bank of nothing but these would bore."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    # Korean stands behind a colon: a particle would depend on the last letter of the word before it.
    "means": {"pl": "Co znaczy „{what}”?", "en": "What does “{what}” mean?", "ko": "“{what}”: 무슨 뜻인가?"},
    "called": {
        "pl": "Jak po koreańsku nazywa się: {what}?",
        "en": "What is the Korean name of: {what}?",
        "ko": "{what}: 로마자로 어떻게 쓰는가?",
    },
    "written": {
        "pl": "Co jest napisane: {what}?",
        "en": "What is written here: {what}?",
        "ko": "{what}: 로마자 표기는?",
    },
    "movements": {
        "pl": "Ile ruchów ma {what}?",
        "en": "How many movements has {what}?",
        "ko": "{what}의 동작은 몇 개인가?",
    },
    "next": {
        "pl": "{what}: jaka technika następuje po ruchu {number}?",
        "en": "{what}: which technique follows movement {number}?",
        "ko": "{what}: {number}번 동작 다음에 오는 기술은?",
    },
    "stance": {
        "pl": "{what}: w jakiej postawie kończy się ruch {number}?",
        "en": "{what}: in which stance does movement {number} end?",
        "ko": "{what}: {number}번 동작은 어떤 서기로 끝나는가?",
    },
    "seen": {
        "pl": "{what}: który ruch tu się kończy?",
        "en": "{what}: which movement ends here?",
        "ko": "{what}: 여기에서 끝나는 동작은 몇 번인가?",
    },
    "stands": {
        "pl": "Podłoga widziana z góry: zwrot ku {facing}, {pl}",
        "en": "The floor seen from above: facing {facing}, {en}",
        "ko": "위에서 본 바닥: {facing} 쪽을 향한 {ko}",
    },
    "order": {
        "pl": "{what}: ułóż ruchy od {first} do {last} w kolejności.",
        "en": "{what}: put movements {first} to {last} in order.",
        "ko": "{what}: {first}번부터 {last}번까지 동작을 차례대로 놓아라.",
    },
    "match-technique": {
        "pl": "{what}: połącz ruch z techniką.",
        "en": "{what}: match the movement with the technique.",
        "ko": "{what}: 동작 번호와 기술을 짝지어라.",
    },
    "match-stance": {
        "pl": "{what}: połącz ruch z postawą, w której się kończy.",
        "en": "{what}: match the movement with the stance in which it ends.",
        "ko": "{what}: 동작 번호와 그 동작이 끝나는 서기를 짝지어라.",
    },
    "match-words": {
        "pl": "Połącz słowo z jego znaczeniem.",
        "en": "Match the word with its meaning.",
        "ko": "낱말과 그 뜻을 짝지어라.",
    },
    "movement": {"pl": "ruch {number}", "en": "movement {number}", "ko": "{number}번 동작"},
    "toward": {"pl": "{pl}, w stronę {facing}", "en": "{en}, toward {facing}", "ko": "{ko}, {facing} 쪽"},
    "because": {
        "pl": "{roman} ({hangul}) to {pl}.",
        "en": "{roman} ({hangul}) is {en}.",
        "ko": "{roman}: 한글로 {hangul}, 영어로 {en}.",
    },
    "counts": {
        "pl": "{what} ({hangul}) ma {number} ruchów.",
        "en": "{what} ({hangul}) has {number} movements.",
        "ko": "{what}({hangul}): 동작 {number}개.",
    },
    "step": {
        "pl": "{what}, ruch {number}: {pl}.",
        "en": "{what}, movement {number}: {en}.",
        "ko": "{what} {number}번 동작: {ko}.",
    },
}


def questions(shelf: Shelf) -> list[Question]:
    """All questions that the shelf gives, in a fixed order."""
    techniques = {each.slug: each for each in shelf.techniques}
    made: list[Question] = []
    for technique in shelf.techniques:
        alike = [each for each in shelf.techniques if each.category == technique.category]
        made += _of_word("technique", technique, alike, _modules(technique))
    for term in shelf.terms:
        words = [each for each in shelf.terms if each.topic == term.topic]
        made += _of_word("term", term, words, ["terminology", *(["counting"] if term.topic == "counting" else [])])
    for tul in shelf.tuls:
        made += _of_movements(tul, shelf.tuls)
        made += _of_steps(tul, techniques)
        made += _of_places(tul, techniques)
        made += _in_order(tul, techniques)
        made += _matching(tul, techniques)
    return made


def _of_word(
    kind: str, word: Technique | Term, alike: Sequence[Technique | Term], modules: list[str]
) -> Iterator[Question]:
    """Three ways to ask for a Korean word; none where too few others are alike."""
    ways: list[tuple[str, str | Mapping[str, str], Callable[[Technique | Term], Text]]] = [
        ("means", word.transliteration, _meaning),
        ("called", _names(word), _roman),
        ("written", word.names.ko, _roman),
    ]
    for way, what, answer in ways:
        key = f"{way}-{kind}-{word.slug}"
        options = _choices(key, answer(word), (answer(each) for each in alike if each.slug != word.slug))
        if options is None:
            continue
        because = {"roman": word.transliteration, "hangul": word.names.ko, "pl": word.names.pl, "en": word.names.en}
        yield Question(
            slug=key,
            kind="single",
            modules=modules,
            belts=(word.min_belt, 0),
            prompt=_say(way, what=what),
            options=options,
            explanation=_say("because", **because),
            source=f"Dojang handbook: {kind} {word.slug}",
            about=f"{kind}:{word.slug}",
        )
    yield from _matching_words(kind, word, alike, modules)


def _matching_words(
    kind: str, word: Technique | Term, alike: Sequence[Technique | Term], modules: list[str]
) -> Iterator[Question]:
    """This word and others that its learners have met, to be matched with what they mean; of few words one."""
    key = f"match-{kind}-{word.slug}"
    if _shuffled(key, "")[0] % ONE_IN:
        return
    others = [each for each in alike if each.slug != word.slug and each.min_belt >= word.min_belt]
    by_hash = sorted(others, key=lambda each: _shuffled(key, each.slug))
    chosen = _apart([word, *by_hash], lambda each: [_roman(each), _meaning(each)])
    if len(chosen) < CHOICES:
        return
    shown = sorted(chosen, key=lambda each: _shuffled(key + "!", each.slug))
    yield Question(
        slug=key,
        kind="match",
        modules=modules,
        belts=(word.min_belt, 0),
        prompt=_say("match-words"),
        options=[Option(text=_roman(each), pair=_meaning(each)) for each in shown],
        explanation=_told([_joined(_roman(each), " = ", _meaning(each)) for each in shown]),
        source=f"Dojang handbook: {kind} {word.slug}",
        about=f"{kind}:{word.slug}",
    )


def _of_movements(tul: Tul, tuls: Sequence[Tul]) -> Iterator[Question]:
    key = f"movements-{tul.slug}"
    numbers = sorted({each.movements for each in tuls} - {tul.movements}, key=lambda n: abs(n - tul.movements))[:8]
    options = _choices(key, _number(tul.movements), map(_number, numbers))
    if options is None or tul.kind != "tul":
        return
    yield Question(
        slug=key,
        kind="single",
        modules=["tuls"],
        belts=(max(min(tul.belt, 10), 0), 0),
        prompt=_say("movements", what=tul.name),
        options=options,
        explanation=_say("counts", what=tul.name, hangul=tul.hangul, number=tul.movements),
        source=f"Dojang handbook: tul {tul.slug}",
        about=f"tul:{tul.slug}",
    )


def _of_steps(tul: Tul, techniques: Mapping[str, Technique]) -> Iterator[Question]:
    """After each step: which technique comes next; and in which stance each step ends, kicks left out."""
    used = {slug: techniques[slug] for step in tul.steps for slug in (step.technique, step.stance)}
    done = [used[step.technique] for step in tul.steps]
    stood = [used[step.stance] for step in tul.steps if step.stance != "waebal-sogi"]
    for number, (step, following) in enumerate(zip(tul.steps, tul.steps[1:], strict=False), start=1):
        if following.technique != step.technique:  # else the step before would give the answer away
            picture = _floor(tul, number, techniques)
            yield from _of_step("next", tul, number, number + 1, used[following.technique], done, picture)
    for number, step in enumerate(tul.steps, start=1):
        if _is_worth_asking(step):
            picture = _floor(tul, number - 1, techniques)
            yield from _of_step("stance", tul, number, number, used[step.stance], stood, picture)


def _of_step(
    way: str, tul: Tul, number: int, told: int, right: Technique, others: Iterable[Technique], picture: FloorPicture
) -> Iterator[Question]:
    key = f"{way}-{tul.slug}-{number}"
    options = _choices(key, _meaning(right), (_meaning(each) for each in others if each.slug != right.slug))
    if options is None:
        return
    prompt, explanation = _say(way, what=tul.name, number=number), _say_step(tul, told, right)
    yield _about(tul, key, f"movement {told}", prompt, options, explanation, picture=picture)


def _of_places(tul: Tul, techniques: Mapping[str, Technique]) -> Iterator[Question]:
    """Of some movements the picture of the floor: which of those that end facing elsewhere or otherwise is it?"""
    for number, step in enumerate(tul.steps, start=1):
        key = f"seen-{tul.slug}-{number}"
        if step.joined or _shuffled(key, "")[0] % ONE_IN:
            continue
        others = [n for n, each in enumerate(tul.steps, start=1) if _stands(each) != _stands(step)]
        options = _choices(key, _number(number), map(_number, others))
        if options is None:
            continue
        prompt, explanation = _say("seen", what=tul.name), _say_step(tul, number, techniques[step.technique])
        picture = _floor(tul, number, techniques)
        yield _about(tul, key, f"movement {number}", prompt, options, explanation, picture=picture)


def _floor(tul: Tul, number: int, techniques: Mapping[str, Technique]) -> FloorPicture:
    """The floor after a movement; described without what is asked."""
    facing, stance = _stands(tul.steps[number - 1]) if number else ("D", tul.ready)
    return FloorPicture(movement=number, alt=_say("stands", facing=facing, **_names(techniques[stance])))


def _stands(step: Step) -> tuple[str, str]:
    return step.facing, step.stance


def _in_order(tul: Tul, techniques: Mapping[str, Technique]) -> Iterator[Question]:
    """Every third movement and those after it, where no two of them read the same."""
    read = [_say("toward", **_names(techniques[step.technique]), facing=step.facing) for step in tul.steps]
    for first in range(0, len(read) - CHOICES + 1, CHOICES - 1):
        asked = read[first : first + CHOICES]
        if len(_apart(asked, lambda text: [text])) < CHOICES:
            continue
        key, where = f"order-{tul.slug}-{first + 1}", f"movements {first + 1} to {first + CHOICES}"
        prompt = _say("order", what=tul.name, first=first + 1, last=first + CHOICES)
        told = _told([_joined(_number(first + n), ". ", text) for n, text in enumerate(asked, start=1)])
        yield _about(tul, key, where, prompt, [Option(text=text) for text in asked], told, kind="order")


def _matching(tul: Tul, techniques: Mapping[str, Technique]) -> Iterator[Question]:
    """Of each stretch of a tul some movements with their techniques, and some with their stances."""
    for start in range(0, len(tul.steps), STRETCH):
        stretch = list(enumerate(tul.steps[start : start + STRETCH], start=start + 1))
        done = [(number, techniques[step.technique]) for number, step in stretch]
        stood = [(number, techniques[step.stance]) for number, step in stretch if _is_worth_asking(step)]
        for way, pairs in (("technique", done), ("stance", stood)):
            yield from _matching_steps(f"match-{way}", tul, start + 1, pairs)


def _matching_steps(way: str, tul: Tul, first: int, pairs: Sequence[tuple[int, Technique]]) -> Iterator[Question]:
    key = f"{way}-{tul.slug}-{first}"
    by_hash = sorted(pairs, key=lambda pair: _shuffled(key, str(pair[0])))
    chosen = sorted(_apart(by_hash, lambda pair: [_meaning(pair[1])]), key=lambda pair: pair[0])
    if len(chosen) < CHOICES - 1:
        return
    options = [Option(text=_say("movement", number=number), pair=_meaning(what)) for number, what in chosen]
    told = _told([_joined(_number(number), ". ", _meaning(what)) for number, what in chosen])
    also = ["stances"] if way == "match-stance" else []
    yield _about(tul, key, "", _say(way, what=tul.name), options, told, kind="match", also=also)


def _about(
    tul: Tul,
    slug: str,
    where: str,
    prompt: Text,
    options: list[Option],
    explanation: Text,
    *,
    kind: Literal["single", "order", "match"] = "single",
    also: Sequence[str] = (),
    picture: FloorPicture | None = None,
) -> Question:
    """A question about a tul, or `where` in it; `also` are modules beside its own."""
    return Question(
        slug=slug,
        kind=kind,
        modules=["tuls", *also, tul.slug],
        belts=(tul.belt, 0),
        prompt=prompt,
        options=options,
        explanation=explanation,
        source=f"Dojang handbook: tul {tul.slug}" + (where and f", {where}"),
        about=f"tul:{tul.slug}",
        picture=picture,
    )


def _say_step(tul: Tul, number: int, technique: Technique) -> Text:
    return _say("step", what=tul.name, number=number, **_names(technique))


def _is_worth_asking(step: Step) -> bool:
    return step.stance != "waebal-sogi" and not step.joined


def _modules(technique: Technique) -> list[str]:
    is_stance = technique.category in {"stance", "ready_posture"}
    return ["terminology", "stances" if is_stance else "techniques"]


def _choices(key: str, right: Text, others: Iterable[Text]) -> list[Option] | None:
    """The right option among wrong ones, in an order given by the key; None where too few differ in every language."""
    chosen, seen = [], [right]
    for other in sorted(others, key=lambda text: _shuffled(key, text.en)):
        if all(_differ(other, each) for each in seen):
            seen.append(other)
            chosen.append(other)
        if len(chosen) == CHOICES - 1:
            break
    if len(chosen) < CHOICES - 2:
        return None
    options = [Option(text=right, right=True), *(Option(text=text) for text in chosen)]
    return sorted(options, key=lambda option: _shuffled(key + "!", option.text.en))


def _apart[Thing](things: Iterable[Thing], texts: Callable[[Thing], Sequence[Text]]) -> list[Thing]:
    """The first few things of which no two read the same in any language."""
    chosen: list[Thing] = []
    for each in things:
        if all(_differ(*pair) for other in chosen for pair in zip(texts(each), texts(other), strict=True)):
            chosen.append(each)
        if len(chosen) == CHOICES:
            break
    return chosen


def _joined(one: Text, mark: str, other: Text) -> Text:
    """Two texts beside each other; like `_same` not checked for Hangul."""
    left, right = one.as_dict(), other.as_dict()
    pl, en, ko = (f"{left[language]}{mark}{right[language]}" for language in ("pl", "en", "ko"))
    return Text.model_construct(pl=pl, en=en, ko=ko)


def _told(lines: Sequence[Text]) -> Text:
    """Lines of an explanation as one sentence."""
    said = [line.as_dict() for line in lines]
    return Text(**{language: "; ".join(line[language] for line in said) + "." for language in ("pl", "en", "ko")})


def _differ(a: Text, b: Text) -> bool:
    return not set(a.as_dict().items()) & set(b.as_dict().items())


def _shuffled(key: str, text: str) -> bytes:
    return sha256(f"{key}|{text}".encode()).digest()


def _names(word: Technique | Term) -> dict[str, str]:
    return {"pl": word.names.pl, "en": word.names.en, "ko": word.names.ko}


def _meaning(word: Technique | Term) -> Text:
    return Text(pl=word.names.pl, en=word.names.en, ko=word.names.ko)


def _roman(word: Technique | Term) -> Text:
    return _same(word.transliteration)


def _number(number: int) -> Text:
    return _same(str(number))


def _same(text: str) -> Text:
    """Letters or figures that are the same in every language, so not checked for Hangul."""
    return Text.model_construct(pl=text, en=text, ko=text)


def _say(sentence: str, /, **values: str | int | Mapping[str, str]) -> Text:
    """A sentence in three languages; a value may differ by language."""

    def spoken(language: str) -> str:
        chosen = {name: value[language] if isinstance(value, Mapping) else value for name, value in values.items()}
        return _WORDS[sentence][language].format(**chosen)

    return Text(pl=spoken("pl"), en=spoken("en"), ko=spoken("ko"))
