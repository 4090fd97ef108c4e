"""Without a network one goes on, and whatever was done arrives exactly once."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from project import demo
from tests.programs import eventually

from . import door
from .conftest import OURS, ROOT, SCREENS, Hall, accessible

CARDS = 22
REVIEWS = "/api/v1/reviews"
MADE = f"""
import json, random, uuid
from django.utils import timezone
from accounts import commands as accounts
from accounts.models import User
from learning.handbook import queries as handbook
from learning.practice import commands
from learning.practice.models import CardOrigin, QuizAnswer, QuizSession, Review, ReviewCard
from learning.practice.rules.subjects import Subject

def learner(name):
    now = timezone.now()
    person = accounts.create_person(
        email=f"{{name}}@dojang.example", password="{demo.PASSWORD}", display_name=name.title(), locale="en",
        is_operator=False, now=now,
    )
    commands.change_settings(
        person=person, algo="fsrs", retention=0.9, new_a_day=100, reviews_a_day=100, grading_on=None,
        reminder_hour=None, now=now,
    )
    words = [each for each in handbook.deck_of(belt=10, now=now) if each.kind == "term" and each.direction == "korean"]
    subjects = [Subject(each.kind, each.key, each.direction, each.step_key) for each in words[:{CARDS}]]
    assert len(commands.add_cards(person=person, subjects=subjects, origin=CardOrigin.DECK, now=now)) == {CARDS}
    quiz = commands.begin_quiz(
        person=person, id=uuid.uuid4(), mode="terms", belt=10, n=5, chance=random.Random(7), now=now
    )
    print(json.dumps({{"name": name, "actor": str(person.actor_id), "quiz": str(quiz.pk)}}))
"""
KNOWN = """
person = User.objects.get(email="%s@dojang.example")
ids = lambda rows: [str(each.client_id) for each in rows]
print(json.dumps({
    "reviews": ids(Review.objects.filter(person=person)),
    "answers": ids(QuizAnswer.objects.filter(session__person=person)),
    "over": QuizSession.objects.filter(person=person, finished_at__isnull=False).count(),
    "practised": ReviewCard.objects.filter(person=person, stage__gt=0).count(),
}))
"""


@dataclass(frozen=True)
class Learner:
    name: str
    actor: str
    quiz: str


ANSWERED = """
import sys
for said in sys.stdin:
    exec(json.loads(said))
    sys.stdout.flush()
"""


@pytest.fixture(scope="module")
def inside(hall: Hall) -> Iterator[Callable[[str], Any]]:
    """Run lines of Python inside the open hall; gives the JSON that they print."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env |= {"VAR_DIR": str(hall.log.parent / "var"), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", MADE + ANSWERED]
    shell = subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert shell.stdin
    assert shell.stdout

    def run(lines: str) -> Any:
        shell.stdin.write(f"{json.dumps(lines)}\n")
        return json.loads(shell.stdout.readline())

    yield run
    shell.stdin.close()
    assert shell.wait(timeout=60) == 0


@pytest.fixture
def nara(inside: Callable[[str], Any]) -> Learner:
    """A learner of this test alone, with cards that are due and a quiz that is begun."""
    return Learner(**inside(f"learner('nara-{uuid.uuid4().hex[:8]}')"))


@pytest.fixture
def way_in(hall: Hall) -> Iterator[door.Door]:
    with door.opened(hall.url) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser, way_in: door.Door) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=way_in.url, viewport=SCREENS["phone"], locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext, nara: Learner) -> Page:
    """Nara's phone, signed in, with the worker at work."""
    page = phone.new_page()
    sign_in(page, nara.name)
    worked(page)
    return page


def sign_in(page: Page, name: str) -> None:
    page.goto("/account/login/")
    page.locator("[name=login]").fill(f"{name}@dojang.example")
    page.locator("[name=password]").fill(demo.PASSWORD)
    page.locator("main form .btn--primary").first.click()
    expect(page.locator("main form [name=password]")).to_have_count(0)


