"""A hall to measure: opened in a folder of its own, with the shipped content, without limits, and closed again."""

import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

APP = "project.asgi:application"
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def opened() -> Iterator[str]:
    """Gives the address. PostgreSQL and Valkey run for this process too, and Django is set up to use them."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dojang-bench-", ignore_cleanup_errors=True)))
        os.environ |= {
            "APP_ENV": "development",
            "DEBUG": "false",
            "VAR_DIR": str(var),
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "PYTHONPATH": str(ROOT),
        }
        from project import embedded

        stack.callback(embedded.forget, var)
        stack.enter_context(embedded.services(var))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("compile_translations")
        call_command("load_content", verbosity=0)
        gc.collect()
        gc.freeze()  # as project/asgi.py does: what is asked inside this process is to take as long as there
        yield stack.enter_context(_web())


@contextmanager
def _web() -> Iterator[str]:
    """A web process for each core behind one socket, as `manage.py up` starts them with WEB_PROCESSES."""
    with ExitStack() as stack:
        door = stack.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(1024)
        for _ in range(os.cpu_count() or 1):
            process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("daphne"),
                    "--fd",
                    str(door.fileno()),
                    "--access-log",
                    "/dev/null",
                    APP,
                ],
                cwd=ROOT,
                env=os.environ | {"DATABASE_POOL": "true"},
                pass_fds=[door.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait, timeout=20)
            stack.callback(process.terminate)
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        _wait_for(f"{url}/health/")
        yield url


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the web process did not open")
