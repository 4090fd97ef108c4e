"""The trail as operators read it, take it along and have it checked."""

import csv
import hashlib
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import AsyncClient, AsyncRequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from accounts import commands as accounts
from accounts.queries import Role, RoleMissing
from accounts.tests.factories import UserFactory
from conftest import NOW
from ops_panel.console import commands, queries, rules
from ops_panel.console.forms import TrailFilter
from ops_panel.console.queries import Trail
from ops_panel.console.views import lines
from project.foundation.audit import commands as audit
from project.foundation.audit import queries as audited
from project.foundation.audit.models import AuditEvent, AuditSeal
from project.foundation.audit.tests.factories import AuditEventFactory
from project.foundation.http.streaming import streamed
from project.foundation.jobs import runner
from project.foundation.jobs.models import Job, State
from project.foundation.jobs.tests.factories import JobFactory

from .conftest import inside
from .reading import elements

PAGE, CHECK, EXPORT = "/console/audit/", "/console/audit/check/", "/console/audit/export/"
REQUEST = "0123456789abcdef"


@pytest.fixture
def editor(db, patient):
    person = UserFactory(email="eve@dojang.example", display_name="Eve", locale="en", is_staff=True)
    accounts.grant_role(person=person, role=Role.EDITOR, by=None, now=NOW)
    return inside(person)


def shown(answer):
    assert answer.status_code == 200
    return [event.pk for event in answer.context["found"].items]


def links(html):
    return [attrs["href"] for tag, attrs in elements(html) if tag == "a"]


@pytest.mark.django_db
class TestWho:
    def test_a_stranger_is_asked_to_sign_in(self, client):
        for url in (PAGE, CHECK, EXPORT):
            for ask in (client.get, client.post):
                answer = ask(url)
                assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")

    def test_a_learner_is_refused(self, signed_in):
        for url in (PAGE, CHECK, EXPORT):
            assert signed_in.get(url).status_code == signed_in.post(url).status_code == 403

    def test_staff_without_a_second_step_are_led_to_it(self, client, otto):
        client.force_login(otto)
        for url, ask in ((PAGE, client.get), (CHECK, client.post), (EXPORT, client.post)):
            answer = ask(url)
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/totp/activate/")

    def test_an_operator_may_export_and_check_and_the_place_is_marked(self, operator):
        answer = operator.get(PAGE)
        assert CHECK in answer.text
        assert EXPORT in answer.text
        assert f'<a href="{PAGE}" aria-current="true">Audit</a>' in answer.text
        assert answer.text.count("<h1") == 1
        assert "noindex" in answer["X-Robots-Tag"]

    def test_an_analyst_may_export_and_not_check(self, analyst):
        answer = analyst.get(PAGE)
        assert EXPORT in answer.text
        assert CHECK not in answer.text
        assert analyst.post(EXPORT, {"form": "csv"}).status_code == 200
        assert analyst.post(CHECK).status_code == 403
        assert not Job.objects.exists()

    def test_an_editor_looks_and_no_more(self, editor):
        answer = editor.get(PAGE)
        assert answer.status_code == 200
        assert EXPORT not in answer.text
        assert CHECK not in answer.text
        assert editor.post(EXPORT, {"form": "csv"}).status_code == editor.post(CHECK).status_code == 403
        assert not AuditEvent.objects.filter(type__in=["audit.exported", "audit.check_asked_for"]).exists()
        assert not Job.objects.exists()

    def test_what_changes_something_is_not_done_by_a_link(self, operator):
        assert operator.get(CHECK).status_code == operator.get(EXPORT).status_code == 405


