"""A newcomer walks through the handbook."""

import re

import pytest
from playwright.sync_api import Page, expect

from project.demo import PASSWORD

from .conftest import accessible

SCREENS = {
    "home": "/",
    "techniques": "/techniques/",
    "techniques-none": "/techniques/?q=zzzzzz",
    "technique": "/techniques/niunja-sogi/",
    "tuls": "/tuls/",
    "tul": "/tuls/do-san/",
    "tul-without-steps": "/tuls/tong-il/",
    "belts": "/belts/",
    "belt": "/belts/6/",
    "search": "/search/?q=dolyo",
    "search-none": "/search/?q=zzzzzz",
    "search-mended": "/search/?q=walkng+stance",
    "glossary": "/glossary/?topic=counting",
    "term": "/glossary/sogi/",
    "theory": "/theory/",
    "article": "/theory/the-five-tenets/",
    "plans": "/plans/",
    "plan": "/plans/first-fifteen-minutes/",
    "more": "/more/",
    "styleguide": "/styleguide/",
    "mail": "/dev/mail/",
    "sign-in": "/account/login/",
    "sign-up": "/account/signup/",
    "reset": "/account/password/reset/",
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_accessible_on_phone_and_desk_in_light_and_dark(looking: Page, photograph, name):
    looking.goto(SCREENS[name])
    photograph(looking, name)
    accessible(looking)


@pytest.mark.parametrize("language", ["pl", "ko"])
@pytest.mark.parametrize(
    "url",
    [
        *("/", "/techniques/", "/techniques/gunnun-sogi/", "/tuls/chon-ji/", "/belts/9/", "/account/signup/"),
        *("/search/?q=chagi", "/glossary/sogi/", "/theory/the-five-tenets/", "/plans/first-fifteen-minutes/"),
    ],
)
def test_screens_hold_in_the_other_languages(browser, base_url, language, url):
    context = browser.new_context(base_url=base_url, locale=language, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("lang", language)
    accessible(page)
    context.close()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "405", "429", "500", "offline"])
def test_error_pages_are_ours(looking: Page, photograph, name):
    looking.goto(f"/styleguide/errors/{name}/")
    photograph(looking, f"error-{name}")
    accessible(looking)
    expect(looking.get_by_role("link").first).to_be_visible()


class TestTulPlayer:
    @pytest.fixture(autouse=True)
    def _open(self, page: Page, noticed):
        page.goto("/tuls/chon-ji/")

    def sole(self, page: Page, foot: str) -> str:
        return page.locator(f'[data-feet="now"] [data-foot="{foot}"]').evaluate("sole => sole.style.transform")

    def test_it_begins_in_the_ready_posture(self, page: Page):
        expect(page.locator("[data-now]")).to_have_text("Ready")
        assert "translate(-20px, 0px)" in self.sole(page, "left")

    def test_step_forward_and_back(self, page: Page):
        page.get_by_role("button", name="Step forward").click()
        expect(page.locator("[data-row='1']")).to_have_attribute("aria-current", "step")
        assert "translate(-60px" in self.sole(page, "left")
        page.get_by_role("button", name="Step back").click()
        expect(page.locator("[aria-current='step']")).to_have_count(0)
        assert "translate(-20px, 0px)" in self.sole(page, "left")

    def test_it_plays_to_the_end_by_itself_and_stops(self, page: Page):
        page.locator("[data-tempo]").select_option("1.5")
        page.locator("[data-jump]").fill("17")
        page.get_by_role("button", name="Play", exact=True).click()
        expect(page.locator("[data-at]")).to_have_text("19")
        expect(page.get_by_role("button", name="Play", exact=True)).to_have_attribute("aria-pressed", "false")

    def test_pause_keeps_the_step(self, page: Page):
        button = page.get_by_role("button", name="Play", exact=True)
        button.click()
        expect(page.locator("[data-at]")).not_to_have_text("0")
        button.click()
        at = page.locator("[data-at]").inner_text()
        page.wait_for_timeout(1500)  # longer than a beat: nothing may move any more
        expect(page.locator("[data-at]")).to_have_text(at)

    def test_keys_do_what_the_buttons_do(self, page: Page):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-at]")).to_have_text("2")
        page.keyboard.press("ArrowLeft")
        expect(page.locator("[data-at]")).to_have_text("1")
        page.keyboard.press("m")
        expect(page.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")

    def test_the_mirror_shows_left_as_right(self, page: Page):
        page.get_by_role("button", name="Mirror").click()
        assert "translate(20px, 0px)" in self.sole(page, "left")

    def test_a_number_in_the_table_jumps_there(self, page: Page):
        page.locator("[data-jump-to='9']").click()
        expect(page.locator("[data-at]")).to_have_text("9")

    def test_a_technique_leads_to_its_step(self, page: Page):
        page.goto("/techniques/niunja-sogi/")
        page.get_by_role("link", name="Chon-Ji, step 9").click()
        expect(page).to_have_url(re.compile(r"/tuls/chon-ji/#step-9$"))
        expect(page.locator("[data-at]")).to_have_text("9")


class TestFinding:
    def test_search_answers_while_one_types(self, page: Page, noticed):
        page.goto("/search/")
        page.get_by_role("searchbox").press_sequentially("dolyo", delay=20)
        expect(page.get_by_role("link", name="Turning kick", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("q=dolyo"))

    def test_filters_change_the_list_and_the_address_and_going_back_undoes_it(self, page: Page, noticed):
        page.goto("/techniques/")
        page.get_by_role("group", name="Kind").get_by_role("link", name="Kicks", exact=True).click()
        expect(page).to_have_url(re.compile("category=kick"))
        expect(page.locator("#found").get_by_text("Stances").nth(1)).to_have_count(0)
        page.go_back()
        expect(page).to_have_url(re.compile("/techniques/$"))
        expect(page.get_by_role("link", name="Sitting stance")).to_be_visible()

    def test_the_slash_goes_to_the_search_box_and_the_question_mark_shows_the_keys(self, page: Page, noticed):
        page.goto("/")
        page.keyboard.press("/")
        expect(page.locator("#find-top")).to_be_focused()
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()

    def test_a_technique_is_reached_by_keyboard_alone(self, page: Page, noticed):
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Walk Chon-Ji")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/techniques/$"))


