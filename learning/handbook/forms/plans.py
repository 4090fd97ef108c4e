"""The form of a training plan: a head, blocks, and in each block the things to do.

Every block and every item has fields of its own, numbered from 0: `b1-name`, `b1-i0-what`. Parts are added, taken
away and moved by buttons of the same form (`act`), so that it needs no script; what is typed is kept meanwhile.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning.handbook import queries
from learning.handbook.rules import plans as rules
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.texts import in_language

from . import parts

LIST = "things"
"""The id of the <datalist>."""

MINE = "mine"
"""Instead of the id of a club."""

_NEW_ITEM = {"what": "", "work": 40, "rest": 20}


class HeadForm(forms.Form):
    """What the plan is called and for whom it is. Only who teaches a club is asked whose it shall be."""

    name = forms.CharField(label=gettext_lazy("Name of the plan"), max_length=120)
    goal = forms.CharField(
        label=gettext_lazy("What it is good for"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    club = forms.ChoiceField(
        label=gettext_lazy("Whose plan is it?"),
        help_text=gettext_lazy("A club's plan is seen by all of its members."),
    )

    def __init__(self, *args: Any, clubs: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        belt = parts.belt(LOWEST, FIRST_DAN)(label=_("From this belt on"))
        self.fields = {
            "name": self.fields["name"],
            "goal": self.fields["goal"],
            "belt": belt,
            "club": self.fields["club"],
        }
        if clubs:
            self.fields["club"].choices = [(MINE, _("Mine")), *((str(club.pk), club.name) for club in clubs)]  # type: ignore[attr-defined]
        else:
            del self.fields["club"]


class BlockForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the block"), max_length=120)
    rounds = forms.IntegerField(label=gettext_lazy("Rounds"), min_value=1, max_value=20, initial=1)


class ItemForm(forms.Form):
    what = forms.CharField(
        label=gettext_lazy("Exercise, technique or tul"),
        max_length=300,
        widget=forms.TextInput(
            attrs={"list": LIST, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    work = forms.IntegerField(label=gettext_lazy("Work, seconds"), min_value=5, max_value=3600)
    rest = forms.IntegerField(label=gettext_lazy("Rest, seconds"), min_value=0, max_value=600)

    def __init__(self, *args: Any, catalogue: "Catalogue", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue

    def clean_what(self) -> tuple[str, str]:
        found = self.catalogue.find(self.cleaned_data["what"])
        if found is None:
            raise forms.ValidationError(
                _("The handbook has nothing of this name. Type a part of it and choose from the list.")
            )
        return found.kind, found.slug


class Catalogue:
    """What can be put into a plan, by the words that people type for it."""

    def __init__(self, things: Sequence[queries.Thing], *, language: str) -> None:
        self._labels: dict[tuple[str, str], str] = {}
        self._found: dict[str, queries.Thing] = {}
        for thing in things:
            said = in_language(thing.text, language)
            name = said.text if said else thing.slug
            label = name if thing.word.casefold() in {"", name.casefold()} else f"{name} ({thing.word})"
            if self._key(label) in self._found:
                label = f"{label} [{thing.slug}]"
            self._labels[thing.kind, thing.slug] = label
            for typed in (label, name, thing.word, thing.slug, f"{thing.kind}:{thing.slug}"):
                self._found.setdefault(self._key(typed), thing)

    @property
    def labels(self) -> list[str]:
        return list(self._labels.values())

    def label(self, kind: str, slug: str) -> str:
        return self._labels.get((kind, slug), slug)

    def find(self, typed: str) -> queries.Thing | None:
        return self._found.get(self._key(typed)) if typed.strip() else None

    @staticmethod
    def _key(typed: str) -> str:
        return " ".join(typed.casefold().replace("-", " ").split())


@dataclass
class ShownItem:
    """`act` is what the buttons of an item or a block call it."""

    form: ItemForm
    act: str
    number: int


@dataclass
class ShownBlock:
    form: BlockForm
    act: str
    number: int
    items: list[ShownItem]
    errors: list[str] = field(default_factory=list)

    @property
    def may_grow(self) -> bool:
        return len(self.items) < rules.MOST_ITEMS


class PlanForm:
    """A plan to be written. `draft` is what was typed, when the form is valid."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        catalogue: Catalogue,
        clubs: Sequence[Any] = (),
        begins: rules.Draft | None = None,
        belt: int = LOWEST,
        club: str = MINE,
    ) -> None:
        self.catalogue = catalogue
        typed = _typed(data) if data is not None else _drafted(begins, catalogue, belt, club)
        self.act = str(data.get("act", "")) if data is not None else ""
        self.fresh = _changed(typed["blocks"], self.act) if self.act else ""
        self.is_sent = data is not None and not self.act
        self._build(typed, clubs)
        self._tell()

    def _build(self, typed: dict[str, Any], clubs: Sequence[Any]) -> None:
        def made(form: Any, prefix: str, values: Mapping[str, Any], **more: Any) -> Any:
            if not self.is_sent:
                return form(initial=values, prefix=prefix, **more)
            return form({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix, **more)

        self.head: HeadForm = made(HeadForm, "plan", typed["head"], clubs=clubs)
        self.blocks: list[ShownBlock] = []
        for place, block in enumerate(typed["blocks"]):
            items = [
                ShownItem(made(ItemForm, f"b{place}-i{at}", item, catalogue=self.catalogue), f"{place}:{at}", at + 1)
                for at, item in enumerate(block["items"])
            ]
            form = made(BlockForm, f"b{place}", {"name": block["name"], "rounds": block["rounds"]})
            self.blocks.append(ShownBlock(form, str(place), place + 1, items))
        if self.fresh:
            self._focus(self.fresh)

    def _forms(self) -> list[forms.Form]:
        items = [item.form for block in self.blocks for item in block.items]
        return [self.head, *(block.form for block in self.blocks), *items]

    def _focus(self, name: str) -> None:
        """Where somebody goes on who has just added something."""
        for form in self._forms():
            for each in form.fields:
                if form.add_prefix(each) == name:
                    form.fields[each].widget.attrs["autofocus"] = True

    def _tell(self) -> None:
        """Ask the rules, once every field is right on its own."""
        self.errors: list[str] = []
        self.draft: rules.Draft | None = None
        if not self.is_sent:
            return
        right = [form.is_valid() for form in self._forms()]
        if not all(right):
            return
        draft = self._draft()
        for why, block in rules.refusals(draft):
            self.complain(why, block)
        self.draft = draft if self.is_valid else None

    def complain(self, why: rules.Refusal, block: int | None) -> None:
        if block is None:
            self.errors.append(sentence(why))
        else:
            self.blocks[block].errors.append(sentence(why))

    def _draft(self) -> rules.Draft:
        head = self.head.cleaned_data
        return rules.Draft(
            head["name"], head["goal"].replace("\r\n", "\n"), head["belt"], [_block(block) for block in self.blocks]
        )

    @property
    def is_valid(self) -> bool:
        told = self.errors or any(block.errors for block in self.blocks)
        return self.is_sent and not told and not any(form.errors for form in self._forms())

    @property
    def club(self) -> str:
        """The id of the club whose plan it shall be; empty for one's own."""
        return str(self.head.cleaned_data.get("club", MINE)).removeprefix(MINE)

    @property
    def may_grow(self) -> bool:
        return len(self.blocks) < rules.MOST_BLOCKS


def _block(shown: ShownBlock) -> rules.Block:
    def item(each: ShownItem) -> rules.Item:
        typed = each.form.cleaned_data
        kind, slug = typed["what"]
        return rules.Item(kind, slug, typed["work"], typed["rest"])

    typed = shown.form.cleaned_data
    return rules.Block(typed["name"], typed["rounds"], [item(each) for each in shown.items])


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as it was typed. How many parts there are says the form itself, within the limits."""

    def values(prefix: str, names: Sequence[str]) -> dict[str, str]:
        return {name: str(data.get(f"{prefix}-{name}", "")) for name in names}

    def block(place: int) -> dict[str, Any]:
        number = _number(data.get(f"b{place}-items"), rules.MOST_ITEMS)
        items = [values(f"b{place}-i{at}", ("what", "work", "rest")) for at in range(number)]
        return values(f"b{place}", ("name", "rounds")) | {"items": items}

    number = _number(data.get("blocks"), rules.MOST_BLOCKS)
    return {
        "head": values("plan", ("name", "goal", "belt", "club")),
        "blocks": [block(place) for place in range(number)],
    }


def _drafted(begins: rules.Draft | None, catalogue: Catalogue, belt: int, club: str) -> dict[str, Any]:
    """What the form holds at first: a plan, or one empty block."""
    if begins is None:
        return {"head": {"belt": belt, "club": club}, "blocks": [_new_block()]}
    blocks = [
        {
            "name": block.name,
            "rounds": block.rounds,
            "items": [
                {"what": catalogue.label(item.kind, item.slug), "work": item.work, "rest": item.rest}
                for item in block.items
            ],
        }
        for block in begins.blocks
    ]
    return {"head": {"name": begins.name, "goal": begins.goal, "belt": begins.belt, "club": club}, "blocks": blocks}


def _new_block() -> dict[str, Any]:
    return {"name": "", "rounds": 1, "items": [dict(_NEW_ITEM)]}


def _number(typed: Any, most: int) -> int:
    return min(int(typed), most) if re.fullmatch("[0-9]{1,3}", str(typed)) else 0


def _changed(blocks: list[dict[str, Any]], act: str) -> str:
    """Do what a button says with the parts of the form; gives the name of the field to go on with, if any."""
    verb, *where = act.split(":")
    if any(re.fullmatch("[0-9]{1,3}", each) is None for each in where):
        return ""
    at = [int(each) for each in where]
    match verb, at:
        case "add-block", [] if len(blocks) < rules.MOST_BLOCKS:
            blocks.append(_new_block())
            return f"b{len(blocks) - 1}-name"
        case "remove-block", [place] if place < len(blocks):
            del blocks[place]
            return f"b{max(place - 1, 0)}-name"
        case "raise-block", [place] if 0 < place < len(blocks):
            blocks[place - 1], blocks[place] = blocks[place], blocks[place - 1]
        case "add-item", [place] if place < len(blocks) and len(blocks[place]["items"]) < rules.MOST_ITEMS:
            items = blocks[place]["items"]
            items.append({"what": ""} | {name: (items or [_NEW_ITEM])[-1][name] for name in ("work", "rest")})
            return f"b{place}-i{len(items) - 1}-what"
        case "remove-item", [place, item] if place < len(blocks) and item < len(blocks[place]["items"]):
            items = blocks[place]["items"]
            del items[item]
            return f"b{place}-i{item - 1}-what" if item == len(items) > 0 else ""
        case "raise-item", [place, item] if place < len(blocks) and 0 < item < len(blocks[place]["items"]):
            items = blocks[place]["items"]
            items[item - 1], items[item] = items[item], items[item - 1]
    return ""


def sentence(why: rules.Refusal) -> str:
    match why:
        case rules.Refusal.NO_BLOCKS:
            return _("A plan has at least one block.")
        case rules.Refusal.EMPTY_BLOCK:
            return _("There is nothing to do in this block. Add something, or remove the block.")
        case rules.Refusal.TOO_MANY_BLOCKS:
            said = ngettext(
                "A plan has at most %(most)s block.", "A plan has at most %(most)s blocks.", rules.MOST_BLOCKS
            )
            return said % {"most": rules.MOST_BLOCKS}
        case rules.Refusal.TOO_MANY_ITEMS:
            said = ngettext(
                "A block has at most %(most)s thing to do.",
                "A block has at most %(most)s things to do.",
                rules.MOST_ITEMS,
            )
            return said % {"most": rules.MOST_ITEMS}
        case rules.Refusal.TOO_LONG:
            hours = rules.LONGEST // 3600
            said = ngettext(
                "A plan takes at most %(hours)s hour. Make the times shorter, or the rounds fewer.",
                "A plan takes at most %(hours)s hours. Make the times shorter, or the rounds fewer.",
                hours,
            )
            return said % {"hours": hours}
        case rules.Refusal.TOO_MANY_GOES:
            said = ngettext(
                "With all its rounds a plan begins something at most %(most)s time. Make the rounds fewer.",
                "With all its rounds a plan begins something at most %(most)s times. Make the rounds fewer.",
                rules.MOST_GOES,
            )
            return said % {"most": rules.MOST_GOES}
