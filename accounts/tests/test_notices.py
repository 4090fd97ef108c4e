"""Telling people: a notice in the hall, a letter from it, what somebody has switched off, and the way out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email import policy as policies
from smtplib import SMTPRecipientsRefused
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import commands, queries, telling, webpush
from accounts.models import BeltAward, DataExport, Grading, Notice, NoticePreference, OutgoingMail, User
from accounts.queries.notices import KINDS
from accounts.rules.telling import ways
from project.foundation.audit import queries as audit
from project.foundation.jobs.models import Job, State
from tests.programs import eventually

from .clubs import a_club, joined
from .telling import way_out, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def club(ada):
    return a_club(ada)


@pytest.fixture
def tell(ben, club):
    """Tells ben, and does what follows."""

    def told(kind="club_role_changed", person=ben, key="", **facts):
        facts = facts or {"club": str(club.pk), "role": "coach"}
        notice = commands.tell(person=person, kind=kind, facts=facts, now=timezone.now(), key=key)
        assert work_off() == []
        return notice

    return told


def facts_of(kind, ben, club):
    """Of every kind, what its teller says."""
    now = timezone.now()
    match kind:
        case "club_joined":
            return {"club": str(club.pk), "member": str(ben.actor_id)}
        case "club_role_changed":
            return {"club": str(club.pk), "role": "coach"}
        case "belt_awarded":
            award = BeltAward.objects.create(
                person=ben, belt=7, awarded_on=date(2026, 11, 20), awarded_by=uuid4(), code="0123456789ABCDEF",
                created_at=now,
            )  # fmt: skip
            return {"award": str(award.pk)}
        case "grading_planned":
            grading = Grading.objects.create(
                club=club, club_name="Hwarang", held_on=date(2027, 3, 1), place="Hall 2", created_by=uuid4(),
                created_at=now,
            )  # fmt: skip
            return {"grading": str(grading.pk)}
        case "subscription_ends" | "payment_failed":
            return {"plan": "pro", "until": "2026-12-24T10:00:00+00:00"}
        case "data_export_ready":
            export = DataExport.objects.create(
                person=ben, asked_at=now, ready_at=now, expires_at=now + timedelta(days=7), file="a.zip", size=1
            )
            return {"export": str(export.pk)}
        case "new_sign_in" | "token_reused":
            return {}
        case _:
            return {"club": str(club.pk)}


class TestALetter:
    def test_it_speaks_the_language_of_its_reader_and_leads_to_what_it_is_about(self, tell, ben, club, mailoutbox):
        tell()
        (letter,) = mailoutbox
        assert (letter.to, letter.subject) == (["ben@dojang.example"], "Your role in Hwarang has changed")
        assert "Your role in Hwarang is now: coach." in letter.body
        assert f"/clubs/{club.pk}/\n" in letter.body
        assert OutgoingMail.objects.count() == 0

    def test_a_day_is_written_as_its_reader_writes_days(self, ben, cleo, club, mailoutbox, tell):
        tell("grading_planned", **facts_of("grading_planned", ben, club))
        tell("grading_planned", person=cleo, **facts_of("grading_planned", cleo, club))
        assert [("March 1, 2027" in each.body, "2027년 3월 1일" in each.body) for each in mailoutbox] == [
            (True, False), (False, True),
        ]  # fmt: skip

    def test_names_stand_in_it_as_they_are_and_never_break_its_head(self, ada, ben, mailoutbox, tell):
        club = a_club(ada, name="Kim & <b>Sons</b>\nBcc: all@dojang.example")
        tell("club_transferred", club=str(club.pk))
        (letter,) = mailoutbox
        assert letter.subject == "Kim & <b>Sons</b> Bcc: all@dojang.example is now your club"
        assert "owner of Kim & <b>Sons</b>" in letter.body
        assert letter.message()["Bcc"] is None

    def test_sent_twice_it_is_the_same_letter(self, mailoutbox):
        """Whoever dies after the mail server's word sends it again."""
        copy = OutgoingMail.objects.create(to="ben@dojang.example", subject="", text="Once.", created_at=timezone.now())
        commands.send_mail(letter_id=copy.pk)
        copy.save(force_insert=True)
        commands.send_mail(letter_id=copy.pk)
        first, second = (letter.message()["Message-ID"] for letter in mailoutbox)
        assert first == second == f"<{copy.pk}@localhost>"

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("language", ["en", "pl", "ko"])
    def test_every_kind_has_all_its_words(self, kind, language, ben, club, mailoutbox, tell, client):
        User.objects.filter(pk=ben.pk).update(locale=language)
        ben.refresh_from_db()
        tell(kind, **facts_of(kind, ben, club))
        (letter,) = mailoutbox
        for said in (letter.subject, letter.body):
            assert said.strip()
            assert not any(trace in said for trace in ("{{", "{%", "None", "()"))
        client.force_login(ben)
        assert "no longer there" not in client.get("/notices/").text

    @pytest.mark.parametrize("kind", [kind for kind, (_, path) in KINDS.items() if path])
    def test_every_kind_leads_to_a_page_that_there_is(self, kind, ben, club):
        path = telling.kind(kind).leads_to(facts_of(kind, ben, club))
        try:
            assert resolve(path).namespaces == []  # a page of accounts, not one of the handbook that is called alike
        except Resolver404:
            pytest.fail(f"{kind} leads to {path}, which is nowhere")

    def test_what_it_was_about_is_gone_before_it_is_written(self, ben, mailoutbox, client, tell):
        tell(club=str(uuid4()), role="coach")
        assert mailoutbox == []
        client.force_login(ben)
        assert "What this was about is no longer there." in client.get("/notices/").text

    @pytest.mark.parametrize("fact", ["award", "export"])
    def test_nobody_is_told_of_what_belongs_to_another(self, fact, ben, cleo, club, mailoutbox, tell):
        kind = {"award": "belt_awarded", "export": "data_export_ready"}[fact]
        tell(kind, person=cleo, **facts_of(kind, ben, club))
        assert mailoutbox == []

    def test_a_grading_that_was_called_off(self, ben, club, mailoutbox, tell):
        facts = facts_of("grading_planned", ben, club)
        Grading.objects.update(canceled_at=timezone.now())
        tell("grading_planned", **facts)
        assert mailoutbox[0].subject == "The grading on March 1, 2027 is called off"

    def test_an_account_that_is_switched_off_gets_none(self, tell, ben, mailoutbox):
        User.objects.filter(pk=ben.pk).update(is_active=False)
        tell()
        assert mailoutbox == []


