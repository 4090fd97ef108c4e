"""An operator watches jobs while they happen, and what they have opened, picked or scrolled to stays."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.programs import eventually

from .conftest import OURS, ROOT, Hall, accessible, be_otto

Shell = Callable[..., str]

MADE = """
from datetime import timedelta
from django.utils import timezone
from project.foundation.jobs import commands
from project.foundation.jobs.models import Job, State
now = timezone.now()
later = now + timedelta(days=1)  # no worker takes them, and nobody misses their heartbeat
"""


@pytest.fixture(scope="session")
def shell(hall: Hall) -> Shell:
    """Run lines of Python inside the open hall; gives what they print."""

    def run(lines: str) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        env |= {"VAR_DIR": str(hall.log.parent / "var"), "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", MADE + lines]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


RUNNING = """
job = Job.objects.create(
    kind="e2e.film", queue="render", state=State.RUNNING, attempt=1, worker="e2e:1", arguments={"tul": "chon-ji"},
    progress=5, furthest=5, progress_text="drawing", log="\\n".join(f"line {n}" for n in range(120)),
    queued_at=now, due_at=now, started_at=now, heartbeat_at=later,
)
print(job.pk)
"""
WAITING = """
for _ in range(30):
    commands.enqueue("jobs.ping.render", arguments={}, asked_by=None, why="to be looked at", now=now, due_at=later)
"""
FAILED = """
job = Job.objects.create(
    kind="e2e.break", queue="media", state=State.FAILED, attempt=2, failures=2, queued_at=now, due_at=now,
    started_at=now, heartbeat_at=now, ended_at=now + timedelta(seconds=75), is_set_aside=True, log="tried",
    error="Traceback (most recent call last):\\n  File \\"film.py\\", line 7\\nConnectionError: nobody is there",
)
print(job.pk)
"""
HUNDRED = """
import time
for n in range(100):
    commands.report_progress(job_id="%s", attempt=1, percent=n, text=f"piece {n}", now=timezone.now())
    if n %% 10 == 0:
        Job.objects.filter(pk="%s").update(heartbeat_at=later)
        commands.beat(job_id="%s", attempt=1, now=later, log="\\n".join(f"line {k}" for k in range(120 + n)))
    time.sleep(0.02)
