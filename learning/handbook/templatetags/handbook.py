"""Tags of the handbook's own pages."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language

from learning.handbook.queries import Hit, editing
from project.foundation.texts import in_language

register = template.Library()


@register.simple_tag
def marked(hit: Hit, text: str) -> SafeString:
    """A text of an answer, with what was looked for in <mark>."""
    pieces = hit.marked(text)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p.text) if p.is_meant else p.text,) for p in pieces)
    )


@register.filter
def called(row: Any) -> str:
    """What an edition, a word of the glossary or a grading is called, in the reader's language."""
    found = in_language(editing.title(row), get_language() or "en")
    return capfirst(found.text) if found else ""
