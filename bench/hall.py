"""A hall to measure: opened in a folder of its own, with the shipped content, without limits, and closed again."""

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
        yield stack.enter_context(_web())


@contextmanager
def _web() -> Iterator[str]:
    """One web process, as `make run` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    daphne = [str(Path(sys.executable).with_name("daphne")), "-b", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        [*daphne, "--access-log", "/dev/null", "project.asgi:application"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_POOL": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/health/")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the web process did not open")
