"""Tags and filters of the whole house; built in, so no template has to load them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from project.foundation import panels as slots
from project.foundation.belts import Belt
from project.foundation.http import belt_names
from project.foundation.markdown import to_html
from project.foundation.texts import Spoken, in_language

register = template.Library()


@register.filter
def belt(number: int) -> dict[str, Any]:
    """A belt as components/belt_chip.html wants it: number, name, the words for its colours, colour, tag."""
    worn = Belt(int(number))
    return {
        "number": worn.number,
        "name": belt_names.grade(worn),
        "words": belt_names.colours(worn),
        "colour": worn.colour,
        "tag": worn.tag,
    }


@register.filter
def spoken(text: Mapping[str, str] | None) -> str:
    """A text in the reader's language or its fallback, as plain text (for attributes)."""
    found = in_language(text, get_language() or "en")
    return found.text if found else ""


@register.filter
def text(value: Mapping[str, str] | None) -> SafeString | str:
    """A text in the reader's language; a fallback is marked with its language, for eyes and for screen readers."""
    found = in_language(value, get_language() or "en")
    if found is None:
        return ""
    if not found.is_fallback:
        return found.text
    return format_html(
        '<span lang="{}">{}</span> <small class="fallback">({})</small>', found.language, found.text, said_in(found)
    )


@register.filter
def markdown(value: Mapping[str, str] | None) -> SafeString | str:
    """A long text in the reader's language or its fallback, from Markdown to safe HTML."""
    found = in_language(value, get_language() or "en")
    if found is None:
        return ""
    html = mark_safe(to_html(found.text))  # noqa: S308 - cleaned by nh3
    if not found.is_fallback:
        return html
    return format_html(
        '<p class="fallback">({})</p><div class="prose" lang="{}">{}</div>', said_in(found), found.language, html
    )


@register.simple_tag(takes_context=True)
def panels(context: template.Context, slot: str, object: Any) -> SafeString:
    """Everything that upper floors have registered for this slot, for this viewer and object."""
    request = context["request"]
    rendered = (
        render_to_string(name, dict(values), request)
        for name, values in slots.filled(slot, viewer=request.user, object=object)
    )
    return mark_safe("".join(rendered))  # noqa: S308 - made of rendered templates, escaped there


def said_in(found: Spoken) -> str:
    """The language of a fallback, in words for the reader."""
    return {"en": _("in English"), "pl": _("in Polish"), "ko": _("in Korean")}[found.language]