@pytest.mark.django_db
class TestTheList:
    @pytest.fixture
    def made(self, otto):
        """What everything is asked of, and a neighbour that differs in everything."""
        said = {"type": "edition.published", "object_type": "handbook.tuledition", "object_id": "won-hyo"}
        return (
            AuditEventFactory(**said, actor_id=otto.actor_id, request_id=REQUEST, at=NOW),
            AuditEventFactory(
                type="a.thing", object_type="a.thing", object_id="7", request_id="f" * 16, at=NOW - timedelta(days=9)
            ),
        )

    @pytest.mark.parametrize(
        "query",
        [
            "type=edition.published", "object_type=handbook.tuledition", "object_id=won-hyo", f"request_id={REQUEST}",
            "object_type=handbook.tuledition&object_id=won-hyo", "since=2026-11-21&until=2026-11-21",
            f"since=2026-11-21&type=edition.published&request_id={REQUEST}",
        ],
    )  # fmt: skip
    def test_each_filter_stands_in_the_address(self, operator, made, query):
        wanted, other = made
        found = shown(operator.get(f"{PAGE}?{query}"))
        assert wanted.pk in found
        assert other.pk not in found

    def test_a_day_is_one_of_the_readers(self, operator, otto):
        """Otto lives in Warsaw, an hour before UTC in November."""
        before, first, last, after = (
            AuditEventFactory(at=datetime(2026, 11, day, hour, 59 if hour == 22 else 0, tzinfo=UTC)).pk
            for day, hour in ((19, 22), (19, 23), (20, 22), (20, 23))
        )
        assert shown(operator.get(f"{PAGE}?since=2026-11-20&until=2026-11-20")) == [last, first]
        found = shown(operator.get(f"{PAGE}?since=2026-11-20"))
        assert after in found
        assert before not in found

    def test_a_person_is_found_by_their_address_which_does_not_stay_in_the_page_s_own(self, operator, made, otto):
        answer = operator.get(f"{PAGE}?actor=%20OTTO%40dojang.example&object_id=won-hyo&type=")
        assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?actor={otto.actor_id}&object_id=won-hyo")
        found = operator.get(answer["Location"])
        assert shown(found) == [made[0].pk]
        assert "What was done by Otto" in found.text
        assert "otto@" not in found.text.partition("<main")[2].partition("</main")[0]

    def test_a_person_who_is_gone_is_found_by_their_id(self, operator, made):
        found = operator.get(f"{PAGE}?actor={made[1].actor_id}")
        assert shown(found) == [made[1].pk]
        assert "somebody who is gone" in found.text

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("type=none", "There is no such choice. Pick one from the list."),
            ("object_type=none", "There is no such choice. Pick one from the list."),
            ("actor=nobody%40dojang.example", "Nobody signs in with this address."),
            ("actor=Otto", "This is neither an e-mail address nor the id of a person."),
            ("object_id=ada%40dojang.example", "An id has letters of the alphabet, digits and"),
            ("object_id=a%00b", "Null characters are not allowed."),
            ("actor=a%00b", "Null characters are not allowed."),
            ("request_id=a%20b", "An id has letters of the alphabet, digits and"),
            ("since=yesterday", "Write the day as 2026-11-21."),
            ("since=0001-01-01", "The trail does not reach so far."),
            ("until=9999-12-31", "The trail does not reach so far."),
            ("since=2026-11-21&until=2026-11-20", "This day is before the first one."),
            ("after=x", "Begin again with the newest."),
            ("after=WzEsMl0:abc", "Begin again with the newest."),
        ],
    )
    def test_a_filter_that_is_none_says_so(self, operator, query, sentence):
        answer = operator.get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "Show everything again" in answer.text

    def test_a_row_says_who_did_what_to_what_and_leads_on(self, operator, otto, ben):
        job = JobFactory()
        AuditEvent.objects.bulk_create(
            AuditEventFactory.build(**fields)
            for fields in (
                {"object_type": "jobs.job", "object_id": str(job.pk), "type": "job.canceled",
                 "actor_id": otto.actor_id},
                {"object_type": "accounts.user", "object_id": str(ben.actor_id), "type": "role.granted",
                 "actor_id": None, "request_id": REQUEST, "payload": {"role": "<b>", "hangul": "앞"}},
                {"object_type": "jobs.job", "object_id": "no id", "actor_id": uuid.uuid4()},
            )
        )  # fmt: skip
        answer = operator.get(PAGE)
        main = answer.text.partition("<main")[2]
        for words in ("job.canceled", "Otto", "Ben", "the system", "somebody who is gone", "&lt;b&gt;", "앞", "no id"):
            assert words in main, words
        there = links(main)
        for url in (
            f"/console/jobs/{job.pk}/", f"{PAGE}?object_type=jobs.job&object_id={job.pk}",
            f"{PAGE}?actor={otto.actor_id}", f"{PAGE}?request_id={REQUEST}", f"{PAGE}?type=role.granted",
        ):  # fmt: skip
            assert url in there, url
        followed = [url for url in there if url.startswith(f"{PAGE}?") and "no%20id" not in url]
        assert all(operator.get(url).status_code == 200 for url in followed)

    def test_pages_follow_one_another_without_a_gap(self, operator):
        made = [event.pk for event in AuditEventFactory.create_batch(60, type="a.thing")]
        first = operator.get(f"{PAGE}?type=a.thing")
        AuditEventFactory(type="a.thing")
        second = operator.get(first.context["older_url"])
        assert shown(first) + shown(second) == made[::-1]
        assert "Back to the newest" not in first.text
        assert second.context["newest_url"] == f"{PAGE}?type=a.thing"
        assert second.context["older_url"] == ""

    def test_nothing_there_says_so(self, operator):
        AuditEventFactory(type="a.thing", request_id="a" * 8)
        assert "Nothing like that has happened." in operator.get(f"{PAGE}?request_id=bbbbbbbb").text

    def test_it_costs_the_same_with_three_rows_and_with_fifty(self, operator, ben, otto, django_assert_num_queries):
        people = [otto.actor_id, ben.actor_id]
        for number in (2, 60):
            for actor in people:
                AuditEventFactory.create_batch(
                    number, actor_id=actor, object_type="accounts.user", object_id=str(actor)
                )
            with django_assert_num_queries(18):
                operator.get(PAGE)
            people = [UserFactory().actor_id for _ in range(5)]

    def test_what_there_is_to_choose_costs_by_the_choices_and_not_by_the_events(self, db, django_assert_num_queries):
        AuditEventFactory.create_batch(20, type="b.thing", object_type="b.thing")
        AuditEventFactory(type="a.thing", object_type="c.thing")
        with django_assert_num_queries(2):
            assert audited.types() == ["a.thing", "b.thing"]
            assert audited.object_types() == ["b.thing", "c.thing"]

    def test_an_empty_trail_offers_nothing_to_choose(self, db):
        assert audited.types() == audited.object_types() == []

    def test_the_clock_of_the_reader_may_jump_at_midnight(self, db, settings):
        """In Beirut clocks go from 23:59 to 1:00 in spring: that day begins all the same."""
        with timezone.override("Asia/Beirut"):
            form = TrailFilter({"since": "2026-03-29", "until": "2026-03-29"}, types=[], object_types=[])
            assert form.is_valid()
            wanted = form.wanted()
        assert wanted.until.astimezone(UTC) - wanted.since.astimezone(UTC) == timedelta(hours=23)