def worked(page: Page) -> None:
    eventually(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), within=30)


def keep(page: Page) -> int:
    """Press the button that keeps my pages; gives how many are kept."""
    page.goto("/practise/offline/")
    kept = page.locator("[data-kept]")
    expect(kept.locator("[data-state=working]")).to_be_hidden(timeout=30_000)
    kept.get_by_role("button", name="Keep my pages now").click()
    expect(kept.locator("[data-state=working]")).to_be_visible()
    expect(kept.locator("[data-state=some]")).to_be_visible(timeout=180_000)
    return int(kept.locator("[data-number]").inner_text())


def without_network(page: Page, way_in: door.Door) -> None:
    """The browser knows that it has none, and nothing would get through."""
    way_in.is_shut = True
    page.context.set_offline(True)


def with_network(page: Page, way_in: door.Door) -> None:
    way_in.is_shut = False
    page.context.set_offline(False)


def rate(page: Page, times: int) -> None:
    left = page.locator("[data-left]")
    for _ in range(times):
        before = int(left.inner_text())
        page.locator("[data-show]").click()
        page.locator("[data-rate] [value='4']").click()
        expect(left).to_have_text(str(before - 1))


def answer(page: Page, section: Any) -> None:
    """Something, right or wrong."""
    form = section.locator("form[data-answer]")
    match form.get_attribute("data-answer"):
        case "type":
            form.locator("[name=typed]").fill("sogi")
        case "match":
            for place, choice in enumerate(form.locator("select").all()):
                choice.select_option(index=place + 1)
        case "single" | "multiple":
            form.locator(".option").first.click()
    form.locator("[data-send]").click()


def unsent(page: Page) -> Any:
    return page.locator("[data-unsent]")


def sent(way_in: door.Door, path: str, part: str) -> Counter[str]:
    """How often each thing went through to the hall."""
    return Counter(each["client_id"] for body in way_in.asked(path) for each in json.loads(body).get(part, []))


UNSENT = "async () => (await (await import('/static/js/outbox.js')).unsent()).length"


def all_sent(page: Page) -> None:
    eventually(lambda: page.evaluate(UNSENT) == 0, within=60)
    expect(unsent(page)).to_be_hidden()


OUTBOX = "async (row) => (await import('/static/js/outbox.js')).put(row)"


def put(page: Page, nara: Learner, card: str = "") -> str:
    """What review.js does with an answer."""
    client_id = str(uuid.uuid4())
    body = {
        "client_id": client_id,
        "card_id": card or str(uuid.uuid4()),
        "rating": 3,
        "reviewed_at": "2026-11-01T10:00:00Z",
    }
    page.evaluate(OUTBOX, {"kind": "review", "url": REVIEWS, "body": body})
    return client_id


CARD = "print(json.dumps(str(ReviewCard.objects.filter(person__email='%s@dojang.example').first().pk)))"


def test_cards_and_a_quiz_without_a_network_arrive_exactly_once(page: Page, nara: Learner, way_in, inside):
    assert keep(page) > 60
    page.goto(f"/practise/quizzes/{nara.quiz}/")
    page.goto("/practise/review/")
    way_in.passed.clear()
    without_network(page, way_in)

    rate(page, 10)
    expect(unsent(page)).to_have_text(re.compile(r"Not yet sent:\s*10"))
    page.reload()  # the page was kept; what was answered since is not asked again
    assert page.locator("html").get_attribute("data-kept-at")
    expect(page.locator("[data-left]")).to_have_text(str(CARDS - 10))
    rate(page, 10)

    page.goto(f"/practise/quizzes/{nara.quiz}/")
    expect(page.locator(".kept")).to_contain_text("From this device, as of")
    for number in range(1, 6):
        section = page.locator(f"[data-question='{number}']")
        answer(page, section)
        expect(section.locator("[data-verdict]")).to_be_visible()
        if number < 5:
            section.locator("[data-go=next]").click()
    page.goto("/practise/")
    expect(unsent(page)).to_contain_text("25")
    assert way_in.passed == []

    with_network(page, way_in)
    all_sent(page)
    known = inside(KNOWN % nara.name)
    reviews, answers = sent(way_in, REVIEWS, "reviews"), sent(way_in, f"/api/v1/quizzes/{nara.quiz}/answers", "answers")
    assert sorted(known["reviews"]) == sorted(reviews)
    assert len(known["reviews"]) == 20
    assert set(reviews.values()) == set(answers.values()) == {1}
    assert sorted(known["answers"]) == sorted(answers)
    assert (len(known["answers"]), known["over"], known["practised"]) == (5, 1, 20)


