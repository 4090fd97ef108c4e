"""Who may open what: every page and every operation of the API, asked by everybody.

Whoever adds a page or an operation says in PAGES or PUBLIC_OPERATIONS who may ask it; what is missing there fails. The
cast: a stranger to the hall; cleo, who is signed in and in no club; a member, a coach and the owner of a club; and an
operator at the console. What is refused to somebody who is signed in is not found (404) or forbidden (403).
"""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts import commands
from accounts.models import DataExport, Membership, WebhookEvent
from accounts.tests.clubs import SubscriptionFactory, a_club, joined
from accounts.tests.factories import UserFactory
from accounts.tests.personal_factories import Pupils
from learning.practice.models import AnkiImport, QuizSession
from learning.practice.tests.factories import CardFactory
from project.api import api
from project.foundation.jobs.tests.factories import JobFactory

EVERYBODY = frozenset({"stranger", "cleo", "member", "coach", "owner", "operator"})
SIGNED_IN = EVERYBODY - {"stranger"}
MEMBER = frozenset({"member"})
CLUB = frozenset({"member", "coach", "owner"})
TEACHERS = frozenset({"coach", "owner"})
OWNER = frozenset({"owner"})
OPERATOR = frozenset({"operator"})
NOBODY: frozenset[str] = frozenset()
"""Forms that are sent from a quiz about one of its questions: an empty one names none."""

REPORT = dict.fromkeys(["cards", "known_cards", "put_away", "reviews", "known_reviews", "begin_anew"], 0) | {
    "untaken": []
}
"""What came of a file that held nothing."""

PAGES = {
    EVERYBODY: """
        home more set_theme set_language health ready robots sitemap service_worker farewell plans jwks join
        club-logo-png certificates certificate unsubscribe code_entrance styleguide error-page sent-mail one-time-codes
        guardian guardian_data guardian_take_over guardian_confirm guardian_withdraw handbook:techniques
        handbook:technique handbook:tuls handbook:tul handbook:tul-floor handbook:belts handbook:belt handbook:glossary
        handbook:term handbook:theory handbook:article handbook:plans handbook:plan handbook:search handbook:handbook
        practice:plan-run practice:calendar-feed manifest offline
    """,
    SIGNED_IN: """
        profile my_data delete_account notices notices_read notice_preferences push_device push_device_delete
        clubs club-founding my-belts usersessions_list end_sessions handbook:tul-sheet handbook:belt-sheet plan-portal
        plan-checkout plan-trial handbook:plan-new handbook:plan-copy handbook:plan-change handbook:plan-removal
        practice:practise practice:review practice:undo
        practice:rating practice:queue-pack practice:catch-up practice:decks practice:deck practice:cards
        practice:practise-this practice:settings practice:aim practice:expected practice:quizzes practice:stats
        practice:progress practice:anki practice:anki-deck practice:calendar practice:calendar-closure practice:offline
        practice:offline-pages practice:plan-finish
    """,
    MEMBER: """
        my_copy practice:card practice:put-away practice:bring-back practice:bury practice:keep practice:quiz
        practice:quiz-end practice:quiz-discard practice:anki-report practice:anki-put-away
    """,
    NOBODY: "practice:quiz-again practice:quiz-card",
    CLUB: "club club-departure gradings grading certificate-pdf",
    TEACHERS: """
        club-letter club-link club-bulk invitation invitation-revocation invitation-sending member-belts club-removal
        grading-planning grading-settings grading-enrolment grading-list grading-cancellation grading-closure candidate
        candidate-withdrawal belt-history award-correction pupils pupil pupil_cards
    """,
    OWNER: "club-settings club-logo club-transfer club-closure club-role",
    OPERATOR: """
        plans-given plans-given-to plan-given-end webhooks webhook webhook-replay console:dashboard console:jobs
        console:bulk console:job console:job-cancellation console:job-rerun console:audit console:audit-check
        console:audit-export console:errors console:schedules console:schedule-job handbook:editor handbook:editor-list
        handbook:editor-new handbook:editor-entry handbook:editor-draft handbook:editor-removal
        handbook:editor-publication handbook:editor-changes handbook:editor-edition handbook:editor-restoration
        handbook:editor-withdrawal
    """,
}
ALLOWED = {name: who for who, names in PAGES.items() for name in names.split()}