def exported(client, form="ndjson", **filter):
    answer = client.post(EXPORT, {"form": form, **filter})
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content).decode()


@pytest.mark.django_db
class TestExport:
    def test_ndjson_holds_each_event_of_the_filter_as_it_was_sealed(self, operator):
        made = AuditEventFactory.create_batch(3, type="a.thing", payload={"hangul": "앞", "text": "a\nb"})
        AuditEventFactory(type="b.thing")
        audit_seal = audit.rules.digests([audited.as_sealed(event) for event in AuditEvent.objects.order_by("id")])
        answer, text = exported(operator, type="a.thing")
        assert answer["Content-Type"] == "application/x-ndjson"
        assert answer["Cache-Control"] == "no-store"
        lines = text.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [event.pk for event in made[::-1]]
        assert json.loads(lines[0])["payload"] == {"hangul": "앞", "text": "a\nb"}
        assert all(hashlib.sha256(line.encode()).digest() in audit_seal for line in lines)

    def test_csv_has_a_head_and_a_row_for_each_event(self, operator, otto):
        event = AuditEventFactory(
            type="a.thing", actor_id=otto.actor_id, object_type="x.y", object_id="won-hyo", payload={"n": [1, '"']},
            request_id=REQUEST,
        )  # fmt: skip
        AuditEventFactory(type="a.thing", actor_id=None)
        answer, text = exported(operator, "csv", type="a.thing")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        without, row = csv.DictReader(io.StringIO(text, newline=""))
        assert without["actor_id"] == ""
        assert json.loads(row.pop("payload")) == {"n": [1, '"']}
        assert row.pop("recorded_at").endswith("+00:00")
        assert row == {
            "id": str(event.pk), "at": "2026-11-21T09:00:00.000000+00:00", "type": "a.thing",
            "actor_id": str(otto.actor_id), "object_type": "x.y", "object_id": "won-hyo", "request_id": REQUEST,
        }  # fmt: skip

    def test_nothing_in_csv_is_calculated(self, operator):
        for begins in "=+-@\t\r":
            AuditEventFactory(type="a.thing", object_id=f"{begins}cmd", object_type="x")
        _, text = exported(operator, "csv", type="a.thing")
        ids = [row["object_id"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        assert ids == [f"'{begins}cmd" for begins in "\r\t@-+="]

    @given(text=some.text())
    def test_no_text_at_all_is(self, text):
        cell = rules.cell(text)
        assert cell[:1] not in set("=+-@\t\r")
        assert cell.removeprefix("'") == text.removeprefix("'")

    def test_the_file_carries_the_day_of_the_reader(self, operator):
        answer, _ = exported(operator, "csv")
        with timezone.override("Europe/Warsaw"):
            day = timezone.localdate()
        assert answer["Content-Disposition"] == f'attachment; filename="audit-{day}.csv"'

    def test_it_stands_in_the_trail_itself_with_ids_and_no_address(self, operator, otto):
        AuditEventFactory(type="a.thing", actor_id=otto.actor_id)
        _, text = exported(
            operator, "csv", type="a.thing", actor="otto@dojang.example", since="2026-11-20", until="2026-11-21"
        )
        event = AuditEvent.objects.get(type="audit.exported")
        assert (event.object_type, event.object_id) == ("audit.auditevent", "trail")
        assert event.actor_id == otto.actor_id
        assert event.payload == {
            "form": "csv",
            "filter": {
                "type": "a.thing", "actor": str(otto.actor_id), "since": "2026-11-20 00:00:00+01:00",
                "until": "2026-11-22 00:00:00+01:00",
            },
        }  # fmt: skip
        assert str(event.pk) not in text.split(",")

    def test_it_holds_what_there_was_before_it(self, operator):
        answer = operator.post(EXPORT, {"form": "ndjson"})
        AuditEventFactory(type="too.late")
        types = [json.loads(line)["type"] for line in b"".join(answer.streaming_content).splitlines()]
        assert types
        assert not {"audit.exported", "too.late"} & set(types)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"form": "xls"}, "That cannot be done. Begin again from the list."),
            ({}, "That cannot be done. Begin again from the list."),
            ({"form": "csv", "type": "none"}, "There is no such choice. Pick one from the list."),
        ],
    )
    def test_a_form_or_filter_that_is_none_is_refused_and_nothing_is_recorded(self, operator, given, sentence):
        answer = operator.post(EXPORT, given)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert not AuditEvent.objects.filter(type="audit.exported").exists()

    def test_the_command_asks_for_the_role_itself(self, ben):
        with pytest.raises(RoleMissing):
            commands.export_trail(by=ben, wanted=Trail(), form="csv", now=NOW)
        assert not AuditEvent.objects.filter(type="audit.exported").exists()

    def test_the_system_may(self, db):
        AuditEventFactory(type="a.thing")
        assert len(list(commands.export_trail(by=None, wanted=Trail(), form="csv", now=NOW))) == 1

    @pytest.mark.parametrize("form", ["csv", "ndjson"])
    def test_a_piece_reads_what_it_holds_and_not_what_is_to_come(self, db, monkeypatch, form):
        read = []
        monkeypatch.setattr(lines, "AT_A_TIME", 5)
        events = AuditEventFactory.create_batch(20)
        _, written = lines.WAYS[form]
        pieces = written(read.append(event.pk) or event for event in events)
        if form == "csv":
            assert next(pieces).startswith(b"id,at,")
        assert next(pieces).count(b"\n") == len(read) == 5
        assert b"".join(pieces).count(b"\n") == 15