class TestPaper:
    def test_a_stranger_signs_in_and_has_the_sheet(self, page: Page):
        page.goto("/tuls/do-san/")
        page.get_by_role("link", name="PDF").click()
        page.get_by_label(re.compile("E-?mail")).first.fill("ben@dojang.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_download() as download:
            page.get_by_role("button", name="Sign in", exact=True).click()
        assert download.value.suggested_filename == "dojang-do-san-en.pdf"

    def test_on_paper_the_path_is_whole_and_the_screen_keeps_its_step(self, page: Page, noticed):
        page.goto("/tuls/do-san/")
        page.get_by_role("button", name="Step forward").click()
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".floor__path[hidden]")).to_have_count(0)
        expect(page.locator("[data-numbers]")).to_be_visible()
        expect(page.get_by_role("navigation", name="Places")).to_be_hidden()
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(page.locator("[data-at]")).to_have_text("1")
        expect(page.locator("[data-numbers]")).to_be_hidden()

    def test_questions_are_printed_with_their_answers(self, plain: Page):
        plain.goto("/belts/8/")
        answer = plain.locator(".questions details p").first
        expect(answer).to_be_hidden()
        plain.emulate_media(media="print")
        expect(answer).to_be_visible()


class TestWithoutJavaScript:
    def test_a_tul_is_whole(self, plain: Page):
        plain.goto("/tuls/do-san/")
        expect(plain.locator("[data-row]")).to_have_count(24)
        expect(plain.locator("[data-floor]")).to_be_visible()
        expect(plain.locator("[data-controls]")).to_be_hidden()

    def test_search_is_a_form(self, plain: Page):
        plain.goto("/search/")
        plain.get_by_role("searchbox").fill("앞차부수기")
        plain.get_by_role("searchbox").press("Enter")
        expect(plain.get_by_role("link", name="Front snap kick", exact=True)).to_be_visible()

    def test_lists_are_filtered_by_links_and_a_form(self, plain: Page):
        plain.goto("/techniques/")
        plain.get_by_role("group", name="Kind").get_by_role("link", name="Kicks", exact=True).click()
        plain.get_by_label("Name").fill("dollyo")
        plain.get_by_role("button", name="Show").click()
        expect(plain).to_have_url(re.compile("category=kick.*q=dollyo|q=dollyo.*category=kick"))
        expect(plain.get_by_role("link", name="Turning kick", exact=True)).to_be_visible()

    def test_the_language_is_switched_by_a_form_and_remembered(self, plain: Page):
        plain.goto("/more/")
        plain.locator("main").get_by_role("button", name="Polski").click()
        expect(plain.locator("html")).to_have_attribute("lang", "pl")
        plain.goto("/techniques/")
        expect(plain.locator("html")).to_have_attribute("lang", "pl")