PUBLIC_OPERATIONS = {
    "list_techniques", "get_technique", "list_tuls", "get_tul", "list_terms", "get_term", "list_articles",
    "get_article", "get_syllabus", "list_plans", "get_plan", "search", "list_subscription_plans", "receive_webhook",
}  # fmt: skip
PAGES_ASK_TOO = {
    "get_review_queue", "send_reviews", "create_quiz", "answer_quiz", "list_progress", "tell_progress", "get_stats",
}  # fmt: skip
"""Operations that take a session with its CSRF token: pages send what was done offline to them."""


def pages(patterns=None, spaces=()):
    """Name → the arguments of its address, for every page of ours."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if not isinstance(each, URLPattern):
            yield from pages(each.url_patterns, (*spaces, *filter(None, [each.namespace])))
        elif not {"admin", "api", "headless"} & set(spaces) and not each.callback.__module__.startswith("allauth"):
            yield ":".join((*spaces, each.name)), set(each.pattern.regex.groupindex)


PAGES_OF_OURS = dict(pages())


@pytest.fixture
def world(ada, ben, cleo, otto, at_the_console, settings):
    """A club with something of everything, and a browser for everybody. Gives browsers and arguments of addresses."""
    settings.DEBUG = settings.ROBOTS_ALLOW = settings.SITEMAP = True
    now = timezone.now()
    club, coach = a_club(ada, seats=9), UserFactory()
    joined(club, coach, role="coach")
    joined(club, ben)
    commands.set_logo(viewer=ada, club_id=club.pk, png=b"png", now=now)
    letter = commands.invite_by_mail(
        viewer=ada, club_id=club.pk, email="kim@dojang.example", role=Membership.Role.MEMBER, now=now
    )
    award = commands.award_belt(person=ben, belt=9, awarded_on=now.date(), by=ada, now=now, club=club)
    grading = commands.plan_grading(club=club, held_on=now.date(), by=ada, examiner=coach, now=now)
    browsers = {"stranger": Client(), "operator": at_the_console}
    for name, person in {"cleo": cleo, "member": ben, "coach": coach, "owner": ada}.items():
        browsers[name] = Client()
        browsers[name].force_login(person)
    return browsers, {
        "club_id": club.pk,
        "membership_id": joined(club, UserFactory()).pk,
        "invitation_id": letter.pk,
        "award_id": award.pk,
        "actor": ben.actor_id,
        "code": award.code,
        "grading_id": grading.pk,
        "candidate_id": commands.enrol(grading=grading, person=ben, belt=8, by=ada, now=now).pk,
        "pupil_id": Pupils.one(club).pk,
        "export": _a_copy(ben, now).pk,
        "subscription_id": SubscriptionFactory(person=cleo, plan="pro", seats=0).pk,
        "event_id": _an_event(now).pk,
        "job_id": JobFactory().pk,
        "plan": "pro",
        "kind": "techniques",
        "card_id": CardFactory(person=ben).pk,
        "movement": 0,
        "quiz_id": QuizSession.objects.create(person=ben, mode="terms", started_at=now).pk,
        "import_id": AnkiImport.objects.create(person=ben, file_name="x", imported_at=now, report=REPORT).pk,
        "belt": 9,
        "key": "x", "slug": "x", "number": 9, "version": 1, "name": "audit.seal", "token": "x",
    }  # fmt: skip


def test_every_page_says_who_may_open_it():
    assert set(PAGES_OF_OURS) == set(ALLOWED)


def _a_copy(person, now):
    file = default_storage.save("exports/of-ben.zip", ContentFile(b"x"))
    return DataExport.objects.create(
        person=person, asked_at=now, ready_at=now, expires_at=now + timedelta(days=7), file=file, size=1
    )


def _an_event(now):
    return WebhookEvent.objects.create(
        provider="stripe", event_id="evt_1", type="invoice.paid", occurred_at=now, received_at=now, payload={},
        state="ignored", processed_at=now,
    )  # fmt: skip


NAMES_NOTHING = re.compile(
    r"handbook:|guardian|unsubscribe|join|error-page"
    r"|practice:(deck|plan-run|plan-finish|calendar-feed|practise-this|catch-up|anki-deck|progress)$"
)
"""Pages whose address here names nothing that there is: whoever may ask is told so, others are refused before."""


@pytest.mark.django_db
def test_everybody_is_let_in_where_they_may_and_nowhere_else(world):
    browsers, facts = world
    wrong = {}
    for name, arguments in PAGES_OF_OURS.items():
        address = reverse(name, kwargs={each: facts[each] for each in arguments})
        for who, browser in browsers.items():
            answer = _asked(browser, address)
            is_in = _is_in(answer) or (answer.status_code == 404 and NAMES_NOTHING.match(name) is not None)
            if is_in is not (who in ALLOWED[name]):
                wrong[f"{name} for {who}"] = (answer.status_code, answer.headers.get("Location", "")[:30])
    assert wrong == {}


def _asked(browser, address):
    """With GET, or with an empty form where only forms are taken. What that did is taken back."""
    answer = browser.get(address)
    if answer.status_code != 405:
        return answer
    taken_back = transaction.atomic()
    taken_back._from_testcase = True  # commands that insist on a transaction of their own still find one
    with taken_back:
        answer = browser.post(address)
        transaction.set_rollback(True)
    return answer


def _is_in(answer):
    """Let in: an answer, a form that says what it lacks (405, 409, 410), or a way on that is not the entrance. An
    address that names nothing is none of these for anybody."""
    if "/account/login/" in answer.headers.get("Location", ""):
        return False
    return answer.status_code < 400 or answer.status_code in {400, 409, 410, 422, 503}


def operations():
    assert get_resolver().url_patterns  # which puts the routers of the apps into one list
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield (
                    operation.operation_id,
                    operation.methods[0],
                    re.sub("/+", "/", f"/api/{prefix}/{path}"),
                    operation,
                )


def test_every_operation_that_everybody_may_ask_is_named_here():
    open_to_all = {name for name, _, _, operation in operations() if operation.auth_param is None}
    assert open_to_all == set(PUBLIC_OPERATIONS)


@pytest.mark.django_db
def test_every_other_operation_answers_401_without_a_token_whatever_cookie_comes(world):
    browsers, _ = world
    asked = 0
    for name, method, path, _operation in operations():
        if name in PUBLIC_OPERATIONS:
            continue
        address = re.sub(r"{[\w:]+}", "00000000-0000-0000-0000-000000000007", path)
        for who in ("stranger", *([] if name in PAGES_ASK_TOO else ["owner"])):
            answer = getattr(browsers[who], method.lower())(address, {}, content_type="application/json")
            assert (name, answer.status_code) == (name, 401)
            asked += 1
    assert asked > 20


@pytest.mark.django_db
def test_a_cookie_alone_changes_nothing_where_pages_ask_too(ben):
    """Another site can make a browser send the cookie, never the token that is in our pages."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ben)
    refused = {}
    for name, method, path, _operation in operations():
        if name in PAGES_ASK_TOO and method == "POST":
            address = re.sub(r"{[\w:]+}", "00000000-0000-0000-0000-000000000007", path)
            answer = browser.post(address, {}, content_type="application/json")
            refused[name] = (answer.status_code, answer.json()["code"])
    assert refused == dict.fromkeys(
        ["send_reviews", "create_quiz", "answer_quiz", "tell_progress"], (403, "csrf_failed")
    )


def test_every_operation_for_people_says_what_it_refuses(client):
    schema = client.get("/api/schema").json()
    told = {each["operationId"]: each for path in schema["paths"].values() for each in path.values()}
    personal = {name: each for name, each in told.items() if name not in PUBLIC_OPERATIONS}
    assert len(personal) > 20
    for name, operation in personal.items():
        assert operation["summary"], name
        assert {"401", "422", "429"} <= set(operation["responses"]), name