def test_what_was_cut_is_sent_again_and_counts_once(page: Page, nara: Learner, way_in, inside):
    page.goto("/practise/review/")
    lost = []
    way_in.cuts = lambda method, path: path == REVIEWS and not lost and (lost.append(path) or True)
    rate(page, 2)
    eventually(lambda: lost, within=20)
    expect(unsent(page)).to_be_visible()
    page.goto("/practise/")  # the next page tries at once
    all_sent(page)
    assert max(sent(way_in, REVIEWS, "reviews").values()) > 1
    known = inside(KNOWN % nara.name)
    assert sorted(known["reviews"]) == sorted(sent(way_in, REVIEWS, "reviews"))
    assert (len(known["reviews"]), known["practised"]) == (2, 2)


def test_two_tabs_do_not_send_the_same(page: Page, nara: Learner, way_in, inside):
    other = page.context.new_page()
    other.goto("/practise/")
    page.goto("/practise/")
    card = inside(CARD % nara.name)
    page.context.set_offline(True)
    mine = [put(each, nara, card) for each in (page, other) * 5]
    expect(unsent(page)).to_contain_text("10")
    expect(unsent(other)).to_contain_text("10")
    page.context.set_offline(False)
    all_sent(page)
    all_sent(other)
    assert sent(way_in, REVIEWS, "reviews") == Counter(mine)


def test_what_cannot_be_used_is_set_aside_and_holds_nothing_up(page: Page, nara: Learner, way_in, inside):
    page.goto("/practise/offline/")
    card = inside(CARD % nara.name)
    page.context.set_offline(True)
    put(page, nara)  # a card of nobody
    broken = {"client_id": str(uuid.uuid4()), "card_id": "no card", "rating": 3}
    page.evaluate(OUTBOX, {"kind": "review", "url": REVIEWS, "body": broken})
    good = put(page, nara, card)
    expect(page.locator("[data-outbox] [data-state=offline]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-outbox] [data-state=sent]")).to_be_visible(timeout=30_000)
    refused = page.locator("[data-refused]")
    expect(refused.locator("li")).to_have_count(2)
    expect(refused).to_contain_text("what it is about is not there any more")
    expect(refused).to_contain_text("the hall could not read it")
    assert inside(KNOWN % nara.name)["reviews"] == [good]
    refused.get_by_role("button", name="Let it go").click()
    expect(refused).to_be_hidden()


def test_what_was_done_waits_for_whoever_did_it(page: Page, nara: Learner, way_in, inside):
    page.goto("/practise/offline/")
    card = inside(CARD % nara.name)
    other = page.context.new_page()
    other.goto("/account/logout/")
    other.locator("main form .btn").first.click()
    mine = put(page, nara, card)
    expect(page.locator("[data-outbox] [data-state=signed-out]")).to_be_visible(timeout=30_000)

    sign_in(other, "cleo")
    page.get_by_role("button", name="Send now").click()  # this tab still shows nara's page
    expect(page.locator("[data-outbox] [data-state=other]")).to_be_visible(timeout=30_000)
    other.goto("/practise/offline/")
    expect(other.locator("[data-outbox] [data-state=sent]")).to_be_visible()
    expect(unsent(other)).to_be_hidden()
    assert inside(KNOWN % nara.name)["reviews"] == []

    other.goto("/account/logout/")
    other.locator("main form .btn").first.click()
    sign_in(other, nara.name)
    all_sent(other)
    assert inside(KNOWN % nara.name)["reviews"] == [mine]


