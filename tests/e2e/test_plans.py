"""Training plans: a learner copies one and changes it, trains by it, and it is noted; also with no script at all."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.programs import eventually

from .conftest import accessible, type_password

PLAN = "/plans/chon-ji-before-grading/"
NOON = 1_795_000_000
"""Seconds since 1970: the browser's own clock when a test begins."""


def press(page: Page, words: str) -> None:
    page.locator("main").get_by_role("button", name=words, exact=True).click()


def part(page: Page, name: str):
    return page.locator(f'[data-t="{name}"]')


def is_open(page: Page) -> bool:
    return page.evaluate("document.documentElement.hasAttribute('data-timing')")


def on_the_timer(page: Page, url: str) -> Page:
    """The timer of a plan just started, on a clock that only moves when the test says so."""
    page.clock.install(time=NOON)
    page.goto(f"{url}run/")
    page.clock.pause_at(NOON + 60)
    press(page, "Start the timer")
    return page


def small_plan(page: Page, name: str) -> str:
    """Two things of ten seconds, five seconds of rest between them; gives its address. With or without a script."""
    page.goto("/plans/new/")
    page.get_by_label("Name of the plan").fill(name)
    page.locator("#id_b0-name").fill("Both")
    page.locator("#id_b0-i0-what").fill("push-ups")
    page.locator("#id_b0-i0-work").fill("10")
    page.locator("#id_b0-i0-rest").fill("5")
    press(page, "Add something to do")
    expect(page.locator("#id_b0-i1-what")).to_be_focused()
    page.locator("#id_b0-i1-what").fill("Chon-Ji")
    press(page, "Save the plan")
    expect(page.locator("h1")).to_have_text(name)
    return page.url


def progress(page: Page, url: str) -> dict:
    """What is noted about a plan."""
    slug = url.rstrip("/").rsplit("/", 1)[-1]
    told = page.request.get("/api/v1/progress?item_type=plan&limit=200").json()["items"]
    return next((each for each in told if each["item"] == slug), {})


def noted(page: Page, url: str, score: int) -> None:
    """Waits until the plan is noted as done, with this score."""
    eventually(lambda: progress(page, url).get("score") == score, within=20, what=f"not noted with {score}")
    assert progress(page, url)["status"] == "done"


@pytest.fixture
def ben(page: Page) -> Page:
    type_password(page, "ben")
    return page


def test_a_plan_is_copied_changed_trained_and_noted(ben: Page):
    ben.goto(PLAN)
    ben.get_by_role("link", name="Copy and change").click()
    ben.get_by_label("Name of the plan").fill("Chon-Ji in the evening")
    for left, number in ((3, 4), (2, 2), (1, 1)):
        press(ben, f"Remove block {number}")
        expect(ben.get_by_label("Name of the block")).to_have_count(left)
    ben.get_by_label("Rounds").fill("2")
    press(ben, "Save the plan")
    expect(ben.locator("h1")).to_have_text("Chon-Ji in the evening")
    expect(ben.locator("main")).to_contain_text("my plan")
    url = ben.url

    ben.get_by_role("link", name="Change", exact=True).click()
    ben.locator("#id_b0-i0-work").fill("30")
    press(ben, "Save the plan")
    expect(ben.locator("main")).to_contain_text("30 s, then 45 s rest")

    on_the_timer(ben, url)
    expect(part(ben, "word")).to_have_text("Get ready")
    ben.clock.run_for(5_000)
    expect(part(ben, "word")).to_have_text("Work")
    expect(part(ben, "round")).to_have_text("Round 1 of 2")
    ben.clock.run_for(6_000)
    expect(part(ben, "number")).to_have_text("24")
    expect(part(ben, "beat")).to_have_text(re.compile("^Movement [1-9] of 19"))
    ben.clock.run_for(24_000)
    expect(part(ben, "word")).to_have_text("Rest")
    expect(part(ben, "name")).to_have_text("Next: Chon-Ji")
    ben.clock.run_for(45_000 + 30_000)
    expect(part(ben, "word")).to_have_text("Done")
    expect(part(ben, "next")).to_have_text("It is noted.")
    ben.clock.resume()
    noted(ben, url, 100)

    ben.get_by_role("link", name="Back to the plan").click()
    ben.get_by_role("link", name="Delete").click()
    press(ben, "Delete the plan")
    expect(ben.locator("h1")).to_have_text("Training plans")
    assert ben.request.get(url).status == 404


