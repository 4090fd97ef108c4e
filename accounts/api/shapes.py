"""What several operations about people ask and answer."""

from typing import Any

from project.foundation.http.problems import ProblemOut


def told(shape: Any, *refusals: int, status: int = 200) -> dict[int, Any]:
    """The statuses of an operation for people who are signed in: its answer, those that every one of them has, and
    what else it can refuse. Each refusal is a problem."""
    return {status: shape} | dict.fromkeys((401, *refusals, 422, 429), ProblemOut)
