"""What tests at full size measured, written into docs/performance.md by `make deep`.

A test asks for the fixture `figure` and calls `figure("a storm of ten minutes", "…")`; at small size that does
nothing. Processes of one run leave their figures as files, and the first of them writes the table at the end.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
IS_DEEP = os.environ.get("DEPTH") == "deep"


@pytest.fixture
def figure() -> Callable[[str, str], None]:
    """Keep what was measured: what, and the figures in words."""

    def keep(what: str, measured: str) -> None:
        if IS_DEEP:
            _folder().mkdir(parents=True, exist_ok=True)
            (_folder() / f"{re.sub(r'[^a-z0-9]+', '-', what.lower())}.json").write_text(json.dumps([what, measured]))

    return keep


def pytest_sessionfinish(session: pytest.Session) -> None:
    if IS_DEEP and "PYTEST_XDIST_WORKER" not in os.environ and (found := sorted(_found())):
        PAGE.write_text(with_table(PAGE.read_text("utf-8"), found), "utf-8")


def with_table(text: str, figures: list[tuple[str, str]]) -> str:
    """The page with its table of figures replaced."""
    from bench.report import machine

    lines = "".join(f"| {what} | {measured} |\n" for what, measured in figures)
    table = f"{machine('make deep')}\n\n| what | measured |\n|---|---|\n{lines}"
    begin, end = "<!-- deep -->", "<!-- /deep -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{table}{end}", text, flags=re.DOTALL)


def _folder() -> Path:
    return ROOT / "var" / "figures"


def _found() -> Iterator[tuple[str, str]]:
    for file in _folder().glob("*.json"):
        what, measured = json.loads(file.read_text())
        yield what, measured
