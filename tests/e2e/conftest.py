"""A hall that is really open, a browser, and eyes: pictures and axe."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Cookie, Page, expect

from project import demo, embedded
from tests.figures import IS_DEEP
from tests.programs import eventually

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "var" / "pictures"
SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
PATIENCE = 20_000
"""Milliseconds that the browser waits for what it expects: the hall does its night's work beside the tests."""
expect.set_options(timeout=PATIENCE)
OURS = ("APP_ENV", "ARGON2_", "DATABASE_URL", "DJANGO_", "LOG_LEVEL", "REDIS_URL", "TEST_DATABASE_TEMPLATE", "VAR_DIR")
"""Variables of the backend tests that the hall must not see: it opens as it does for a newcomer."""


@dataclass(frozen=True)
class Hall:
    url: str
    process: subprocess.Popen[str]
    log: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """`manage.py up` in a folder of its own, on a free port, with the shipped content and the demo cast."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("hall")
    log = folder / "log.txt"
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env |= {"PORT": str(port), "VAR_DIR": str(folder / "var")}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
        )
    url = f"http://localhost:{port}"
    try:
        _wait_for(url, process, log)
        yield Hall(url, process, log)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)
        embedded.forget(folder / "var")


def _wait_for(url: str, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the hall did not open:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def base_url(hall: Hall) -> str:
    return hall.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The system's Chromium where there is one, else the one that `playwright install chromium` brought."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", *quiet]
    return browser_type_launch_args | {"args": args} | ({"executable_path": found} if found else {})


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """Nothing moves unless a test wants it: a click that lands in the middle of a scroll that runs smoothly is lost."""
    whole = browser.new_context
    browser.new_context = lambda **wanted: whole(**{"reduced_motion": "reduce"} | wanted)  # type: ignore[method-assign]
    return browser


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return browser_context_args | {"locale": "en-GB", "viewport": SCREENS["desk"]}


@pytest.fixture
def noticed(page: Page) -> Iterator[list[str]]:
    """Whatever the browser complains about while the test runs; must be empty at the end."""
    complaints: list[str] = []
    _listen(page, complaints)
    yield complaints
    assert complaints == []


def _listen(page: Page, complaints: list[str]) -> None:
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)


LOOKS = ["phone-dark", "desk-light", *(["phone-light", "desk-dark"] if IS_DEEP else [])]
"""What sticks out depends on the screen and what cannot be read on the scheme: two of the four show both."""


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def looking(browser: Browser, base_url: str, look: str) -> Iterator[Page]:
    """A page on a screen in a scheme, with the browser's complaints checked at the end."""
    screen, scheme = look.split("-")
    context = browser.new_context(base_url=base_url, viewport=SCREENS[screen], color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    _listen(page, complaints)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def photograph(look: str):
    """Keep a picture to be looked at: var/pictures/<name>-<screen>-<scheme>.png."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=PICTURES / f"{name}-{look}.png")

    return take


@pytest.fixture
def plain(browser: Browser, base_url: str) -> Iterator[Page]:
    """A phone whose owner has switched JavaScript off."""
    context = browser.new_context(
        base_url=base_url, viewport=SCREENS["phone"], java_script_enabled=False, locale="en-GB"
    )
    yield context.new_page()
    context.close()


def accessible(page: Page) -> None:
    """axe finds nothing, there is one h1, and nothing sticks out sideways."""
    found = Axe().run(page).response["violations"]
    problems = [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
    assert problems == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


_opened: set[str] = set()
"""Links that were given out: a letter leaves by a job, so the newest one may still be on its way."""


def newest_link(page: Page, to: str) -> str:
    """The first address in the newest letter to somebody, once it has arrived."""

    def arrived() -> str:
        page.goto("/dev/mail/")
        letters = page.locator("article", has_text=to)
        found = re.search(r"https?://\S+", letters.first.inner_text()) if letters.count() else None
        return found.group() if found and found.group() not in _opened else ""

    link = eventually(arrived, within=30, what=f"no letter to {to}")
    _opened.add(link)
    return link


def type_password(page: Page, name: str) -> None:
    """The first step of signing in as one of the demo cast."""
    page.goto("/account/login/")
    page.locator("[name=login]").fill(f"{name}@dojang.example")
    page.locator("[name=password]").fill(demo.PASSWORD)
    page.locator("main form .btn--primary").first.click()
    expect(page.locator("main form [name=password]")).to_have_count(0)


OTTO = next(person for person in demo.CAST if person.secret)

_typed: set[str] = set()
"""A code works once, so no test may type what another has typed."""


def type_code(page: Page) -> None:
    """The second step of otto, here or where it is asked for once more. Waits up to half a minute for a fresh code."""

    def fresh() -> str:
        code = OTTO.code(now=datetime.now(UTC))
        return code.digits if code.digits not in _typed and code.seconds_left > 2 else ""  # time enough to arrive

    digits = eventually(fresh, within=40)
    _typed.add(digits)
    page.locator("[name=code]").fill(digits)
    page.locator("main form .btn--primary").first.click()
    expect(page.locator("main form [name=code]")).to_have_count(0)


_otto: list[Cookie] = []


def be_otto(page: Page) -> None:
    """Give a browser the session that otto opened with password and code, once for all tests. Never sign out of it."""
    if not _otto:
        type_password(page, "otto")
        type_code(page)
        _otto.extend(page.context.cookies())
    page.context.add_cookies(_otto)  # type: ignore[arg-type]
