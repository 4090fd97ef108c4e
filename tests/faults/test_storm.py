"""Jobs while their workers are killed: nothing is lost, nothing happens twice, and it ends as it would have ended."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.programs import ROOT

pytestmark = pytest.mark.faults
DEEP = os.environ.get("DEPTH") == "deep"
OF_TWENTY = {
    "fault.quick succeeded, 1 effects": 12,
    "fault.slow succeeded, 20 effects": 3,
    "fault.failing failed, 0 effects": 1,
    "fault.flaky succeeded, 1 effects": 2,
    "fault.deadly failed set aside, 0 effects": 1,
    "fault.shaky succeeded, 2 effects": 1,
}
"""How twenty jobs end when nobody disturbs them; test_an_undisturbed_run shows that it is so."""


def storm(*words: str, within: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.storm", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=within, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def expected(jobs: int) -> dict[str, int]:
    return {how: number * jobs // 20 for how, number in OF_TWENTY.items()}


def test_an_undisturbed_run():
    result = storm("--jobs", "20", within=240)
    assert (result["ended"], result["twice"], result["kills"]) == (expected(20), 0, 0)


def test_workers_are_killed_and_services_restarted_all_the_time(figure):
    jobs, seconds = (500, 600) if DEEP else (40, 12)
    result = storm(
        "--jobs", str(jobs), "--seconds", str(seconds), "--every", "2", "--restarts", "--patience", "300",
        within=seconds + 420,
    )  # fmt: skip
    assert result["ended"] == expected(result["jobs"])
    assert result["twice"] == 0
    assert result["longest_stuck"] < 60
    assert result["kills"] >= seconds / 4
    figure(
        "processes killed every 2 s, PostgreSQL and Valkey restarted",
        f"{result['jobs']} jobs, {result['seconds']:.0f} s, {result['kills']} kills: 0 lost, 0 twice, "
        f"longest silence {result['longest_stuck']:.1f} s, ended as undisturbed",
    )
