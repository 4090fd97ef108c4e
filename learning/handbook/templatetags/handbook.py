"""Tags of the handbook's own pages."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from learning.handbook.queries import Hit

register = template.Library()


@register.simple_tag
def marked(hit: Hit, text: str) -> SafeString:
    """A text of an answer, with what was looked for in <mark>."""
    pieces = hit.marked(text)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p.text) if p.is_meant else p.text,) for p in pieces)
    )
