"""Taking a copy of everything with me."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts import commands, queries, tasks
from accounts.models import DataExport, Notice, User
from accounts.tests.factories import UserFactory
from accounts.tests.personal_factories import rows_everywhere
from project.foundation import privacy
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


def files():
    return default_storage.listdir("exports")[1] if default_storage.exists("exports") else []


def made(person, now):
    export = commands.ask_for_data(person=person, now=now)
    commands.make_data_export(export_id=export.pk, now=now)
    export.refresh_from_db()
    return export


def archive_of(export):
    with default_storage.open(export.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


class TestTheFile:
    def test_it_holds_every_part_as_json_and_as_csv(self, ben, now):
        rows_everywhere(ben, now=now, address="ben@dojang.example")
        DataExport.objects.all().delete()
        export = commands.ask_for_data(person=ben, now=now)
        expected = privacy.export(ben)
        commands.make_data_export(export_id=export.pk, now=now)
        export.refresh_from_db()
        archive = archive_of(export)
        assert archive.testzip() is None
        assert json.loads(archive.read("data.json")) == expected
        assert set(archive.namelist()) == {"README.txt", "data.json"} | {f"{part.name}.csv" for part in privacy.parts()}
        for name, rows in expected.items():
            table = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))
            assert len(table) == len(rows), name
        [profile] = csv.DictReader(io.StringIO(archive.read("accounts.profile.csv").decode(), newline=""))
        assert profile["email"] == "ben@dojang.example"
        assert [name for name, rows in expected.items() if not rows and not name.startswith("practice.")] == [
            "handbook.training_plans", "accounts.admin_log", "accounts.sessions", "accounts.roles",
            "accounts.second_steps", "accounts.pupil",
        ], "everything else has a row, or this test would compare nothing with nothing"  # fmt: skip

    @pytest.mark.parametrize(
        ("locale", "said"), [("en", "Your data from Dojang"), ("ko", "내 데이터"), ("pl", "Twoje dane z Dojang")]
    )
    def test_the_readme_speaks_to_whoever_reads_it(self, ben, now, locale, said):
        ben.locale = locale
        ben.save()
        text = archive_of(made(ben, now)).read("README.txt").decode()
        assert "accounts.profile.csv" in text
        assert "&" not in text, "nothing is escaped for a browser"
        assert said in text.partition("\n")[0]

    @pytest.mark.parametrize("typed", ["=1+1", "+48", "-1", "@sum", "\tx"])
    def test_a_spreadsheet_calculates_nothing(self, ben, now, typed):
        User.objects.filter(pk=ben.pk).update(display_name=typed)
        archive = archive_of(made(ben, now))
        [profile] = csv.DictReader(io.StringIO(archive.read("accounts.profile.csv").decode(), newline=""))
        assert profile["display_name"] == f"'{typed}"
        assert json.loads(archive.read("data.json"))["accounts.profile"][0]["display_name"] == typed

    def test_its_name_in_the_storage_tells_nothing_and_cannot_be_guessed(self, ben, cleo, now):
        names = {made(person, now).file for person in (ben, cleo)}
        assert len(names) == 2
        assert all(len(name.removeprefix("exports/").removesuffix(".zip")) == 32 for name in names)


class TestAsking:
    def test_a_job_makes_it_and_a_notice_says_that_it_is_ready(self, ben, now):
        export = commands.ask_for_data(person=ben, now=now)
        job = Job.objects.get(kind="accounts.export_data")
        assert (job.arguments, job.asked_by) == ({"export": str(export.pk)}, ben.actor_id)
        tasks.export_data(None, **job.arguments)
        export.refresh_from_db()
        assert export.expires_at - export.ready_at == timedelta(days=7)
        notice = Notice.objects.get(person=ben)
        assert (notice.kind, notice.facts) == ("data_export_ready", {"export": str(export.pk)})
        assert default_storage.size(export.file) == export.size > 500

    def test_asking_twice_gives_the_one_under_way(self, ben, now):
        first = commands.ask_for_data(person=ben, now=now)
        assert commands.ask_for_data(person=ben, now=now + timedelta(hours=1)) == first
        assert Job.objects.filter(kind="accounts.export_data").count() == 1
        assert AuditEvent.objects.filter(type="data_export.asked").count() == 1

    def test_after_a_job_that_failed_asking_again_gives_it_a_new_one(self, ben, now):
        first = commands.ask_for_data(person=ben, now=now)
        Job.objects.filter(kind="accounts.export_data").update(state="failed", error="storage", ended_at=now)
        assert commands.ask_for_data(person=ben, now=now) == first
        assert Job.objects.filter(kind="accounts.export_data", state="queued").count() == 1

    def test_the_job_may_come_twice(self, ben, now):
        export = made(ben, now)
        commands.make_data_export(export_id=export.pk, now=now + timedelta(hours=1))
        again = DataExport.objects.get()
        assert (again.file, again.ready_at) == (export.file, export.ready_at)
        assert len(files()) == Notice.objects.count() == 1

    def test_a_new_copy_takes_the_place_of_the_one_before(self, ben, now, django_capture_on_commit_callbacks):
        old = made(ben, now)
        with django_capture_on_commit_callbacks(execute=True):
            new = made(ben, now + timedelta(days=1))
        assert list(DataExport.objects.all()) == [new]
        assert new.file != old.file
        assert [f"exports/{name}" for name in files()] == [new.file]

    def test_a_copy_of_somebody_who_left_meanwhile_leaves_no_file(self, ben, now, monkeypatch):
        export = commands.ask_for_data(person=ben, now=now)
        save = FileSystemStorage.save

        def save_late(storage, name, content):
            DataExport.objects.all().delete()
            return save(storage, name, content)

        monkeypatch.setattr(FileSystemStorage, "save", save_late)
        commands.make_data_export(export_id=export.pk, now=now)
        assert files() == []
        assert not Notice.objects.exists()

    def test_a_failure_while_it_is_kept_leaves_no_file_and_the_next_try_makes_it(self, ben, now, monkeypatch):
        export = commands.ask_for_data(person=ben, now=now)
        monkeypatch.setattr("accounts.commands.personal.tell", _fail)
        with pytest.raises(RuntimeError):
            commands.make_data_export(export_id=export.pk, now=now)
        assert files() == []
        monkeypatch.undo()
        commands.make_data_export(export_id=export.pk, now=now)
        assert len(files()) == 1


def _fail(**said):
    raise RuntimeError("cannot")


class TestForgetting:
    def test_what_is_over_goes_with_its_file_and_what_is_not_stays(self, ben, cleo, now):
        made(ben, now - timedelta(days=7))
        kept = made(cleo, now - timedelta(days=6))
        assert commands.forget_exports(now=now) == 1
        assert list(DataExport.objects.all()) == [kept]
        assert [f"exports/{name}" for name in files()] == [kept.file]

    def test_one_that_was_never_made_makes_room_after_a_day(self, ben, cleo, now):
        commands.ask_for_data(person=ben, now=now - timedelta(days=1, seconds=1))
        young = commands.ask_for_data(person=cleo, now=now - timedelta(hours=23))
        commands.forget_exports(now=now)
        assert list(DataExport.objects.all()) == [young]

    def test_a_file_that_belongs_to_nobody_is_found_but_not_one_that_has_just_been_made(self, ben):
        now = timezone.now()
        kept = made(ben, now)
        default_storage.save("exports/loose.zip", ContentFile(b"x"))
        assert commands.forget_exports(now=now + timedelta(minutes=30)) == 0
        assert commands.forget_exports(now=now + timedelta(minutes=70)) == 1
        assert [f"exports/{name}" for name in files()] == [kept.file]

    def test_nothing_to_do_is_no_failure(self, now, db):
        assert tasks.forget_exports(None) == 0

    def test_erasing_a_person_takes_their_file_away_when_that_is_certain(
        self, ben, now, django_capture_on_commit_callbacks
    ):
        made(ben, now)
        with django_capture_on_commit_callbacks() as afterwards:
            privacy.erase(ben, now=now)
        assert len(files()) == 1, "the transaction could still fail"
        for each in afterwards:
            each()
        assert files() == []


class TestPages:
    def test_i_ask_for_it_wait_and_take_it(self, signed_in, ben):
        page = signed_in.get("/profile/data/")
        assert page.status_code == 200
        assert "There is no copy yet." in page.text
        answer = signed_in.post("/profile/data/")
        assert (answer.status_code, answer.url) == (303, "/profile/data/")
        assert "Being made" in signed_in.get("/profile/data/").text
        export = DataExport.objects.get()
        early = signed_in.get(f"/profile/data/{export.pk}/")
        assert (early.status_code, early.url) == (303, "/profile/data/")
        commands.make_data_export(export_id=export.pk, now=timezone.now())
        assert f'href="/profile/data/{export.pk}/"' in signed_in.get("/profile/data/").text
        file = signed_in.get(f"/profile/data/{export.pk}/")
        assert file["Cache-Control"] == "private, no-store"
        assert file["Content-Disposition"].startswith('attachment; filename="dojang-')
        content = b"".join(file.streaming_content)
        assert int(file["Content-Length"]) == len(content)
        assert "data.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert AuditEvent.objects.filter(type="data_export.fetched", actor_id=ben.actor_id).count() == 1

    def test_the_piece_that_htmx_asks_for_stops_asking_when_the_copy_is_ready(self, signed_in, ben, now):
        export = commands.ask_for_data(person=ben, now=timezone.now())
        piece = signed_in.get("/profile/data/", headers={"HX-Request": "true"})
        assert 'hx-trigger="every' in piece.text
        assert "<html" not in piece.text
        commands.make_data_export(export_id=export.pk, now=timezone.now())
        assert 'hx-trigger="every' not in signed_in.get("/profile/data/", headers={"HX-Request": "true"}).text

    def test_for_everybody_else_there_is_no_such_file(self, ben, cleo, otto, client):
        export = made(ben, timezone.now())
        path = f"/profile/data/{export.pk}/"
        assert client.get(path).status_code == 302
        for other in (cleo, otto):
            client.force_login(other)
            assert client.get(path).status_code == 404
            assert str(export.pk) not in client.get("/profile/data/").text

    def test_after_a_week_there_is_none(self, signed_in, ben):
        export = made(ben, timezone.now() - timedelta(days=7))
        assert signed_in.get(f"/profile/data/{export.pk}/").status_code == 404

    def test_a_file_that_was_lost_leads_back_to_the_page(self, signed_in, ben):
        export = made(ben, timezone.now())
        default_storage.delete(export.file)
        assert signed_in.get(f"/profile/data/{export.pk}/").status_code == 303

    def test_asking_needs_the_csrf_token(self, ben):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ben)
        assert client.post("/profile/data/").status_code == 403
        assert not DataExport.objects.exists()

    def test_the_page_costs_two_queries_however_many_copies(self, signed_in, ben, now, django_assert_num_queries):
        for number in range(2):
            with django_assert_num_queries(2):  # who is it? · copies
                signed_in.get("/profile/data/")
            at = timezone.now() + timedelta(seconds=number)
            commands.ask_for_data(person=ben, now=at)


class TestConstraints:
    def test_one_is_under_way_at_a_time(self, ben, now):
        DataExport.objects.create(person=ben, asked_at=now)
        with pytest.raises(IntegrityError, match="one_export_under_way"), transaction.atomic():
            _insert(ben)

    @pytest.mark.parametrize(
        "wrong",
        [
            "ready_at = now()",
            "ready_at = now(), file = 'x'",
            "ready_at = now(), expires_at = now() - interval '1 day', file = 'x'",
            "file = 'x'",
            "expires_at = now()",
        ],
    )
    def test_what_is_ready_has_a_file_and_an_end(self, ben, now, wrong):
        DataExport.objects.create(person=ben, asked_at=now)
        with pytest.raises(IntegrityError, match="export_that_is_ready"), connection.cursor() as sql:
            sql.execute(f"UPDATE accounts_dataexport SET {wrong}")


def _insert(person):
    with connection.cursor() as sql:
        sql.execute(
            "INSERT INTO accounts_dataexport (id, person_id, asked_at, file, size)"
            " VALUES (gen_random_uuid(), %s, now(), '', 0)",
            [person.pk],
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same_copy(now):
    person, together, got = UserFactory(), Barrier(4), []

    def ask():
        try:
            together.wait(timeout=10)
            got.append(commands.ask_for_data(person=person, now=now).pk)
        finally:
            connections.close_all()

    threads = [Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert len(got) == 4
    assert set(got) == {DataExport.objects.get().pk}
    assert Job.objects.filter(kind="accounts.export_data").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_keep_one_file(now):
    person = UserFactory()
    export = commands.ask_for_data(person=person, now=now)
    together = Barrier(3)

    def make():
        try:
            together.wait(timeout=10)
            commands.make_data_export(export_id=export.pk, now=now)
        finally:
            connections.close_all()

    threads = [Thread(target=make) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    export.refresh_from_db()
    assert [f"exports/{name}" for name in files()] == [export.file]
    assert Notice.objects.count() == 1


def test_a_part_without_words_of_its_own_is_shown_by_its_name(db):
    held = {"zeta.old_things": [], "accounts.profile": [], "accounts.roles": []}
    assert [(name, str(title)) for name, title, _ in queries.titled(held)] == [
        ("accounts.profile", "Name and settings"),
        ("accounts.roles", "Roles of the staff"),
        ("zeta.old_things", "old things"),
    ]


def test_every_part_of_accounts_has_words(db):
    from accounts.queries.personal import TITLES

    assert {part.name for part in privacy.parts() if part.name.startswith("accounts.")} == set(TITLES)
