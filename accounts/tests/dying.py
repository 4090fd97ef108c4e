"""A process that takes deliveries (lines of JSON on stdin) and has each handled by a child, which kills itself before
its statement number `before`. Says "killed" or the status that was answered."""

import json
import os
import signal
import sys
from typing import Any

import django


class Countdown:
    """Dies before the statement of that number: those of cursors, and BEGIN, COMMIT and ROLLBACK."""

    def __init__(self, before: int) -> None:
        self.left = before

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.tick()
        return execute(sql, params, many, context)


def handle(asked: dict[str, Any]) -> int:
    from django.db import connection
    from django.test import Client

    countdown = Countdown(asked["before"])
    for name in ("_commit", "_rollback", "_set_autocommit"):
        before = getattr(connection, name)

        def counted(*args: Any, before: Any = before) -> Any:
            countdown.tick()
            return before(*args)

        setattr(connection, name, counted)
    with connection.execute_wrapper(countdown.execute):
        answer = Client().post(
            asked["path"], asked["text"], content_type="application/json", headers=asked["headers"],
            SERVER_NAME="localhost",
        )  # fmt: skip
    return answer.status_code


def main() -> None:
    django.setup()
    from django.core.handlers.wsgi import WSGIHandler

    import project.urls  # noqa: F401 - once for all children, as the handler with its middleware

    WSGIHandler()

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = handle(json.loads(line))
            os._exit(0 if status == 200 else 1)
        _, fate = os.waitpid(pid, 0)
        died = os.WIFSIGNALED(fate) and os.WTERMSIG(fate) == signal.SIGKILL
        said = "killed" if died else {0: "200", 1: "refused"}.get(os.waitstatus_to_exitcode(fate), "broken")
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