class TestDelivering:
    def test_a_job_that_runs_twice_writes_once(self, tell, mailoutbox):
        notice = tell()
        commands.deliver_notice(notice_id=notice.pk, now=timezone.now())
        assert OutgoingMail.objects.count() == 0
        assert len(mailoutbox) == 1

    def test_a_notice_that_is_gone_is_nothing_to_worry_about(self):
        commands.deliver_notice(notice_id=uuid4(), now=timezone.now())

    @pytest.mark.django_db(transaction=True)
    def test_eight_workers_at_once_write_one_letter(self, ben, club):
        notice = Notice.objects.create(
            person=ben, kind="club_removed", facts={"club": str(club.pk)}, created_at=timezone.now()
        )
        at_once(8, lambda: commands.deliver_notice(notice_id=notice.pk, now=timezone.now()))
        assert OutgoingMail.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_nobody_is_written_to_whose_account_is_just_being_deleted(self, ben, club):
        """The letter waits for the person, and then there is none."""
        facts = {"club": str(club.pk)}
        notice = Notice.objects.create(person=ben, kind="club_removed", facts=facts, created_at=timezone.now())
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                User.objects.select_for_update().get(pk=ben.pk)
                delivering = pool.submit(alone, commands.deliver_notice, notice_id=notice.pk, now=timezone.now())
                eventually(somebody_waits, what="nobody waits for the lock")
                assert not delivering.done()
                Notice.objects.all().delete()
                ben.delete()
            delivering.result(10)
        assert OutgoingMail.objects.count() == 0

    def test_what_is_said_with_a_key_is_said_once(self, tell):
        assert tell(key="once") is not None
        assert tell(key="once") is None
        assert Notice.objects.count() == 1
        assert tell(key="again") is not None

    @pytest.mark.django_db(transaction=True)
    def test_said_eight_times_at_once_with_a_key(self, ben, club):
        facts = {"club": str(club.pk)}
        told = at_once(
            8, lambda: commands.tell(person=ben, kind="club_removed", facts=facts, now=timezone.now(), key="once")
        )
        assert sum(notice is not None for notice in told) == 1
        assert Job.objects.filter(kind="accounts.deliver_notice").count() == Notice.objects.count() == 1

    def test_nobody_can_tell_a_kind_that_is_not_registered(self, ben, now):
        with pytest.raises(LookupError):
            commands.tell(person=ben, kind="gossip", facts={}, now=now)
        assert Notice.objects.count() == 0

    def test_a_notice_of_a_kind_that_this_hall_no_longer_knows(self, ben, client):
        notice = Notice.objects.create(person=ben, kind="gossip", created_at=timezone.now())
        commands.deliver_notice(notice_id=notice.pk, now=timezone.now())
        client.force_login(ben)
        assert "What this was about is no longer there." in client.get("/notices/").text

    def test_arguments_of_jobs_name_nobody(self, tell, ben):
        tell()
        said = repr(list(Job.objects.values_list("arguments", "log", "error", "why")))
        assert not any(word in said for word in ("Ben", "ben@", "Hwarang"))


