"""A club from its founding to the day its founder goes: by a square on the wall, on telephones, also with no script."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import SCREENS, accessible, newest_link, type_password

PASSWORD = "seven white belts 7"


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def windows(request: pytest.FixtureRequest, browser: Browser, base_url: str) -> Iterator:
    """Opens windows of people's own, all with or all without a script."""
    contexts = []

    def open_window(screen: str) -> Page:
        contexts.append(
            browser.new_context(
                base_url=base_url,
                viewport=SCREENS[screen],
                locale="en-GB",
                java_script_enabled=request.param == "with JavaScript",
            )
        )
        return contexts[-1].new_page()

    yield open_window
    for context in contexts:
        context.close()


@dataclass
class Newcomer:
    page: Page
    name: str
    email: str

    def press(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        self.page.locator("main").get_by_role("link", name=words, exact=True).click()

    def sign_up(self) -> None:
        """From the page of signing up to being in, by way of the letter."""
        self.page.get_by_label("Name").fill(self.name)
        self.page.locator("[name=email]").fill(self.email)
        self.page.locator("[name=password1]").fill(PASSWORD)
        self.page.locator("[name=password2]").fill(PASSWORD)
        self.page.locator("main form .btn--primary").first.click()
        self.page.goto(newest_link(self.page, self.email))
        self.page.locator("main form .btn--primary").first.click()


def newcomer(page: Page, name: str) -> Newcomer:
    return Newcomer(page, name, f"{uuid.uuid4().hex[:10]}@dojang.example")


def test_found_invite_by_a_square_join_remove_hand_over_and_leave_for_good(windows):
    mina, jun = newcomer(windows("desk"), "Mina"), newcomer(windows("phone"), "Jun")
    club = f"Club {uuid.uuid4().hex[:6]}"

    # Mina signs up, tries the plan for clubs and founds one.
    mina.page.goto("/account/signup/")
    mina.sign_up()
    mina.page.goto("/clubs/")
    mina.follow("Found a club: see the plans")
    mina.page.locator("main form[action*='/club/trial/'] button").click()
    mina.page.goto("/clubs/new/")
    mina.page.get_by_label("Name of the club").fill("")
    mina.press("Found the club")
    expect(mina.page.get_by_role("alert").first).to_be_visible()
    mina.page.get_by_label("Name of the club").fill(club)
    mina.page.get_by_label("Seats").fill("2")
    mina.press("Found the club")
    expect(mina.page.get_by_role("heading", name=club)).to_be_visible()
    expect(mina.page.get_by_text("1 of 2 taken")).to_be_visible()
    home = mina.page.url

    # She shows a square; Jun scans it with a telephone, signs up and is led back to it.
    mina.follow("A link to scan")
    mina.press("Make the link")
    expect(mina.page.get_by_alt_text("The link as a square to scan")).to_be_visible()
    invitation = mina.page.locator("a[href*='/join/']").get_attribute("href")
    jun.page.goto(invitation)
    jun.follow("Make an account and join")
    jun.sign_up()
    expect(jun.page).to_have_url(invitation)
    jun.press("Join as Jun")
    expect(jun.page.get_by_role("heading", name=club)).to_be_visible()
    expect(jun.page.locator("main").get_by_text("Mina")).to_be_visible()
    expect(jun.page.locator("main").get_by_role("link", name=re.compile("Remove"))).to_have_count(0)

    # She removes him, and he comes back by the same link.
    mina.page.goto(home)
    mina.page.get_by_role("link", name="Remove Jun").click()
    mina.press("Remove")
    expect(mina.page.get_by_text("Jun is no longer in the club.")).to_be_visible()
    jun.page.goto(home)
    expect(jun.page.get_by_role("heading", name=club)).to_have_count(0)
    jun.page.goto(invitation)
    jun.press("Join as Jun")

    # She hands the club over, and deletes her account.
    mina.page.goto("/profile/delete/")
    expect(mina.page.locator("main").get_by_role("link", name=re.compile(club))).to_be_visible()
    mina.page.goto(home)
    mina.follow("Hand the club over")
    mina.page.get_by_label("New owner").select_option(label="Jun · member")
    mina.page.get_by_label("Type the name of the club").fill(club)
    mina.press("Hand it over")
    expect(mina.page.get_by_text("The club is now in the hands of Jun.")).to_be_visible()
    delete_account(mina)
    mina.page.goto("/profile/")
    expect(mina.page).to_have_url(re.compile("/account/login/"))

    jun.page.goto(home)
    expect(jun.page.get_by_text("1 of 2 taken")).to_be_visible()
    expect(jun.page.get_by_text("Mina")).to_have_count(0)


def delete_account(person: Newcomer) -> None:
    person.page.goto("/profile/delete/")
    if person.page.locator("main [name=password]").count():
        person.page.locator("main [name=password]").fill(PASSWORD)
        person.page.locator("main form button[type=submit]").first.click()
    person.page.locator("main form input[type=text], main form input[type=email]").first.fill(person.email)
    person.page.locator("main form .btn--danger").first.click()


def test_the_pages_of_a_club_on_every_screen(looking: Page, photograph):
    type_password(looking, "ada")
    looking.goto("/clubs/")
    looking.locator("main ul.rows a").first.click()
    home = looking.url
    pages = {
        "club": "", "club-settings": "settings/", "club-transfer": "transfer/", "club-closure": "closure/",
        "club-departure": "departure/", "club-letter": "invitations/letter/", "club-link": "invitations/link/",
        "club-list": "invitations/list/", "club-gradings": "gradings/", "club-pupils": "pupils/",
    }  # fmt: skip
    for name, path in pages.items():
        looking.goto(home + path)
        photograph(looking, name)
        accessible(looking)
    looking.goto(home)
    looking.locator("a[href$='/removal/']").first.click()
    accessible(looking)
    looking.goto(home)
    looking.locator("[id^=invitation-] a").first.click()
    photograph(looking, "club-invitation")
    accessible(looking)
    looking.goto(looking.locator("a[href*='/join/']").get_attribute("href"))
    photograph(looking, "club-join")
    accessible(looking)
