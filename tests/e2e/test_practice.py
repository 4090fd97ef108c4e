"""A learner's day: the home page, the cards of a belt, a review, a quiz, and what the figures say of it."""

import re

import pytest
from playwright.sync_api import Browser, Cookie, Page, expect

from .conftest import SCREENS, accessible, type_password

PAGES = {
    "today": "/",
    "handbook": "/handbook/",
    "practise": "/practise/",
    "review": "/practise/review/",
    "review-answer": "/practise/review/?shown=1",
    "decks": "/practise/decks/",
    "deck": "/practise/decks/8/",
    "cards": "/practise/cards/",
    "cards-none": "/practise/cards/?q=zzzzzz",
    "practice-settings": "/practise/settings/",
    "grading-day": "/practise/grading/",
    "quizzes": "/practise/quizzes/",
    "statistics": "/practise/statistics/",
    "anki": "/practise/anki/",
    "calendar": "/practise/calendar/",
    "on-this-device": "/practise/offline/",
    "timer": "/plans/first-fifteen-minutes/run/",
}

_ben: list[Cookie] = []


def be_ben(page: Page) -> None:
    """Give a browser the session that ben opened once for all tests. Never sign out of it."""
    if not _ben:
        type_password(page, "ben")
        _ben.extend(page.context.cookies())
    page.context.add_cookies(_ben)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_practice_is_accessible(looking: Page, photograph, name):
    be_ben(looking)
    looking.goto(PAGES[name])
    photograph(looking, name)
    accessible(looking)


@pytest.mark.parametrize("language", ["pl", "ko"])
def test_they_hold_in_the_other_languages(browser: Browser, base_url: str, language):
    context = browser.new_context(base_url=base_url, locale="en-GB", viewport=SCREENS["phone"])
    page = context.new_page()
    be_ben(page)
    context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    for url in ("/", "/practise/", "/practise/review/?shown=1", "/practise/statistics/", "/practise/settings/"):
        page.goto(url)
        accessible(page)
    context.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def learner(request: pytest.FixtureRequest, browser: Browser, base_url: str):
    """Somebody of the cast who has not practised yet, on a phone."""
    has_script = request.param == "with JavaScript"
    context = browser.new_context(
        base_url=base_url, viewport=SCREENS["phone"], locale="en-GB", java_script_enabled=has_script
    )
    page = context.new_page()
    type_password(page, "cleo" if has_script else "ada")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.goto("/profile/")
    page.locator("[name=locale]").select_option("en")
    page.locator("main form .btn--primary").first.click()
    yield page
    context.close()


def test_from_an_empty_day_to_a_quiz(learner: Page, request: pytest.FixtureRequest):
    page, main = learner, learner.locator("main")

    # Nothing to practise yet: the cards of a belt are added in one go.
    page.goto("/practise/")
    expect(main.get_by_role("heading", name="Nothing to practise yet")).to_be_visible()
    page.goto("/practise/decks/10/")
    main.get_by_role("button", name="Add everything").click()
    page.goto("/practise/")
    main.get_by_role("link", name="Begin", exact=True).click()

    # A card, its answer, a key; the next one; and back.
    before = int(main.locator("[data-left]").inner_text())
    first = main.locator("[data-front]").inner_text()
    main.get_by_role("link", name="Show the answer").click()
    expect(main.locator("[data-back]")).not_to_be_empty()
    main.get_by_role("button", name=re.compile("^Easy")).click()
    expect(main.locator("[data-left]")).to_have_text(str(before - 1))
    expect(main.locator("[data-front]")).not_to_have_text(first)
    main.get_by_role("button", name="Take the last answer back").click()
    expect(main.locator("[data-front]")).to_have_text(first, use_inner_text=True)
    page.goto("/practise/cards/?state=new")
    expect(main).to_contain_text(re.compile("new", re.IGNORECASE))

    # What is asked of the settings has to be possible; what was typed stays.
    page.goto("/practise/settings/")
    page.locator("[name=retention]").fill("5")
    main.locator("form .btn--primary").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()

    # A technique from its page.
    page.goto("/techniques/niunja-sogi/")
    main.get_by_role("button", name="Practise this").click()
    expect(main).to_contain_text("cards of it are among yours")

    # A quiz of five, every question answered somehow, and what came of it.
    page.goto("/practise/quizzes/")
    page.locator("[name=mode]").select_option("terms")
    page.locator("[name=belt]").select_option("10")
    page.locator("[name=n]").fill("5")
    main.get_by_role("button", name="Begin").click()
    if request.node.callspec.params["learner"] == "with JavaScript":  # a click before that loads the page anew
        expect(page.locator("html")).to_have_attribute("data-quiz", "ready")
    for number in range(5):
        answer_somehow(page)
        following = main.locator("a:visible, button:visible", has_text=re.compile("Next question|result"))
        expect(following.first, f"after question {number + 1}").to_be_visible()
        following.first.click()
    expect(main.get_by_role("heading", name="What was asked")).to_be_visible()

    # The day was used, and everything about it stands on the home page and in the figures.
    page.goto("/")
    expect(main).to_contain_text(re.compile(r"\b1 day\b", re.IGNORECASE))
    page.goto("/practise/statistics/")
    expect(main.locator("figure svg").first).to_be_visible()


def answer_somehow(page: Page) -> None:
    """Give some answer to the question that is shown, whatever its kind."""
    form = page.locator("form[data-answer]:visible").first
    expect(form).to_be_visible()
    match form.get_attribute("data-answer"):
        case "single" | "multiple":
            form.locator("label.option").first.click()
        case "type":
            form.locator("[name=typed]").fill("charyot")
        case _:
            for place in range(form.locator("select").count()):
                form.locator("select").nth(place).select_option(index=place + 1)
    form.get_by_role("button", name="Check my answer").click()


def test_five_places_on_a_phone(plain: Page):
    plain.goto("/")
    places = plain.get_by_role("navigation", name="Places").get_by_role("link")
    assert [each.strip() for each in places.all_inner_texts()] == ["Today", "Handbook", "Practise", "Club", "More"]