def alone(act, **said):
    """In a thread of its own, which leaves no connection behind."""
    try:
        return act(**said)
    finally:
        connections.close_all()


def somebody_waits():
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return sql.fetchone()[0]


def at_once(times, act):
    """In so many transactions that begin together."""
    barrier = Barrier(times)

    def one(_):
        barrier.wait(10)
        return alone(act)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


class Sulking(EmailBackend):
    """A mail server that refuses as often as `refusals` says, with the words of a real one."""

    refusals = 0

    def send_messages(self, messages):
        if Sulking.refusals:
            Sulking.refusals -= 1
            raise SMTPRecipientsRefused({"ben@dojang.example": (450, b"try later, ben@dojang.example")})
        return super().send_messages(messages)


class TestAMailServerThatFails:
    @pytest.fixture
    def _sulking(self, settings, monkeypatch):
        monkeypatch.setattr(Sulking, "refusals", 1)
        settings.MAILERS = {"default": {"BACKEND": "accounts.tests.test_notices.Sulking"}}

    @pytest.mark.usefixtures("_sulking")
    def test_the_letter_waits_and_goes_out_later(self, ben, club, mailoutbox):
        facts = {"club": str(club.pk)}
        commands.tell(person=ben, kind="club_removed", facts=facts, now=timezone.now())
        (waiting,) = work_off()
        assert (waiting.kind, waiting.failures) == ("accounts.send_mail", 1)
        assert waiting.due_at > timezone.now()
        assert OutgoingMail.objects.count() == 1
        Job.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
        assert work_off() == []
        assert OutgoingMail.objects.count() == 0
        assert Job.objects.get(pk=waiting.pk).state == State.SUCCEEDED

    @pytest.mark.usefixtures("_sulking")
    def test_what_the_server_says_about_people_is_written_down_nowhere(self, ben, club):
        commands.tell(person=ben, kind="club_removed", facts={"club": str(club.pk)}, now=timezone.now())
        (waiting,) = work_off()
        assert "SMTPRecipientsRefused" in waiting.error
        assert "ben@" not in waiting.error + waiting.log


class TestWays:
    @pytest.mark.parametrize(
        ("must", "says", "has_address", "has_devices", "expected"),
        [
            (False, {}, True, True, {"mail", "push"}),
            (False, {}, True, False, {"mail"}),
            (False, {}, False, True, {"push"}),
            (False, {}, False, False, set()),
            (False, {"mail": False}, True, True, {"push"}),
            (False, {"push": False}, True, True, {"mail"}),
            (False, {"mail": False, "push": False}, True, True, set()),
            (True, {"mail": False, "push": False}, True, True, {"mail"}),
            (True, {"mail": False}, False, True, {"push"}),
            (True, {"mail": True, "push": True}, False, False, set()),
        ],
    )
    def test_by_which_ways_somebody_is_told(self, must, says, has_address, has_devices, expected):
        assert ways(must=must, says=says, has_address=has_address, has_devices=has_devices) == expected


