"""An operator reads the trail, follows it, takes it along, has it checked, and sees which services fail."""

import csv
import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import accessible, be_otto
from .test_console import Shell, shell  # noqa: F401 - a fixture

SEALED = """
from project.foundation.audit import commands as audit
audit.seal(now=now)
Job.objects.create(kind="e2e.done", queue="media", state="canceled", queued_at=now, due_at=now, ended_at=now)
"""
FAILED = """
from project.foundation.outbound import breakers
from project.foundation.outbound.models import IntegrationError
job_id = str(Job.objects.filter(kind="e2e.done").first().pk)
hour = now.replace(minute=0, second=0, microsecond=0)
said = {"method": "GET", "hour": hour, "first_at": now, "last_at": now, "request_id": "0123456789abcdef"}
for path in ("/title/*/sources/", "/title/*/details-of-a-very-long-kind/that-goes-on-and-on/for-quite-a-while/"):
    for kind, status, why in (("broken", 503, "the service broke down"), ("timeout", 0, "no answer in time")):
        for service in ("Films", "Music"):
            IntegrationError.objects.get_or_create(
                service=service, kind=kind, status=status, path=path, hour=hour,
                defaults=said | {"message": f"{service}: {why}", "count": 1234, "job_id": job_id},
            )
breaker = breakers.Breaker("Films", failures=1, rest=3600, trial=1, counts=lambda error: True)
try:
    breaker.guard(lambda: 1 / 0)
except Exception:
    pass
"""
SCREENS = {
    "console-audit-filtered": "/console/audit/?type=person.created",
    "console-audit-none": "/console/audit/?request_id=nothing-like-it",
    "console-errors": "/console/errors/",
    "console-errors-none": "/console/errors/?kind=cut",
    "console-webhooks": "/webhooks/",
    "console-plans-given": "/subscriptions/given/",
}


@pytest.fixture(scope="module")
def _happened(shell: Shell) -> None:  # noqa: F811
    shell(SEALED)
    shell(FAILED)


@pytest.mark.usefixtures("_happened")
def test_every_screen_of_the_trail_and_of_the_errors_is_accessible(looking: Page, photograph):
    be_otto(looking)
    for name, url in SCREENS.items():
        looking.goto(url)
        photograph(looking, name)
        accessible(looking)
    looking.goto("/console/audit/")
    photograph(looking, "console-audit")
    accessible(looking)
    looking.locator(".trail summary").first.click()
    looking.locator(".trail summary").nth(1).click()
    looking.get_by_text("The chain of seals").click()
    photograph(looking, "console-audit-opened")
    accessible(looking)


@pytest.mark.parametrize(
    "url",
    [
        "/console/audit/?actor=Otto&since=2026-11-21&until=2026-11-20",
        "/console/audit/?after=x",
        "/console/errors/?service=none",
    ],
)
def test_an_address_that_cannot_be_says_so(page: Page, url: str):
    be_otto(page)
    page.goto(url)
    expect(page.get_by_role("alert").first).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Show everything again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_everything_is_reached_with_the_keyboard(page: Page):
    be_otto(page)
    page.goto("/console/audit/")
    page.get_by_label("What happened").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("otto@dojang.example")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What was done by Otto")).to_be_visible()
    assert "otto" not in page.url
    page.locator(".trail summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="everything by this person").first).to_be_visible()


@pytest.mark.usefixtures("_happened")
@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_trail_is_followed_taken_along_and_checked(browser: Browser, base_url: str, script: bool):
    context = browser.new_context(
        base_url=base_url, locale="en-GB", java_script_enabled=script, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    be_otto(page)
    page.goto("/console/")
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Audit").click()
    page.get_by_label("What happened").select_option("person.created")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".trail summary").first.click()
    page.get_by_role("link", name="everything about this object").first.click()
    expect(page.locator(".trail tbody tr").first).to_be_visible()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Export as NDJSON").click()
    lines = taken.value.path().read_text().splitlines()
    assert lines
    assert {json.loads(line)["object_type"] for line in lines} == {"accounts.user"}
    page.get_by_role("link", name="Show everything again").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Export as CSV").click()
    with taken.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["type"] == "audit.exported", "the one before"
    assert "accounts.user" in {row["object_type"] for row in rows}

    page.get_by_text("The chain of seals").click()
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("audit.verify")
    job = page.url
    for _ in range(100):
        if page.locator(".state").first.get_attribute("data-state") == "succeeded":
            break
        page.goto(job)
    expect(page.locator("#job-result")).to_contain_text('"is_good": true')
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Audit").click()
    expect(page.get_by_text("everything is as it was sealed")).to_be_visible()

    page.get_by_role("navigation", name="Console").get_by_role("link", name="Integration errors").click()
    expect(page.get_by_text("rests until")).to_be_visible()
    page.wait_for_load_state()  # or the script that sends the choice is not there yet
    page.get_by_label("Service", exact=True).select_option("Music")
    if not script:
        page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile("service=Music"))
    page.get_by_role("link", name="its job").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("e2e.done")
    context.close()
