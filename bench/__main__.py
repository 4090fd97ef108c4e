"""`make bench`: open a hall, measure it, print one table. `--write` puts it into docs/performance.md."""

import argparse
import re
from pathlib import Path

from project.supervisor import Stop, stop_on_signals

from . import api, hall, jobs, pages, practice, push, report, reviews, search

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="how long each address is asked")
    parser.add_argument("--entries", type=int, default=search.ENTRIES, help="documents that search looks through")
    parser.add_argument("--jobs", type=int, default=jobs.JOBS, help="rows that the console's lists are asked among")
    parser.add_argument("--seeds", type=int, default=practice.SEEDS, help="made-up learners of each kind who aim")
    parser.add_argument("--practice", action="store_true", help="practice alone; nothing is written")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    asked = parser.parse_args()
    rows: list[report.Row] = []
    with stop_on_signals(), hall.opened() as url:
        if not asked.practice:
            for part in (api.measured(url, seconds=asked.seconds), pages.measured(url, seconds=asked.seconds / 2)):
                rows += part
            rows.insert(8, api.inside(seconds=asked.seconds))
            rows += push.measured(url, seconds=asked.seconds * 3)
        rows += reviews.measured()  # before a million rows are made, which the database then tidies up for a while
        if not asked.practice:
            rows += search.measured(entries=asked.entries)
            rows += jobs.measured(jobs=asked.jobs)
    with stop_on_signals():
        rows += practice.measured(seeds=asked.seeds)
    table = report.table(rows)
    print(table)
    if asked.write and not asked.practice:
        begin, end = "<!-- bench -->", "<!-- /bench -->"
        text = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{table}{end}", PAGE.read_text("utf-8"), flags=re.DOTALL)
        PAGE.write_text(text, "utf-8")


try:
    main()
except Stop:
    raise SystemExit("The bench was stopped; everything it had started is closed.") from None
