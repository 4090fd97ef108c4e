"""Without a network one goes on, and whatever was done arrives exactly once."""

import json
import os
import re
import subprocess
import sys
import threading
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


def end_quiz(page: Page) -> None:
    page.locator(".quiz__end").get_by_role("link", name="End the quiz now").click()
    page.get_by_role("button", name="End the quiz", exact=True).click()


def unsent(page: Page) -> Any:
    return page.locator("[data-unsent]")


def sent(way_in: door.Door, path: str, part: str) -> Counter[str]:
    """How often each thing went through to the hall."""
    return Counter(each["client_id"] for body in way_in.asked(path) for each in json.loads(body).get(part, []))


UNSENT = "async () => (await (await import('/static/js/outbox.js')).unsent()).length"


def all_sent(page: Page) -> None:
    eventually(lambda: page.evaluate(UNSENT) == 0, within=60)
    expect(unsent(page)).to_be_hidden()


FLUSHED = """async () => {
    const { flush, unsent } = await import('/static/js/outbox.js');
    await flush();
    return (await unsent()).length;
}"""
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


REVIEWED = "print(json.dumps(Review.objects.filter(client_id='%s').count()))"
BURIED = (
    "print(json.dumps("
    "ReviewCard.objects.filter(person__email='%s@dojang.example', buried_until__isnull=False).count()))"
)
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
    for _ in range(3):  # this tab still shows nara's page, and learns no token of cleo's
        page.get_by_role("button", name="Send now").click()
        expect(page.locator("[data-outbox] [data-state=other]")).to_be_visible(timeout=30_000)
        assert page.evaluate(FLUSHED) == 1
    expect(page.locator("#toasts")).to_contain_text("Another person is signed in now")
    assert inside(REVIEWED % mine) == 0
    other.goto("/practise/offline/")
    expect(other.locator("[data-outbox] [data-state=sent]")).to_be_visible()
    expect(unsent(other)).to_be_hidden()
    assert inside(KNOWN % nara.name)["reviews"] == []

    other.goto("/account/logout/")
    other.locator("main form .btn").first.click()
    sign_in(other, nara.name)
    all_sent(other)
    assert inside(KNOWN % nara.name)["reviews"] == [mine]


def test_one_that_the_hall_cannot_take_holds_up_no_other(page: Page, nara: Learner, way_in, inside):
    page.goto("/practise/offline/")
    card = inside(CARD % nara.name)
    page.context.set_offline(True)
    bad, good = put(page, nara), put(page, nara, card)
    noted = {"item_type": "technique", "item": "niunja-sogi", "status": "done", "client_id": str(uuid.uuid4())}
    noted |= {"score": 100, "occurred_at": "2026-11-01T10:00:00Z"}
    page.evaluate(OUTBOX, {"kind": "progress", "url": "/api/v1/progress", "body": noted})
    way_in.refuses = lambda path, body: 500 if bad.encode() in body else 0
    page.context.set_offline(False)
    eventually(lambda: way_in.asked("/api/v1/progress"), within=20)
    eventually(lambda: page.evaluate(FLUSHED) == 1, within=60)
    assert inside(KNOWN % nara.name)["reviews"] == [good]
    way_in.refuses = lambda path, body: 404 if path == REVIEWS else 0  # somebody before the hall, not the hall
    assert page.evaluate(FLUSHED) == 1
    way_in.refuses = lambda path, body: 0
    page.evaluate(FLUSHED)
    expect(page.locator("[data-refused]")).to_contain_text("what it is about is not there any more")


def test_what_is_taken_back_at_once_never_counts(page: Page, nara: Learner, way_in, inside):
    page.goto("/practise/review/")
    rate(page, 5)
    for left in range(CARDS - 4, CARDS + 1):
        page.get_by_role("button", name="Take the last answer back").click()
        expect(page.locator("[data-left]")).to_have_text(str(left))
    expect(page.get_by_role("button", name="Take the last answer back")).to_be_hidden()
    all_sent(page)
    assert inside(KNOWN % nara.name)["practised"] == 0


def test_a_browser_that_keeps_nothing_sends_at_once(page: Page, nara: Learner, way_in, inside):
    page.add_init_script("indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }")
    page.goto("/practise/review/")
    rate(page, 3)
    eventually(lambda: len(inside(KNOWN % nara.name)["reviews"]) == 3, within=20)
    page.get_by_role("button", name="Take the last answer back").click()
    expect(page.locator("[data-left]")).to_have_text(str(CARDS - 2))
    eventually(lambda: inside(KNOWN % nara.name)["practised"] == 2, within=20)


def test_a_store_that_the_browser_closed_is_opened_again(page: Page, nara: Learner, inside):
    page.add_init_script("""
        const open = indexedDB.open.bind(indexedDB);
        indexedDB.open = (...said) => {
            const asked = open(...said);
            asked.addEventListener("success", () => { window.stores = [...(window.stores ?? []), asked.result]; });
            return asked;
        };
    """)
    page.goto("/practise/review/")
    rate(page, 1)
    page.evaluate("window.stores.forEach((store) => store.close())")
    rate(page, 1)
    all_sent(page)
    assert len(inside(KNOWN % nara.name)["reviews"]) == 2


