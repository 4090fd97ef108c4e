"""What a test reads from a page of the console."""

from html.parser import HTMLParser


class _Pieces(HTMLParser):
    """The text of each element that has an id, and which elements there are at all."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag not in {"input", "use", "rect", "path", "link", "meta", "br", "hr", "img"}:
            self._open.append(found.get("id") or "")
        if found.get("id"):
            self.text.setdefault(found["id"], "")

    def handle_endtag(self, tag):
        if tag not in {"input", "use", "rect", "path", "link", "meta", "br", "hr", "img"} and self._open:
            self._open.pop()

    def handle_data(self, data):
        for each in filter(None, self._open):
            self.text[each] += data


def pieces(html: str) -> dict[str, str]:
    """The text of every element with an id, its spaces made one."""
    return {name: " ".join(text.split()) for name, text in _Pieces(html).text.items()}


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    return _Pieces(html).elements


def disturbing(html: str) -> list[str]:
    """What must never be replaced on an open page: rows, what opens, and whatever can have the focus."""
    tags = {"tr", "td", "th", "table", "tbody", "details", "summary", "a", "input", "button", "select", "textarea"}
    return [tag for tag, attrs in elements(html) if tag in tags or "tabindex" in attrs or "contenteditable" in attrs]
