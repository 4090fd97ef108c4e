"""Markdown that people wrote, made into HTML that is safe to show."""

import nh3
from markdown_it import MarkdownIt

# No raw HTML to begin with; nh3 then lets through only what Markdown itself can make.
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def to_html(text: str) -> str:
    """Safe HTML: no scripts, no images, links only to http(s), mail and our own pages."""
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def to_text(text: str) -> str:
    """The words alone, in one line, for excerpts."""
    blocks = (
        "".join(token.content or " " * (token.type == "softbreak") for token in block.children or ())
        for block in _markdown.parse(text)
    )
    return " ".join(" ".join(blocks).split())
