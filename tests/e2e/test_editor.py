"""An editor writes, looks, publishes, and takes it back; with a script and without one."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from .conftest import accessible, be_otto

SCREENS = {
    "editor": "/editor/",
    "editor-list": "/editor/techniques/",
    "editor-none": "/editor/techniques/?q=zzzzzz",
    "editor-new": "/editor/glossary/new/",
    "editor-history": "/editor/techniques/annun-sogi/",
    "editor-draft": "/editor/techniques/annun-sogi/draft/",
    "editor-draft-tul": "/editor/tuls/chon-ji/draft/",
    "editor-draft-article": "/editor/theory/the-five-tenets/draft/",
    "editor-preview": "/editor/techniques/annun-sogi/editions/1/",
    "editor-preview-tul": "/editor/tuls/chon-ji/editions/1/",
    "editor-changes": "/editor/techniques/annun-sogi/changes/",
    "editor-publication": "/editor/techniques/annun-sogi/publication/",
    "editor-question": "/editor/techniques/annun-sogi/editions/1/restoration/",
    "editor-word": "/editor/glossary/charyot/",
}


def begin_draft(page: Page) -> None:
    """A draft of the sitting stance that differs, so that there is something to compare and to publish."""
    page.goto("/editor/techniques/annun-sogi/draft/")
    page.get_by_role("group", name="Stay safe").get_by_label("English").fill("Let the knees look where the feet look.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("This is a draft.")).to_be_visible()


@pytest.fixture(scope="module")
def _draft(browser, base_url):
    context = browser.new_context(base_url=base_url, locale="en-GB")
    page = context.new_page()
    be_otto(page)
    begin_draft(page)
    context.close()


@pytest.mark.usefixtures("_draft")
def test_every_screen_of_the_editor_is_accessible(looking: Page, photograph):
    be_otto(looking)
    for name, url in SCREENS.items():
        looking.goto(url)
        photograph(looking, name)
        accessible(looking)


def test_a_refused_form_is_accessible_and_stands_on_what_is_wrong(page: Page):
    be_otto(page)
    page.goto("/editor/tuls/chon-ji/draft/")
    steps = page.locator("[name=steps]")
    steps.fill(steps.input_value().replace("facing: B", "facing: E", 1))
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Line 7: facing: This has to be one of")).to_be_visible()
    expect(steps).to_be_focused()
    accessible(page)


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def editor(request: pytest.FixtureRequest, browser, base_url):
    context = browser.new_context(
        base_url=base_url, locale="en-GB", java_script_enabled=request.param == "with JavaScript"
    )
    page = context.new_page()
    be_otto(page)
    yield page
    context.close()


def test_a_technique_is_drafted_looked_at_published_changed_and_restored(editor: Page):
    slug = f"sogi-{uuid.uuid4().hex[:8]}"
    editor.goto("/more/")
    editor.locator("main").get_by_role("link", name="Editor").click()
    editor.get_by_role("link", name="Techniques").last.click()
    editor.get_by_role("link", name="New technique").click()

    editor.get_by_label("Name in the address").fill(slug)
    editor.get_by_label("Kind").select_option(label="Stances")
    editor.get_by_label("First met").select_option(label="7th kup")
    names = editor.get_by_role("group", name="Name", exact=True)
    names.get_by_label("Polish").fill("postawa próbna")
    names.get_by_label("English").fill("trial stance")
    names.get_by_label("Korean").fill("sogi")
    editor.get_by_label("How it is said").fill("trial sogi")
    editor.get_by_role("group", name="How it is done").get_by_label("English").fill("Stand.\nBreathe.")
    editor.get_by_role("button", name="Save the draft").click()
    expect(editor.get_by_text("This has to be written in Hangul.")).to_be_visible()
    expect(names.get_by_label("English")).to_have_value("trial stance")
    names.get_by_label("Korean").fill("시험 서기")
    editor.get_by_role("button", name="Save the draft").click()

    expect(editor.get_by_role("heading", level=1)).to_have_text("Trial stance")
    expect(editor.get_by_text("This is a draft.")).to_be_visible()
    answer = editor.request.get(f"/techniques/{slug}/")
    assert answer.status == 404

    editor.get_by_role("link", name="Publish the draft").click()
    editor.get_by_role("button", name="Publish").click()
    expect(editor.get_by_text("valid now")).to_be_visible()
    editor.goto(f"/techniques/{slug}/")
    expect(editor.get_by_text("Breathe.")).to_be_visible()

    editor.get_by_role("link", name="Edit", exact=True).click()
    editor.get_by_role("link", name="Write the next edition").click()
    editor.get_by_role("group", name="How it is done").get_by_label("English").fill("Stand.\nBreathe out.")
    editor.get_by_role("button", name="Save the draft").click()
    editor.get_by_role("link", name="All editions").click()
    editor.get_by_role("button", name="Compare the two").click()
    expect(editor.locator("ins")).to_contain_text("Breathe out.")
    expect(editor.locator("del")).to_contain_text("Breathe.")

    editor.goto(f"/editor/techniques/{slug}/publication/")
    editor.get_by_label("At a day and time").check()
    editor.get_by_label("Day", exact=True).fill("2099-01-31")
    editor.get_by_label("Time", exact=True).fill("08:00")
    editor.get_by_role("button", name="Publish").click()
    expect(editor.get_by_text("scheduled", exact=True)).to_be_visible()

    editor.get_by_role("link", name="Take back").click()
    editor.get_by_role("button", name="Take it back").click()
    editor.get_by_role("link", name="Throw away").click()
    editor.get_by_role("button", name="Throw it away").click()
    editor.get_by_role("link", name="Restore").click()
    editor.get_by_role("button", name="Restore it as a draft").click()
    expect(editor.get_by_text("This is a draft.")).to_be_visible()


def test_markdown_is_looked_at_before_it_is_saved(editor: Page):
    editor.goto("/editor/theory/the-five-tenets/draft/")
    text = editor.get_by_role("group", name="Text").get_by_label("English")
    text.fill("## A trial\n\n**Courtesy** first.")
    editor.get_by_role("button", name="Preview").click()
    expect(editor.get_by_role("heading", name="A trial")).to_be_visible()
    expect(text).to_have_value("## A trial\n\n**Courtesy** first.")
    expect(editor.get_by_text("Nothing is saved yet.")).to_be_visible()