class TestStreaming:
    def test_behind_asgi_a_piece_is_made_when_it_is_asked_for(self):
        made = []
        pieces = (made.append(number) or b"%d" % number for number in takewhile(lambda n: n < 3, count()))
        answer = streamed(AsyncRequestFactory().get("/"), pieces, content_type="text/plain", filename="a.txt")

        async def read():
            return [(piece, list(made)) async for piece in answer]

        assert async_to_sync(read)() == [(b"0", [0]), (b"1", [0, 1]), (b"2", [0, 1, 2])]

    @pytest.mark.django_db(transaction=True)
    def test_a_whole_export_goes_through_the_house_that_way(self, operator, monkeypatch):
        monkeypatch.setattr(lines, "AT_A_TIME", 7)
        made = [event.pk for event in AuditEventFactory.create_batch(30, type="a.thing")]
        client = AsyncClient()
        client.cookies = operator.cookies

        async def read():
            answer = await client.post(EXPORT, {"form": "ndjson", "type": "a.thing"})
            assert (answer.status_code, answer.is_async) == (200, True)
            return [piece async for piece in answer]

        pieces = async_to_sync(read)()
        assert [piece.count(b"\n") for piece in pieces] == [7, 7, 7, 7, 2]
        assert [json.loads(line)["id"] for line in b"".join(pieces).splitlines()] == made[::-1]


@pytest.fixture
def sealed(transactional_db):
    """Two seals, over four events, and one event that waits."""
    for _ in range(2):
        AuditEventFactory.create_batch(2, type="a.thing")
        audit.seal(now=NOW)
    AuditEventFactory(type="a.thing")