def switch(person, topic, channel, *, is_on=False):
    commands.set_preferences(person=person, wanted={(topic, channel): is_on}, now=timezone.now(), by=person.actor_id)


class TestPreferences:
    def test_no_letter_about_a_topic_that_is_switched_off(self, tell, ben, mailoutbox):
        switch(ben, "club", "mail")
        tell()
        assert mailoutbox == []
        switch(ben, "club", "mail", is_on=True)
        tell()
        assert len(mailoutbox) == 1

    def test_letters_about_other_topics_go_on(self, tell, ben, club, mailoutbox):
        switch(ben, "club", "mail")
        tell("grading_planned", **facts_of("grading_planned", ben, club))
        assert len(mailoutbox) == 1

    @pytest.mark.parametrize("kind", ["payment_failed", "new_sign_in", "token_reused", "data_export_ready"])
    def test_money_and_safety_come_by_mail_whatever_is_switched_off(self, kind, tell, ben, club, mailoutbox):
        switch(ben, telling.kind(kind).topic, "mail")
        tell(kind, **facts_of(kind, ben, club))
        (letter,) = mailoutbox
        assert "List-Unsubscribe" not in letter.extra_headers
        assert "/account/unsubscribe/" not in letter.body

    def test_the_page_shows_and_keeps_what_is_ticked(self, signed_in, ben, settings):
        settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = webpush.fresh_pair()[0], "mailto:hall@dojang.example"
        page = signed_in.get("/notices/preferences/")
        topics = [each.topic.name for each in page.context["switches"]]
        assert topics[-4:] == ["club", "belts", "plan", "safety"]  # after those of other apps
        ticked = page.text.partition("<main")[2].partition("</main>")[0].count("checked")
        assert ticked == 2 * len(topics) - 1  # safety always comes by mail
        answer = signed_in.post("/notices/preferences/", {"mail": ["belts"], "push": ["club", "safety"]})
        assert (answer.status_code, answer.url) == (303, "/notices/preferences/")
        shown = {each.topic.name: (each.mail, each.push) for each in queries.switches_of(person=ben)}
        assert {name: shown[name] for name in topics[-4:]} == {
            "club": (False, True), "belts": (True, False), "plan": (False, False), "safety": (True, True),
        }  # fmt: skip

    def test_pushes_that_the_hall_cannot_send_are_no_choice_and_stay_as_they_were(self, signed_in, ben):
        page = signed_in.get("/notices/preferences/").text
        assert page.count("disabled>") == len(telling.topics())
        assert "pushes are not set up in this hall" in page
        switch(ben, "club", "push")
        signed_in.post("/notices/preferences/", {"mail": ["belts"]})
        pushes = {each.topic.name: each.push for each in queries.switches_of(person=ben)}
        assert [name for name, is_on in pushes.items() if not is_on] == ["club"]

    @pytest.mark.parametrize("wrong", [{"mail": ["gossip"]}, {"mail": ["safety"]}, {"push": ["", "club"]}])
    def test_what_has_no_switch_cannot_be_switched(self, signed_in, wrong):
        assert signed_in.post("/notices/preferences/", wrong).status_code == 422
        assert NoticePreference.objects.count() == 0

    def test_the_trail_says_what_was_switched_and_by_whom(self, ben):
        switch(ben, "club", "mail")
        switch(ben, "club", "mail")
        (event,) = audit.events_of(ben, object_id=str(ben.actor_id))
        assert (event.type, event.actor_id) == ("preferences.changed", ben.actor_id)
        assert event.payload == {"club mail": False}

    def test_unknown_topics_and_channels(self, ben, now):
        with pytest.raises(LookupError):
            switch(ben, "gossip", "mail")
        with pytest.raises(ValueError):
            switch(ben, "club", "pigeon")

    def test_strangers_are_asked_to_sign_in(self, client):
        for path in ("/notices/", "/notices/preferences/"):
            assert client.get(path).status_code == 302


