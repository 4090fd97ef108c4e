"""The search box: suggestions by keyboard, answers while typing, and a plain form without a script."""

import re

from playwright.sync_api import Page, expect

from .conftest import accessible


def test_the_box_in_the_head_suggests_and_the_keyboard_goes_there(page: Page, noticed):
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("dolyo chagi")
    box = page.get_by_role("combobox", name="Search the handbook")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    accessible(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Turning kick")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/techniques/dollyo-chagi/$"))


def test_enter_alone_asks_for_everything(page: Page, noticed):
    page.goto("/tuls/")
    page.keyboard.press("/")
    page.keyboard.type("chon")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=chon$"))
    expect(page.get_by_role("link", name="Chon-Ji")).to_be_visible()


def test_escape_closes_the_suggestions_and_keeps_the_words(page: Page, noticed):
    page.goto("/")
    box = page.get_by_role("combobox", name="Search the handbook")
    box.press_sequentially("chagi")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    expect(box).to_have_value("chagi")


def test_nonsense_is_said_aloud(page: Page, noticed):
    page.goto("/")
    page.get_by_role("combobox", name="Search the handbook").press_sequentially("zzzzzz")
    expect(page.get_by_role("status").filter(has_text="Nothing is spelled like that.")).to_have_count(1)


def test_answers_change_while_typing_and_keep_the_filter(page: Page, noticed):
    page.goto("/search/?q=chon")
    page.get_by_role("group", name="What").get_by_role("link", name="Tuls").click()
    expect(page).to_have_url(re.compile("type=tul"))
    box = page.get_by_role("searchbox")
    box.fill("do-san")
    expect(page.get_by_role("link", name="Do-San")).to_be_visible()
    expect(page).to_have_url(re.compile("q=do-san.*type=tul|type=tul.*q=do-san"))
    expect(page.locator("mark").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("chon")


def test_a_mistake_is_mended_and_said(page: Page, noticed):
    page.goto("/search/?q=walkng+stance")
    expect(page.get_by_text("this is what “walking stance” finds")).to_be_visible()
    expect(page.get_by_role("link", name="Walking stance", exact=True)).to_be_visible()


def test_without_a_script_the_box_is_a_form_and_filters_are_links(plain: Page):
    plain.goto("/more/")
    plain.get_by_role("combobox", name="Search the handbook").fill("앞차기")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("link", name="Front snap kick", exact=True)).to_be_visible()
    plain.get_by_role("group", name="What").get_by_role("link", name="Tuls").click()
    expect(plain.get_by_role("link", name="Front snap kick", exact=True)).to_have_count(0)
    expect(plain.get_by_role("searchbox")).to_have_value("앞차기")
