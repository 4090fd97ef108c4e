"""One table of everything that was measured."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Row:
    what: str
    how: str
    measured: str
    against: str = ""
    bytes: int | None = None


def table(rows: Sequence[Row]) -> str:
    head = "| what | how | measured | against |\n|---|---|---|---|\n"
    lines = [f"| {row.what} | {row.how} | {row.measured}{_size(row.bytes)} | {row.against} |" for row in rows]
    return f"{machine('make bench')}\n\n{head}" + "\n".join(lines) + "\n"


def machine(command: str) -> str:
    """When, of what and on what a table was made, and by which command."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit.stdout.strip() or '?'}, {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, `{command}`"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _size(count: int | None) -> str:
    return f", {count / 1024:.1f} KB" if count is not None else ""