def test_a_card_that_another_tab_asked_is_not_asked_again(page: Page, nara: Learner, inside):
    page.goto("/practise/review/")
    other = page.context.new_page()
    other.goto("/practise/review/")
    asked = other.locator("[data-front]").inner_text()
    page.context.set_offline(True)
    rate(page, 1)
    expect(other.locator("[data-left]")).to_have_text(str(CARDS - 1))
    assert other.locator("[data-front]").inner_text() != asked
    page.context.set_offline(False)


def test_by_keys_alone(page: Page, nara: Learner, inside):
    """Space shows, a number rates, U takes back what was done last, B puts a card off to tomorrow."""
    page.goto("/practise/review/")
    left, front = page.locator("[data-left]"), page.locator("[data-front]")
    first = front.inner_text()
    page.keyboard.press("3")  # not before the answer is seen
    expect(left).to_have_text(str(CARDS))
    page.keyboard.press(" ")
    page.keyboard.press("4")
    expect(left).to_have_text(str(CARDS - 1))
    second = front.inner_text()
    page.keyboard.press("b")
    expect(left).to_have_text(str(CARDS - 2))
    expect(page.locator("#toasts")).to_contain_text("comes back tomorrow")
    assert inside(BURIED % nara.name) == 1
    page.keyboard.press("u")  # the card comes back, and no answer goes
    expect(front).to_have_text(second, use_inner_text=True)
    assert inside(BURIED % nara.name) == 0
    page.keyboard.press("u")
    expect(front).to_have_text(first, use_inner_text=True)
    all_sent(page)
    assert inside(KNOWN % nara.name)["practised"] == 0


def test_a_card_that_was_asked_for_is_asked_for_once(page: Page, nara: Learner, inside):
    page.goto("/practise/review/")
    rate(page, 1)
    all_sent(page)
    page.reload()
    page.get_by_role("button", name="Take the last answer back").click()
    expect(page).to_have_url(re.compile("card="))
    rate(page, 1)
    expect(page).to_have_url(re.compile("/review/$"))


def test_a_quiz_that_is_ended_has_the_answers_that_waited(page: Page, nara: Learner, way_in, inside):
    page.goto(f"/practise/quizzes/{nara.quiz}/")
    way_in.refuses = lambda path, body: 503 if path.endswith("/answers") else 0
    for number in (1, 2):
        section = page.locator(f"[data-question='{number}']")
        answer(page, section)
        expect(section.locator("[data-verdict]")).to_be_visible()
        section.locator("[data-go=next]").click()
    way_in.refuses = lambda path, body: 0
    end_quiz(page)
    expect(page.get_by_role("heading", name="What was asked")).to_be_visible()
    assert len(inside(KNOWN % nara.name)["answers"]) == 2


def test_a_quiz_whose_answers_another_tab_sent_goes_on(page: Page, nara: Learner, way_in):
    page.goto(f"/practise/quizzes/{nara.quiz}/")
    page.evaluate("document.hidden || Object.defineProperty(navigator, 'onLine', { get: () => false })")
    for number in range(1, 6):
        answer(page, page.locator(f"[data-question='{number}']"))
        page.locator(f"[data-question='{number}'] [data-go=next]").click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    other = page.context.new_page()
    other.goto("/practise/")
    all_sent(other)
    expect(page.get_by_role("heading", name="What was asked")).to_be_visible(timeout=30_000)


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

    def test_a_page_of_somebody_who_has_gone_is_not_shown_again(self, page: Page):
        page.goto("/practise/statistics/")
        other = page.context.new_page()
        other.goto("/account/logout/")
        other.locator("main form .btn").first.click()
        eventually(lambda: other.evaluate("localStorage.getItem('person')") == "", within=20)
        with page.expect_navigation():  # what the browser says when it shows a page that it has kept whole
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        expect(page).to_have_url(re.compile("/account/login/"))

    def test_what_was_just_sent_is_seen_however_slow_the_network_is(self, page: Page, way_in):
        page.goto("/glossary/")
        keep(page)
        page.goto("/more/")
        page.evaluate("navigator.serviceWorker.controller.postMessage({ kind: 'sent' })")
        way_in.is_asleep = True
        threading.Timer(5, lambda: setattr(way_in, "is_asleep", False)).start()
        page.goto("/glossary/")
        expect(page.locator(".kept")).to_be_hidden()

    def test_whoever_wants_none_kept_has_none_kept_after_signing_in_again_either(self, page: Page, nara: Learner):
        keep(page)
        page.get_by_role("button", name="Remove them from this device").click()
        expect(page.locator("[data-kept] [data-state=none]")).to_be_visible()
        page.goto("/account/logout/")
        page.locator("main form .btn").first.click()
        sign_in(page, nara.name)
        page.goto("/practise/offline/")
        expect(page.locator("[data-kept] [data-state=working]")).to_be_hidden(timeout=30_000)
        page.evaluate("async () => (await navigator.serviceWorker.ready).active.postMessage({ kind: 'keep' })")
        expect(page.locator("[data-kept] [data-state=none]")).to_be_visible()
        assert page.evaluate(PAGES) == []

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