Job.objects.filter(pk="%s").update(heartbeat_at=later)
"""


def hundred(job: str) -> str:
    return HUNDRED % (job, job, job, job)


def progress(page: Page, job: str) -> Any:
    return page.locator(f"#job-{job}-progress")


def is_live(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-live", "on")


@pytest.fixture
def otto(page: Page) -> Page:
    be_otto(page)
    return page


@pytest.fixture(scope="module")
def jobs(shell: Shell) -> dict[str, str]:
    """Some to be looked at."""
    shell(WAITING)
    return {"running": shell(RUNNING), "failed": shell(FAILED)}


class TestHowItLooks:
    def test_every_page_is_accessible(self, looking: Page, photograph, jobs):
        be_otto(looking)
        screens = {
            "console": "/console/",
            "console-jobs": "/console/jobs/",
            "console-jobs-none": "/console/jobs/?state=canceled&queue=media&since=hour",
            "console-job-running": f"/console/jobs/{jobs['running']}/",
            "console-job-failed": f"/console/jobs/{jobs['failed']}/",
            "console-cancellation": f"/console/jobs/{jobs['running']}/cancellation/",
            "console-rerun": f"/console/jobs/{jobs['failed']}/rerun/",
            "console-schedules": "/console/schedules/",
            "console-schedule": "/console/schedules/audit.seal/job/",
        }
        for name, url in screens.items():
            looking.goto(url)
            if looking.locator("#live").count():
                is_live(looking)
            photograph(looking, name)
            accessible(looking)
        looking.goto("/console/jobs/?queue=render")
        looking.get_by_label("all that the filter finds").check()
        looking.get_by_role("button", name="Cancel them").click()
        expect(looking.get_by_role("heading", level=1)).to_have_text("Cancel these jobs?")
        photograph(looking, "console-bulk")
        accessible(looking)

    @pytest.mark.parametrize("query", ["?state=asleep", "?after=nonsense"])
    def test_an_address_that_cannot_be_says_so(self, otto: Page, query):
        otto.goto(f"/console/jobs/{query}")
        expect(otto.get_by_role("alert")).to_be_visible()
        accessible(otto)
        otto.get_by_role("link", name="Show everything again").click()
        expect(otto.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_dashboard_to_a_job_that_is_canceled_run_again_and_a_schedule(
    browser: Browser, base_url: str, shell: Shell, script: bool
):
    context = browser.new_context(base_url=base_url, locale="en-GB", java_script_enabled=script)
    page = context.new_page()
    be_otto(page)
    shell('Job.objects.create(kind="jobs.ping.media", queue="media", queued_at=now, due_at=later)')

    page.goto("/more/")
    page.locator("main").get_by_role("link", name="Console").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.locator("main").get_by_role("link", name="Waiting").click()
    if script:
        is_live(page)  # before its scripts are there, picking sends nothing
    page.get_by_label("Kind").select_option("jobs.ping.media")
    if not script:
        page.get_by_role("button", name="Show").click()
    page.wait_for_url("**kind=jobs.ping.media**")
    page.locator("main tbody").get_by_role("link", name="jobs.ping.media").first.click()

    page.get_by_role("link", name="Cancel the job").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("Canceled.")).to_be_visible()
    expect(page.locator(".job__standing .state")).to_have_text("canceled")

    page.get_by_role("link", name="Run it again").click()
    page.get_by_label("Why").fill("it was wanted after all")
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("This is the new job.")).to_be_visible()
    expect(page.get_by_text("it was wanted after all")).to_be_visible()
    if script:  # the page is not touched; a worker of the hall does the job, and it is seen here
        expect(page.locator(".job__standing .state")).to_have_text("succeeded")
        expect(page.locator("#job-result")).to_contain_text("media")
    else:
        eventually(lambda: page.reload() and "succeeded" in page.locator(".job__standing .state").inner_text())

    page.get_by_role("link", name="Schedules").click()
    page.get_by_role("row", name="audit.seal").get_by_role("link", name="Run now").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("audit.seal")
    context.close()


def test_one_that_moved_on_meanwhile_is_refused_politely(otto: Page, shell: Shell):
    job = shell(RUNNING)
    otto.goto(f"/console/jobs/{job}/cancellation/")
    shell(f'commands.cancel(job_id="{job}", now=now)')
    otto.get_by_role("button", name="Cancel the job").click()
    expect(otto.get_by_text("its state is now: canceled")).to_be_visible()


def test_picked_jobs_are_canceled_together(otto: Page, shell: Shell):
    shell(WAITING)
    otto.goto("/console/jobs/?queue=render&state=queued")
    otto.get_by_label("Select all on this page").check()
    assert int(otto.locator("[data-checked]").inner_text()) >= 30
    otto.get_by_label("Select all on this page").uncheck()
    boxes = otto.locator("tbody input[type=checkbox]")
    for place in (0, 1):
        boxes.nth(place).check()
    expect(otto.locator("[data-checked]")).to_have_text("2")
    otto.get_by_role("button", name="Cancel them").click()
    expect(otto.get_by_text("You have selected 2 jobs.")).to_be_visible()
    otto.get_by_role("button", name="Cancel them").click()
    expect(otto.get_by_text("2 jobs were canceled.")).to_be_visible()


class TestWhatAReaderHas:
    """A hundred changes come in while somebody reads, picks and types."""

    def test_rows_picked_the_place_on_the_page_and_the_focus_stay(self, otto: Page, shell: Shell, noticed):
        shell(WAITING)
        job = shell(RUNNING)
        otto.goto("/console/jobs/?queue=render")
        is_live(otto)
        otto.evaluate("document.querySelectorAll('tbody tr').forEach((row, n) => { row.dataset.place = n })")
        boxes = otto.locator("tbody input[type=checkbox]")
        for place in (3, 5):
            boxes.nth(place).check()
        boxes.nth(5).focus()
        otto.evaluate("scrollTo(0, 333)")
        before = progress(otto, job).inner_text()

        shell(WAITING + hundred(job) + f'commands.succeed(job_id="{job}", attempt=1, result=1, log="", now=now)')

        expect(otto.locator(f"#job-{job}-state")).to_have_text("succeeded")
        assert progress(otto, job).inner_text() != before
        assert [each.is_checked() for each in boxes.all()[:7]] == [False, False, False, True, False, True, False]
        assert otto.evaluate("scrollY") == 333
        assert otto.evaluate("document.activeElement === document.querySelectorAll('tbody input')[5]")
        # The rows are the very same elements, and none was pushed in between: a line says that there are more.
        assert otto.evaluate("[...document.querySelectorAll('tbody tr')].every((row, n) => row.dataset.place == n)")
        expect(otto.locator("#newer")).to_have_text("30 newer jobs")
        expect(otto.get_by_role("link", name="show them")).to_be_visible()

    def test_what_is_opened_marked_and_scrolled_to_in_a_job_stays(self, otto: Page, shell: Shell, noticed):
        job = shell(RUNNING)
        otto.goto(f"/console/jobs/{job}/")
        is_live(otto)
        log = otto.locator("#job-log")
        assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 8
        otto.locator("summary", has_text="Arguments").click()
        otto.locator("summary", has_text="Result").or_(otto.locator("summary", has_text="Log")).first.focus()
        log.evaluate(
            """log => {
                log.scrollTop = 120;
                const marked = document.createRange();
                marked.setStart(log.firstChild, 0);
                marked.setEnd(log.firstChild, 6);
                getSelection().removeAllRanges();
                getSelection().addRange(marked);
            }"""
        )
        otto.evaluate("scrollTo(0, 150)")
        focused = otto.evaluate("document.activeElement.outerHTML")
        place = otto.evaluate("scrollY")

        shell(hundred(job))

        expect(progress(otto, job)).to_contain_text("99 %")
        expect(log).to_contain_text("line 209")
        assert otto.locator("details", has_text="Arguments").last.evaluate("details => details.open")
        assert log.evaluate("log => log.scrollTop") == 120
        assert otto.evaluate("getSelection().toString()") == "line 0"
        assert (otto.evaluate("scrollY"), otto.evaluate("document.activeElement.outerHTML")) == (place, focused)

        log.evaluate("log => { log.scrollTop = log.scrollHeight }")  # whoever reads the end goes on reading it
        shell(
            f'Job.objects.filter(pk="{job}").update(log="\\n".join(f"line {{n}}" for n in range(300)))\n'
            f'commands.cancel(job_id="{job}", now=now)'
        )
        expect(log).to_contain_text("line 299")
        assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 8
        expect(otto.get_by_role("link", name="Run it again")).to_be_visible()
        expect(otto.get_by_role("link", name="Cancel the job")).to_be_hidden()

    def test_what_is_opened_on_the_dashboard_stays(self, otto: Page, shell: Shell, noticed):
        job = shell(RUNNING)
        otto.goto("/console/")
        is_live(otto)
        otto.locator("summary", has_text="The same in figures").click()
        otto.evaluate("scrollTo(0, 222)")
        failed = otto.locator("#board-failed").inner_text()
        shell(hundred(job) + FAILED + f'commands.succeed(job_id="{job}", attempt=1, result=1, log="", now=now)')
        expect(otto.locator(f"#job-{job}-state")).to_have_text("succeeded")
        expect(otto.locator("#board-failed")).not_to_have_text(failed)
        assert otto.locator("details", has_text="The same in figures").evaluate("details => details.open")
        assert otto.evaluate("scrollY") == 222


def test_without_a_socket_the_page_asks(otto: Page, shell: Shell):
    otto.route_web_socket("**/live/**", lambda socket: socket.close(code=1011))
    job = shell(RUNNING)
    otto.goto(f"/console/jobs/{job}/")
    expect(otto.get_by_text("Asks every 5 seconds")).to_be_visible()
    shell(f'commands.cancel(job_id="{job}", now=now)')
    expect(otto.locator(f"#job-{job}-state")).to_have_text("canceled")