def check(client: object) -> tuple[HttpResponse, Job]:
    """Press the button and let a worker do the job."""
    answer = client.post(CHECK)
    job = Job.objects.get(kind="audit.verify", state=State.QUEUED)
    assert (answer.status_code, answer["Location"]) == (303, f"/console/jobs/{job.pk}/")
    runner.work("default")
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED, job.error
    return answer, job


def all_sealed():
    return sum(AuditSeal.objects.values_list("count", flat=True))


def facts(html):
    return " ".join(html.partition('id="chain"')[2].partition("</details")[0].split())


@pytest.mark.django_db(transaction=True)
class TestTheChain:
    def test_without_a_seal_it_says_so(self, operator):
        assert "none yet" in facts(operator.get(PAGE).text)
        assert "never" in facts(operator.get(PAGE).text)

    def test_the_last_seal_and_what_is_sealed_and_waits(self, operator, sealed):
        seal = AuditSeal.objects.last()
        said = facts(operator.get(PAGE).text)
        assert "number 2, 2026-11-21 10:00:00" in said
        assert seal.hash in said
        waiting = AuditEvent.objects.filter(pk__gt=seal.last_event).count()
        assert f"{all_sealed()} sealed, {waiting} waiting" in said

    def test_a_check_says_that_everything_is_as_it_was(self, operator, otto, sealed, caplog):
        caplog.set_level("INFO")
        _, job = check(operator)
        assert job.result["is_good"] is True
        assert (job.result["number"], job.result["sealed"]) == (2, all_sealed())
        assert job.progress_text.startswith("seal ")
        assert (job.asked_by, job.why) == (otto.actor_id, "asked by hand")
        assert "audit checked is_good=True" in job.log
        event = AuditEvent.objects.get(type="audit.check_asked_for")
        assert (event.actor_id, event.object_id) == (otto.actor_id, str(job.pk))
        assert '"is_good"' in operator.get(f"/console/jobs/{job.pk}/").text.replace("&quot;", '"')
        said = facts(operator.get(PAGE).text)
        assert "everything is as it was sealed" in said
        assert f"/console/jobs/{job.pk}/" in said

    def test_after_a_check_only_what_was_sealed_since_is_counted_and_the_sum_is_the_same(self, operator, sealed):
        check(operator)
        audit.seal(now=NOW)
        chain = queries.chain()
        assert chain.sealed == all_sealed()
        assert chain.seal.number == 3

    def test_tampering_is_named_on_the_job_and_on_the_page(self, operator, sealed):
        event = AuditEvent.objects.filter(type="a.thing").order_by("id").first()
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute("SET LOCAL session_replication_role = replica")
            sql.execute("UPDATE audit_auditevent SET type = 'b.thing' WHERE id = %s", [event.pk])
        _, job = check(operator)
        assert job.result["is_good"] is False
        [finding] = job.result["findings"]
        assert (finding["seal"], finding["event"]) == (1, event.pk)
        assert "was changed after seal 1" in finding["what"]
        assert "audit differs" in job.log
        assert finding["what"] in job.log
        said = facts(operator.get(PAGE).text)
        assert "not as it was sealed" in said
        assert finding["what"] in said
        assert queries.chain().sealed == all_sealed()

    def test_many_findings_are_counted_beyond_fifty(self, operator, transactional_db):
        events = AuditEventFactory.create_batch(60, type="a.thing")
        audit.seal(now=NOW)
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute("SET LOCAL session_replication_role = replica")
            sql.execute("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [[event.pk for event in events]])
        _, job = check(operator)
        assert len(job.result["findings"]) == 50
        assert job.result["not_named"] == 10

    def test_progress_goes_up_seal_by_seal(self, sealed):
        told = []
        verdict = audited.verify(progress=lambda so_far: told.append((so_far.number, so_far.sealed)))
        assert told == [(1, told[0][1]), (2, verdict.sealed)]
        assert 0 < told[0][1] < verdict.sealed

    def test_asked_twice_it_is_one_job(self, operator, sealed):
        assert operator.post(CHECK)["Location"] == operator.post(CHECK)["Location"]
        assert Job.objects.filter(kind="audit.verify").count() == 1
        assert "waiting" in facts(operator.get(PAGE).text)

    def test_the_command_asks_for_the_role_itself(self, ann):
        with pytest.raises(RoleMissing):
            commands.check_trail(by=ann, now=NOW)
        assert not Job.objects.exists()