def test_the_focus_has_moved_before_anybody_can_type(ben: Page):
    ben.goto(f"{PLAN}copy/")
    ben.evaluate("""document.addEventListener("htmx:afterSwap", () => {
        queueMicrotask(() => { window.focused = document.activeElement.id; }); // after all that the answer starts
    })""")
    press(ben, "Remove block 4")
    expect(ben.get_by_label("Name of the block")).to_have_count(3)
    assert ben.evaluate("window.focused") == "id_b2-name"


class TestTimer:
    def test_where_it_is_follows_from_the_clock_however_long_the_page_slept(self, page: Page, noticed):
        on_the_timer(page, PLAN)
        page.clock.fast_forward(5_000 + 90_000 + 10_000 + 7_000)  # one late tick, as after the lid was shut
        expect(part(page, "name")).to_have_text("Arm circles")
        expect(part(page, "number")).to_have_text("33")
        page.clock.fast_forward("01:00:00")
        expect(part(page, "word")).to_have_text("Done")
        expect(part(page, "number")).to_have_text("18:25")  # and no more than the plan takes

    def test_pause_skip_back_and_restart_by_button_and_by_key(self, page: Page, noticed):
        on_the_timer(page, PLAN)
        page.clock.run_for(15_000)
        expect(part(page, "number")).to_have_text("80")
        page.keyboard.press(" ")
        expect(part(page, "word")).to_have_text("Paused")
        page.clock.run_for(30_000)
        expect(part(page, "number")).to_have_text("80")
        press(page, "Go on")
        page.clock.run_for(1_000)
        expect(part(page, "number")).to_have_text("79")
        page.keyboard.press("ArrowRight")
        expect(part(page, "word")).to_have_text("Rest")
        press(page, "On to the next")
        expect(part(page, "name")).to_have_text("Arm circles")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(part(page, "name")).to_have_text("Light jog")
        page.clock.run_for(9_000)
        press(page, "Back")
        expect(part(page, "number")).to_have_text("90")
        press(page, "Restart")
        expect(part(page, "word")).to_have_text("Get ready")

    def test_each_phase_is_announced_once(self, page: Page, noticed):
        on_the_timer(page, PLAN)
        page.evaluate("""() => {
            window.heard = [];
            const said = document.querySelector('[data-t="said"]');
            new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true });
        }""")
        page.clock.run_for(5_000 + 90_000 + 10_000 + 20_000)
        assert page.evaluate("window.heard") == [
            "Work, 90 seconds: Light jog", "Rest, 10 seconds. Next: Arm circles", "Work, 40 seconds: Arm circles",
        ]  # fmt: skip

    def test_it_beeps_unless_it_is_muted_and_that_is_remembered(self, page: Page, noticed):
        page.add_init_script("""
            window.tones = [];
            const create = AudioContext.prototype.createOscillator;
            AudioContext.prototype.createOscillator = function () {
                const wave = create.call(this);
                window.tones.push(wave);
                return wave;
            };
        """)
        on_the_timer(page, PLAN)
        expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "false")
        heard = page.evaluate("window.tones.map((wave) => wave.frequency.value)")
        assert heard == [660, 660, 660, 990]
        page.keyboard.press("m")
        page.clock.run_for(6_000)
        assert page.evaluate("window.tones.length") == len(heard)
        page.reload()
        press(page, "Start the timer")
        expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")

    def test_the_screen_stays_on_while_it_runs(self, page: Page, noticed):
        page.add_init_script("""
            window.locks = [];
            const lock = () => Object.assign(new EventTarget(), { release() { window.locks.push("off"); } });
            Object.defineProperty(navigator, "wakeLock", { value: {
                request: async (kind) => { window.locks.push(kind); return lock(); } } });
        """)
        on_the_timer(page, PLAN)
        assert page.evaluate("window.locks") == ["screen"]
        press(page, "End")
        assert page.evaluate("window.locks") == ["screen", "off"]
        assert not is_open(page)
        expect(page.get_by_role("button", name="Start the timer")).to_be_focused()

    def test_how_it_is_done_is_there_and_it_runs_without_a_network(self, page: Page, context, noticed):
        on_the_timer(page, PLAN)
        context.set_offline(True)
        page.clock.run_for(6_000)
        page.get_by_text("How it is done").click()
        expect(part(page, "help")).to_contain_text("Jog lightly round the hall")
        page.clock.run_for(1_200_000)
        expect(part(page, "word")).to_have_text("Done")
        context.set_offline(False)

    def test_on_the_help_sheet_are_its_keys_and_letters_can_be_switched_off(self, page: Page, noticed):
        on_the_timer(page, PLAN)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Pause or go on")
        page.get_by_label("Use single keys").uncheck()
        page.keyboard.press("Escape")
        assert is_open(page)
        page.keyboard.press("ArrowRight")
        expect(part(page, "word")).to_have_text("Get ready")
        page.keyboard.press("Escape")
        assert not is_open(page)