class TestTheWayOut:
    @pytest.fixture
    def letter(self, tell, mailoutbox):
        tell()
        return mailoutbox.pop()

    @pytest.fixture
    def program(self):
        """A mail program: it has no cookies and has been to no page."""
        return Client(enforce_csrf_checks=True)

    def is_told(self, ben, mailoutbox, tell):
        tell()
        return len(mailoutbox) == 1

    def test_a_letter_carries_it_in_its_head_and_at_its_end(self, letter):
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert way_out(letter) in letter.body

    def test_on_its_way_it_is_in_the_head_in_one_piece(self, letter):
        lines = letter.message(policy=policies.SMTP).as_bytes().splitlines()
        assert f"List-Unsubscribe: {letter.extra_headers['List-Unsubscribe']}".encode() in lines
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines

    def test_one_click_of_a_mail_program_is_enough(self, letter, program, ben, mailoutbox, tell):
        answer = program.post(way_out(letter), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200  # a redirect would be followed by few of them (RFC 8058, 3.1)
        assert not self.is_told(ben, mailoutbox, tell)
        (event,) = audit.events_of(ben, object_id=str(ben.actor_id))
        assert event.actor_id is None

    def test_whoever_only_looks_at_the_link_changes_nothing(self, letter, program, ben, mailoutbox, tell):
        page = program.get(way_out(letter))
        assert (page.status_code, page["X-Robots-Tag"], page["Referrer-Policy"]) == (200, "noindex", "no-referrer")
        assert "Shall the hall send no more of them?" in page.text
        assert program.head(way_out(letter)).status_code == 200
        assert self.is_told(ben, mailoutbox, tell)

    def test_the_button_on_the_page(self, letter, program, ben, mailoutbox, tell):
        answer = program.post(way_out(letter))
        assert (answer.status_code, answer.url) == (303, way_out(letter))
        assert "No more letters about" in program.get(way_out(letter)).text
        assert not self.is_told(ben, mailoutbox, tell)

    def test_twice_is_once(self, letter, program, ben):
        for _ in range(2):
            program.post(way_out(letter), {"List-Unsubscribe": "One-Click"})
        assert NoticePreference.objects.count() == 1

    def test_it_is_for_one_topic_and_one_person(self, letter, program, ben, cleo, club, mailoutbox, tell):
        program.post(way_out(letter), {"List-Unsubscribe": "One-Click"})
        tell(person=cleo)
        tell("grading_planned", **facts_of("grading_planned", ben, club))
        assert [each.to for each in mailoutbox] == [["cleo@dojang.example"], ["ben@dojang.example"]]

    def test_it_signs_nobody_in(self, letter, program):
        program.post(way_out(letter))
        assert program.get("/notices/").status_code == 302

    @pytest.mark.parametrize("spoil", [lambda path: path[:-4] + "AAA/", lambda path: path.replace("e", "f", 9)])
    def test_a_link_that_nobody_has_signed(self, letter, program, spoil):
        for ask in (program.get, program.post):
            assert ask(spoil(way_out(letter))).status_code == 404
        assert NoticePreference.objects.count() == 0

    def test_the_reader_has_left(self, letter, program, ben):
        ben.delete()
        assert program.post(way_out(letter), {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert "No more letters about" in program.get(way_out(letter)).text

    def test_the_log_does_not_keep_the_link(self, letter, program, capsys, caplog):
        program.get(way_out(letter))
        token = way_out(letter).split("/")[-2]
        assert token not in capsys.readouterr().out + caplog.text


class TestTheList:
    def test_newest_first_with_a_mark_on_what_is_unread(self, tell, signed_in, club):
        tell("club_removed", club=str(club.pk))
        tell("club_transferred", club=str(club.pk))
        text = signed_in.get("/notices/").text
        assert text.index("You are now the owner of Hwarang") < text.index("You no longer belong to Hwarang")
        assert text.count("unread") == 2

    def test_what_came_while_somebody_read_stays_unread(self, tell, signed_in):
        seen = tell()
        until = signed_in.get("/notices/").context["until"]
        newer = tell()
        assert signed_in.post("/notices/read/", {"until": until}).status_code == 303
        read = dict(Notice.objects.values_list("pk", "read_at"))
        assert read[seen.pk] is not None
        assert read[newer.pk] is None

    @pytest.mark.parametrize("until", ["", "yesterday"])
    def test_without_an_instant_nothing_is_read(self, tell, signed_in, until):
        tell()
        assert signed_in.post("/notices/read/", {"until": until}).status_code == 303
        assert Notice.objects.filter(read_at=None).count() == 1

    def test_others_notices_are_neither_shown_nor_read(self, tell, client, cleo):
        notice = tell()
        client.force_login(cleo)
        assert client.get("/notices/").context["told"] == []
        client.post("/notices/read/", {"until": timezone.now().isoformat()})
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_names_are_escaped_there(self, ada, tell, signed_in):
        tell("club_transferred", club=str(a_club(ada, name="Kim & <b>Sons</b>").pk))
        assert "Kim &amp; &lt;b&gt;Sons&lt;/b&gt;" in signed_in.get("/notices/").text

    def test_the_owner_reads_who_joined_until_they_have_left(self, ada, ben, club, client):
        joined(club, ben)
        facts = {"club": str(club.pk), "member": str(ben.actor_id)}
        commands.tell(person=ada, kind="club_joined", facts=facts, now=timezone.now())
        client.force_login(ada)
        assert "Ben" in client.get("/notices/").text.partition("<main")[2]
        ben.memberships.all().delete()
        ben.delete()
        page = client.get("/notices/").text.partition("<main")[2]
        assert "Ben" not in page

    def test_pages_follow_one_another(self, ben, club, signed_in, now):
        for minute in range(31):
            Notice.objects.create(
                person=ben,
                kind="club_removed",
                facts={"club": str(club.pk)},
                created_at=now + timedelta(minutes=minute),
            )
        first = signed_in.get("/notices/")
        second = signed_in.get(first.context["older_url"])
        assert (len(first.context["told"]), len(second.context["told"])) == (30, 1)
        assert second.context["older_url"] == ""
        assert signed_in.get("/notices/?after=nonsense").status_code == 422

    @pytest.mark.parametrize("each", [1, 8])
    def test_it_asks_as_often_for_few_as_for_many(self, each, ada, ben, signed_in, now, django_assert_num_queries):
        clubs = [a_club(ada, name=f"Club {n}") for n in range(each)]
        for club in clubs:
            for kind in ("club_removed", "club_joined", "grading_planned"):
                facts = facts_of(kind, ben, club)
                Notice.objects.create(person=ben, kind=kind, facts=facts, created_at=now)
        signed_in.get("/notices/")
        with django_assert_num_queries(5):  # person, notices; clubs, gradings, members
            signed_in.get("/notices/")

    def test_old_ones_are_forgotten(self, ben, now):
        for days, letter_days in ((364, 29), (366, 31)):
            Notice.objects.create(person=ben, kind="club_removed", created_at=now - timedelta(days))
            OutgoingMail.objects.create(to="", subject="", text="", created_at=now - timedelta(letter_days))
        assert commands.forget_told(now=now) == 2
        assert Notice.objects.get().created_at == now - timedelta(days=364)
        assert OutgoingMail.objects.get().created_at == now - timedelta(days=29)


class TestTheDatabase:
    """What it refuses on its own."""

    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("UPDATE accounts_notice SET kind = ''", "notice_has_a_kind"),
            (
                "INSERT INTO accounts_notice (id, person_id, kind, facts, key, created_at)"
                " SELECT gen_random_uuid(), person_id, kind, facts, key, created_at FROM accounts_notice",
                "one_notice_per_key",
            ),
            ("UPDATE accounts_noticepreference SET channel = 'dove'", "notice_channel_is_known"),
            (
                "INSERT INTO accounts_noticepreference (person_id, topic, channel, is_on)"
                " SELECT person_id, topic, channel, true FROM accounts_noticepreference",
                "one_preference_per_channel",
            ),
        ],
    )
    def test_it_keeps_the_rules(self, tell, ben, statement, constraint):
        tell(key="once")
        switch(ben, "club", "mail")
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as sql:
            sql.execute(statement)