CHANGED = """async () => {
    const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
    const isThere = (await caches.keys()).some(name => name.includes("another"));
    return isThere && !installing && !waiting && active.state === "activated";
}"""
PAGES = "async () => (await caches.keys()).filter(name => name.includes(' pages '))"


class TestKeptPages:
    def test_they_open_without_a_network_and_say_so(self, page: Page, way_in):
        keep(page)
        without_network(page, way_in)
        for url in ("/", "/practise/", "/belts/9/", "/glossary/", "/plans/first-fifteen-minutes/run/"):
            page.goto(url)
            expect(page.locator(".kept")).to_be_visible()
            expect(page.locator("[data-kept-time]")).not_to_be_empty()
            assert page.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length)")
        page.goto("/belts/1/")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
        page.goto("/practise/offline/")
        accessible(page)

    def test_a_hall_that_does_not_answer_is_not_waited_for(self, page: Page, way_in):
        page.goto("/glossary/")
        keep(page)
        way_in.is_asleep = True
        page.goto("/glossary/", wait_until="commit")
        expect(page.locator(".kept")).to_be_visible()
        way_in.is_asleep = False
        page.goto("/glossary/")
        expect(page.locator(".kept")).to_be_hidden()

    def test_they_go_when_their_person_signs_out(self, page: Page, way_in):
        keep(page)
        assert len(page.evaluate(PAGES)) == 1
        page.goto("/account/logout/")
        page.locator("main form .btn").first.click()
        eventually(lambda: page.evaluate(PAGES) == [], within=20)
        without_network(page, way_in)
        page.goto("/practise/")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")

    def test_they_go_when_they_are_removed_and_come_back_when_they_are_wanted(self, page: Page):
        keep(page)
        page.get_by_role("button", name="Remove them from this device").click()
        expect(page.locator("[data-kept] [data-state=none]")).to_be_visible()
        page.goto("/glossary/")
        page.goto("/practise/offline/")
        expect(page.locator("[data-kept] [data-state=none]")).to_be_visible()
        assert keep(page) > 60

    def test_another_build_is_seen_with_the_next_page_and_its_pages_replace_the_old(self, page: Page, way_in):
        keep(page)
        (old,) = page.evaluate(PAGES)

        def another(path: str, body: bytes) -> bytes:
            if path == "/sw.js":
                return re.sub(rb'"build": "\w+"', b'"build": "another"', body)
            return body.replace(b"</h1>", b" of tomorrow</h1>") if path == "/glossary/" else body

        way_in.rewrites = another
        page.goto("/glossary/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("of tomorrow")
        eventually(lambda: page.evaluate(CHANGED), within=60)
        keep(page)
        (new,) = page.evaluate(PAGES)
        assert (old.split()[2:], "another" in new) == (new.split()[2:], True)
        without_network(page, way_in)
        page.goto("/glossary/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("of tomorrow")


def test_what_this_device_keeps_is_accessible(looking: Page, photograph, nara: Learner):
    sign_in(looking, nara.name)
    looking.goto("/practise/offline/")
    expect(looking.locator("[data-kept] [data-state=working]")).to_be_hidden(timeout=30_000)
    looking.evaluate("document.querySelector('[data-refused]').hidden = false")
    photograph(looking, "on-this-device")
    accessible(looking)


def test_the_hall_can_be_installed_where_the_browser_offers_it(page: Page):
    page.goto("/more/")
    install = page.get_by_role("button", name="Install Dojang as an app")
    expect(install).to_be_hidden()
    page.evaluate("""dispatchEvent(Object.assign(
        new Event("beforeinstallprompt", { cancelable: true }), { prompt: () => { document.title = "asked"; } },
    ))""")
    accessible(page)
    install.click()
    expect(page).to_have_title("asked")