class TestNoting:
    def test_who_leaves_early_has_not_done_it_and_after_four_fifths_they_have(self, ben: Page):
        url = small_plan(ben, "Leaving")
        on_the_timer(ben, url)  # 5 + 10 + 5 + 10 seconds
        ben.clock.run_for(20_000)
        press(ben, "End")
        assert progress(ben, url) == {}
        press(ben, "Start the timer")
        ben.clock.run_for(6_000)
        press(ben, "End")
        ben.clock.resume()
        noted(ben, url, 87)

    def test_skipping_to_the_end_is_not_training(self, ben: Page):
        url = small_plan(ben, "Skipping")
        on_the_timer(ben, url)
        for _ in range(4):
            ben.keyboard.press("ArrowRight")
        expect(part(ben, "word")).to_have_text("Done")
        expect(ben.locator(".timer").get_by_role("button", name="I have done it")).to_be_visible()
        assert progress(ben, url) == {}

    def test_four_fifths_are_told_at_once_so_a_page_may_be_closed(self, ben: Page):
        url = small_plan(ben, "Closing")
        on_the_timer(ben, url)
        ben.clock.run_for(25_000)
        noted(ben, url, 80)
        ben.goto("/more/")
        expect(ben.locator("h1")).to_have_text("More")
        noted(ben, url, 80)


def test_with_no_script_a_plan_is_written_read_as_a_table_and_noted(browser: Browser, base_url: str, plain: Page):
    type_password(plain, "ben")
    plain.goto("/plans/new/")
    plain.get_by_label("Name of the plan").fill("On paper")
    press(plain, "Add a block")
    press(plain, "Remove block 1")
    expect(plain.get_by_label("Name of the plan")).to_have_value("On paper")
    press(plain, "Save the plan")
    expect(plain.get_by_role("alert")).to_contain_text("Something is not right yet.")
    url = small_plan(plain, "On paper")
    plain.get_by_role("link", name="Start").click()
    expect(plain.get_by_role("button", name="Start the timer")).to_be_hidden()
    rows = plain.locator("table.course tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("0:20")
    press(plain, "I have done it")
    expect(plain).to_have_url(url)
    noted(plain, url, 100)


def test_what_is_not_right_is_said_beside_the_fields(ben: Page):
    ben.goto("/plans/new/")
    press(ben, "Save the plan")
    expect(ben.locator("[aria-invalid=true]")).to_have_count(3)
    expect(ben.get_by_label("Name of the plan")).to_be_focused()
    accessible(ben)


@pytest.fixture
def trainer(looking: Page) -> Page:
    """Ada, who teaches a club of the demo and reads Polish, on every screen."""
    type_password(looking, "ada")
    return looking


def test_the_pages_of_plans_are_accessible_on_phone_and_desk_in_light_and_dark(trainer: Page, photograph):
    pages = {"plan-new": "/plans/new/", "plan-copy": f"{PLAN}copy/", "plans-mine": "/plans/", "plan-start": PLAN}
    for name, url in pages.items():
        trainer.goto(url)
        photograph(trainer, name)
        accessible(trainer)


def test_the_timer_is_accessible_on_phone_and_desk_in_light_and_dark(trainer: Page, photograph):
    trainer.clock.install(time=NOON)
    trainer.goto(f"{PLAN}run/")
    photograph(trainer, "timer-before")
    accessible(trainer)
    trainer.locator("[data-timer-start]").click()
    timer = trainer.locator("[data-timer]")
    for kind, seconds in {"ready": 1, "work": 10, "rest": 88, "tul": 450}.items():
        trainer.clock.fast_forward(seconds * 1000)
        expect(timer).to_have_attribute("data-kind", kind if kind != "tul" else "work")
        photograph(trainer, f"timer-{kind}")
        accessible(trainer)
    trainer.keyboard.press(" ")
    trainer.locator(".timer__how summary").click()
    photograph(trainer, "timer-paused")
    accessible(trainer)
    trainer.locator("[data-do=pause]").click()
    trainer.clock.fast_forward("01:00:00")
    expect(timer).to_have_attribute("data-kind", "done")
    photograph(trainer, "timer-done")
    accessible(trainer)
