"""A newcomer signs up, comes in, and changes their mind."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from .conftest import accessible, newest_link

PASSWORD = "seven white belts 7"


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def visitor(request: pytest.FixtureRequest, browser, base_url):
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": 390, "height": 844},
        locale="en-GB",
        java_script_enabled=request.param == "with JavaScript",
    )
    yield context.new_page()
    context.close()


def test_sign_up_verify_profile_sign_out_forget_and_come_back(visitor: Page):
    email = f"{uuid.uuid4().hex[:10]}@dojang.example"

    visitor.goto("/account/signup/")
    visitor.get_by_label("Name").fill("Mina")
    visitor.get_by_label("E-mail").or_(visitor.get_by_label("Email")).first.fill(email)
    visitor.get_by_label("Password", exact=True).fill("short")
    visitor.get_by_label(re.compile("again")).fill("short")
    visitor.locator("main form button[type=submit], main form .btn--primary").first.click()
    expect(visitor.get_by_role("alert").first).to_be_visible()

    visitor.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.get_by_label(re.compile("again")).fill(PASSWORD)
    visitor.locator("main form .btn--primary").first.click()
    visitor.goto(newest_link(visitor, email))
    visitor.locator("main form .btn--primary").first.click()

    visitor.goto("/profile/")
    expect(visitor.get_by_label("Name")).to_have_value("Mina")
    visitor.get_by_label("Name").fill("Mina K.")
    visitor.locator("main form .btn--primary").first.click()
    expect(visitor.get_by_text("Saved.")).to_be_visible()

    visitor.goto("/account/logout/")
    visitor.locator("main form .btn").first.click()
    visitor.goto("/profile/")
    expect(visitor).to_have_url(re.compile("/account/login/"))

    visitor.goto("/account/password/reset/")
    visitor.get_by_label(re.compile("E-?mail")).first.fill(email)
    visitor.locator("main form .btn--primary").first.click()
    visitor.goto(newest_link(visitor, email))
    for field in visitor.locator("input[type=password]").all():
        field.fill(PASSWORD + "!")
    visitor.locator("main form .btn--primary").first.click()

    visitor.goto("/account/login/")
    visitor.get_by_label(re.compile("E-?mail")).first.fill(email)
    visitor.get_by_label("Password", exact=True).fill(PASSWORD + "!")
    visitor.locator("main form .btn--primary").first.click()
    visitor.goto("/profile/")
    expect(visitor.get_by_label("Name")).to_have_value("Mina K.")


def test_the_pages_of_a_signed_in_person_are_accessible(looking: Page, photograph):
    looking.goto("/account/login/")
    looking.get_by_label(re.compile("E-?mail")).first.fill("ben@dojang.example")
    looking.get_by_label("Password", exact=True).fill("dojang-2026")
    looking.locator("main form .btn--primary").first.click()
    for name, url in {
        "profile": "/profile/",
        "email": "/account/email/",
        "password": "/account/password/change/",
        "sign-out": "/account/logout/",
        "sessions": "/account/sessions/",
        "notices": "/notices/",
        "notice-preferences": "/notices/preferences/",
        "belts": "/belts/mine/",
        "plans": "/subscriptions/",
        "data": "/profile/data/",
        "deletion": "/profile/delete/",
        "club-card": "/clubs/",
        "today": "/",
    }.items():
        looking.goto(url)
        photograph(looking, f"ben-{name}")
        accessible(looking)


def test_the_doors_that_everybody_may_open_are_accessible(looking: Page, photograph):
    for name, url in {
        "sign-in": "/account/login/",
        "sign-up": "/account/signup/",
        "code": "/account/code/",
        "certificates": "/certificates/",
        "farewell": "/farewell/",
    }.items():
        looking.goto(url)
        photograph(looking, f"door-{name}")
        accessible(looking)
