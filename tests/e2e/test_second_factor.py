"""The second step in a browser: codes with and without a script, and passkeys on a device that Chromium plays."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Cookie, Page, expect

from .conftest import accessible, be_otto, type_code, type_password

SCREENS = {
    "second-step": "/account/second-step/",
    "second-step-remove": "/account/second-step/totp/deactivate/",
    "second-step-codes": "/account/second-step/recovery-codes/",
    "second-step-new-codes": "/account/second-step/recovery-codes/generate/",
    "second-step-passkeys": "/account/second-step/webauthn/",
    "second-step-passkey": "/account/second-step/webauthn/add/",
    "second-step-again": "/account/second-step/reauthenticate/?next=/",
}


@pytest.fixture(scope="module")
def opened(browser: Browser, base_url: str) -> tuple[list[Cookie], list[str]]:
    """A session in which otto has just shown a code once more, and his recovery codes."""
    context = browser.new_context(base_url=base_url, locale="en-GB")
    page = context.new_page()
    be_otto(page)
    page.goto("/account/second-step/recovery-codes/")
    type_code(page)
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes li").all_inner_texts()
    cookies = context.cookies()
    context.close()
    return cookies, codes


@pytest.fixture
def proven(opened: tuple[list[Cookie], list[str]]) -> list[Cookie]:
    """Cookies with which otto may change what he signs in with."""
    return opened[0]


def test_every_screen_of_the_second_step_is_accessible(looking: Page, photograph, proven):
    looking.context.add_cookies(proven)
    for name, url in SCREENS.items():
        looking.goto(url)
        photograph(looking, name)
        accessible(looking)


def test_the_question_for_the_code_and_the_page_of_codes_are_accessible(looking: Page, photograph):
    type_password(looking, "otto")
    photograph(looking, "second-step-question")
    accessible(looking)
    looking.goto("/dev/codes/")
    photograph(looking, "codes")
    accessible(looking)


def test_setting_an_app_up_is_accessible(looking: Page, photograph):
    type_password(looking, "ben")
    looking.goto("/account/second-step/totp/activate/")
    looking.locator("[name=password]").fill("dojang-2026")
    looking.locator("main form .btn--primary").first.click()
    expect(looking.locator("img.qr")).to_be_visible()
    photograph(looking, "second-step-app")
    accessible(looking)


def refuse(page: Page) -> None:
    """Type a code that cannot be right: it is too short."""
    page.locator("[name=code]").fill("00000")
    page.locator("main form .btn--primary").first.click()
    expect(page.locator(".field__errors")).to_contain_text("This code is not right.")


def test_a_wrong_code_is_refused_beside_the_field_and_a_recovery_code_opens(page: Page, opened):
    type_password(page, "otto")
    refuse(page)
    expect(page.locator("[name=code]")).to_be_focused()
    accessible(page)
    page.get_by_label("Code").fill(opened[1].pop())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Welcome, Otto.")).to_be_visible()


def test_without_a_script_a_wrong_code_is_refused_and_the_right_one_opens(plain: Page):
    type_password(plain, "otto")
    refuse(plain)
    field = plain.get_by_label("Code")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("aria-describedby", re.compile("error"))
    type_code(plain)
    plain.goto("/profile/")
    expect(plain.get_by_label("Name")).to_have_value("Otto")


def test_the_recovery_codes_are_kept_as_a_file_without_a_script(plain: Page, proven):
    plain.context.add_cookies(proven)
    plain.goto("/account/second-step/")
    plain.get_by_role("link", name="Show the codes").click()
    shown = plain.locator(".codes li").all_inner_texts()
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Download").click()
    assert download.value.path().read_text().split() == shown


def test_without_a_script_no_passkey_is_offered(plain: Page, proven):
    plain.goto("/account/login/")
    expect(plain.get_by_role("button", name="passkey")).to_have_count(0)
    plain.context.add_cookies(proven)
    plain.goto("/account/second-step/webauthn/add/")
    expect(plain.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(plain.get_by_role("button", name="Add this device")).to_have_count(0)


@dataclass
class Device:
    """An authenticator of Chromium's own, in place of a finger on a sensor."""

    session: Any
    number: str

    def recognises(self, somebody: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.number, "isUserVerified": somebody})


@pytest.fixture
def sensor(page: Page) -> Device:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, added["authenticatorId"])


def test_a_passkey_is_added_opens_the_hall_and_is_removed(page: Page, sensor: Device, proven, noticed):
    page.context.add_cookies(proven)
    page.goto("/account/second-step/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Otto's phone")
    page.get_by_role("button", name="Add this device").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.goto("/account/second-step/webauthn/")
    expect(page.get_by_text("opens alone")).to_be_visible()
    accessible(page)

    page.context.clear_cookies()  # another visit
    page.goto("/account/login/?next=/profile/")
    sensor.recognises(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The device did not confirm.")).to_be_visible()
    sensor.recognises(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_label("Name")).to_have_value("Otto")

    page.context.clear_cookies()
    type_password(page, "otto")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Welcome, Otto.")).to_be_visible()

    page.goto("/account/second-step/webauthn/")
    page.get_by_role("link", name="Remove Otto's phone").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No passkey yet")).to_be_visible()
