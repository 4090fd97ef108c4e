"""What is held about a person: all of it is handed out, and all of it can be erased."""

import json
import uuid
from datetime import timedelta
from threading import Thread

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, connections, models
from django.test import Client

from accounts import commands as accounts
from accounts import queries as people
from accounts.models import StaffRole, User
from accounts.tests.clubs import a_club
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.personal_factories import Pupils, rows_everywhere
from learning.handbook.models import TrainingPlan
from learning.handbook.tests.factories import TEXT
from learning.practice.tests.personal_factories import practised_everything
from project.foundation import privacy
from project.foundation.audit import commands as audit
from project.foundation.audit import queries as trail
from project.foundation.audit.models import AuditEvent
from tests.programs import eventually

NAME = "Zdzisława Brzęczyszczykiewicz"
ADDRESS = "zdzislawa@dojang.example"
OTHER_ADDRESS = "brzeczyszczykiewicz@club.example"


def made_by_somebody(now):
    """Somebody of whom there is a row wherever there can be one."""
    person = UserFactory(email=ADDRESS, display_name=NAME, is_staff=True)
    EmailAddress.objects.create(user=person, email=OTHER_ADDRESS, verified=False)
    accounts.grant_role(person=person, role=people.Role.EDITOR, by=None, now=now)
    person.groups.add(Group.objects.create(name="examiners of May"))
    Authenticator.objects.create(user=person, type="totp", data={"secret": "s3cr3t"})
    rows_everywhere(person, now=now, address=OTHER_ADDRESS)
    plan = TrainingPlan.objects.create(slug="hers", belt=10, name=TEXT, goal=TEXT, owner=person)
    plan.blocks.create(place=1, name=TEXT, rounds=2)
    practised_everything(person, text="hers-to-remember")
    users, addresses = (ContentType.objects.get_for_model(model) for model in (User, EmailAddress))
    somebody_else = UserFactory()
    for who, content_type, key, text in [
        (person, users, somebody_else.pk, "somebody else"),
        (somebody_else, users, person.pk, NAME),
        (somebody_else, addresses, 7, OTHER_ADDRESS),
    ]:
        LogEntry.objects.create(
            user=who, content_type=content_type, object_id=str(key), object_repr=text, action_flag=CHANGE
        )
    LogEntry.objects.create(
        user=somebody_else, content_type=users, object_id="0", object_repr="not of her", action_flag=CHANGE
    )
    return person


@pytest.fixture
def somebody(db, now):
    return made_by_somebody(now)


def models_of_people():
    """Every model with a row that stands on a person, over however many foreign keys."""
    found = {User}
    while more := {
        model
        for model in apps.get_models(include_auto_created=True)
        if model not in found
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in found
    }:
        found |= more
    return {model._meta.label for model in found}


class TestCompleteness:
    def test_every_table_that_stands_on_a_person_is_looked_after_by_one_part(self):
        held = [table for part in privacy.parts() for table in part.tables]
        assert models_of_people() - set(held) == set()
        assert sorted(held) == sorted(set(held))
        assert {"accounts.StaffRole", "account.EmailConfirmation", "handbook.PlanItem"} <= models_of_people()

    def test_every_table_that_is_looked_after_exists(self):
        assert all(apps.get_model(table) for part in privacy.parts() for table in part.tables)

    def test_what_stands_on_somebody_goes_before_them(self):
        assert [part.name for part in privacy.parts()][-1] == "accounts.profile"
        assert privacy.parts()[0].name == "practice.quizzes"


class TestExporting:
    def test_everything_about_somebody_as_plain_json(self, somebody, client, now):
        client.force_login(somebody)
        told = privacy.export(somebody)
        assert told == json.loads(json.dumps(told))
        assert {name: len(rows) for name, rows in told.items()} == {
            "practice.quizzes": 1,
            "practice.progress": 1,
            "practice.days": 1,
            "practice.retractions": 1,
            "practice.reviews": 1,
            "practice.cards": 1,
            "practice.imports": 1,
            "practice.fits": 1,
            "practice.settings": 1,
            "handbook.training_plans": 1,
            "accounts.letters": 1,
            "accounts.invitations": 1,
            "accounts.data_exports": 1,
            "accounts.notices": 1,
            "accounts.notice_preferences": 1,
            "accounts.push_subscriptions": 1,
            "accounts.ad_impressions": 1,
            "accounts.subscriptions": 1,
            "accounts.belt_awards": 2,
            "accounts.candidacies": 1,
            "accounts.memberships": 1,
            "accounts.admin_log": 3,
            "accounts.sessions": 1,
            "accounts.places": 1,
            "accounts.elsewhere": 1,
            "accounts.pupil": 0,
            "accounts.roles": 1,
            "accounts.second_steps": 1,
            "accounts.addresses": 2,
            "accounts.profile": 1,
        }
        [profile] = told["accounts.profile"]
        assert (profile["email"], profile["display_name"]) == (ADDRESS, NAME)
        assert (profile["actor_id"], profile["groups"]) == (str(somebody.actor_id), ["examiners of May"])
        assert [row["email"] for row in told["accounts.addresses"]] == [ADDRESS, OTHER_ADDRESS]
        assert told["accounts.roles"] == [{"role": "editor", "granted_at": "2026-11-21T09:00:00Z", "granted_by": None}]
        assert told["accounts.candidacies"][0]["parts"] == {"tul": True}
        assert told["handbook.training_plans"][0]["blocks"] == [{"name": TEXT, "rounds": 2, "items": []}]

    def test_no_secret_leaves_the_hall(self, somebody):
        told = json.dumps(privacy.export(somebody))
        for secret in ("s3cr3t", "hers-auth", "p" * 87, "t0ken-hers"):
            assert secret not in told
        assert somebody.password not in told

    def test_nothing_of_anybody_else_is_in_it(self, somebody, ben, client):
        client.force_login(somebody)
        told = privacy.export(ben)
        assert [(name, rows) for name, rows in told.items() if rows and name not in {
            "accounts.profile", "accounts.addresses",
        }] == []  # fmt: skip
        assert NAME not in json.dumps(told, ensure_ascii=False)


def traces(*, texts, pk):
    """Where in the whole database one of these texts stands, or a foreign key of a person is this one."""
    with connection.cursor() as sql:
        sql.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in sql.fetchall()]
        found = []
        for table in tables:
            for text in texts:
                sql.execute(
                    f"SELECT count(*) FROM {table} AS line WHERE strpos(lower(line::text), lower(%s)) > 0", [text]
                )
                found += [f"{text} in {table}"] * sql.fetchone()[0]
        sql.execute(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND confrelid = 'accounts_user'::regclass"
        )
        keys = sql.fetchall()
        for table, column in keys:
            sql.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [pk])
            found += [f"{table}.{column}"] * sql.fetchone()[0]
    assert len(tables) > 40
    assert len(keys) >= 6
    sessions = [str(session.get_decoded()).lower() for session in Session.objects.all()]
    return found + [f"{text} in a session" for text in texts for session in sessions if text.lower() in session]


class TestErasing:
    def test_no_table_remembers_their_name_their_address_or_their_number(self, somebody, now):
        browser = Client()
        assert browser.post("/account/login/", {"login": ADDRESS, "password": PASSWORD}).status_code == 302
        texts = [
            NAME,
            ADDRESS,
            OTHER_ADDRESS,
            "s3cr3t",
            "hers-auth",
            "push.example/hers",
            "sub_hers",
            "cus_hers",
            "g-hers",
            "hers-to-remember",
        ]
        asked = {"texts": texts, "pk": somebody.pk}
        found = traces(**asked)
        assert len(found) > 30
        assert {text for text in texts if not any(each.startswith(f"{text} in ") for each in found)} == set()
        pseudonym, number = somebody.actor_id, somebody.pk
        privacy.erase(somebody, now=now)
        assert traces(**asked) == []
        assert not User.objects.filter(pk=number).exists()
        assert LogEntry.objects.get().object_repr == "not of her"
        # The trail goes on, under a pseudonym that leads nowhere.
        kept = AuditEvent.objects.filter(object_id=str(pseudonym)).values_list("type", flat=True)
        assert {"role.granted", "person.erased"} <= set(kept)
        assert browser.get("/profile/").status_code == 302

    def test_nothing_is_left_of_a_pupil_and_of_their_guardian(self, ben, ada, now):
        pupil = Pupils.one(a_club(ada), name=NAME, contact=ADDRESS)
        accounts.set_guardian(viewer=ada, club_id=pupil.club_id, pupil_id=pupil.pk, contact=ADDRESS, now=now)
        accounts.set_guardian(viewer=ada, club_id=pupil.club_id, pupil_id=pupil.pk, contact=OTHER_ADDRESS, now=now)
        pupil.refresh_from_db()
        token = people.guardian_token(pupil=pupil)
        accounts.ask_take_over(token=token, email="another@home.example", now=now)
        asked = {
            "texts": [NAME, OTHER_ADDRESS, "another@home.example", ADDRESS, pupil.guardian_key.hex, pupil.code_digest],
            "pk": pupil.person_id,
        }
        assert len(traces(**asked)) > 5
        accounts.withdraw_consent(token=token, now=now)
        assert traces(**asked) == []

    def test_everybody_else_stays(self, somebody, ben, signed_in, now):
        before = privacy.export(ben)
        privacy.erase(somebody, now=now)
        assert privacy.export(ben) == before
        assert len(before["accounts.sessions"]) == 1

    def test_whoever_is_gone_cannot_be_erased_again(self, somebody, now):
        same = User.objects.get(pk=somebody.pk)
        privacy.erase(somebody, now=now)
        with pytest.raises(User.DoesNotExist):
            privacy.erase(same, now=now)


@pytest.fixture
def parts(monkeypatch):
    """A registry of our own; gives the names of parts as they work."""
    monkeypatch.setattr(privacy, "_parts", {})
    worked = []

    def register(name, order, *, fails=False):
        def work(**said):
            worked.append((name, *sorted(said)))
            if fails:
                raise LookupError("cannot")
            User.objects.filter(pk=said["person"].pk).update(display_name=name)
            return [{"id": uuid.UUID(int=7), "took": timedelta(minutes=1)}]

        privacy.register(name, tables=[], export=work, erase=work, order=order)

    register.worked = worked
    return register


class TestRegistry:
    def test_parts_work_from_the_top_floor_down(self, parts, ben, now):
        parts("accounts", 400)
        parts("console", 100)
        parts("media", 300)
        privacy.erase(ben, now=now)
        assert parts.worked == [(name, "now", "person") for name in ("console", "media", "accounts")]

    def test_an_export_is_json_whatever_the_part_gave(self, parts, ben):
        parts("media", 300)
        assert privacy.export(ben) == {
            "media": [{"id": "00000000-0000-0000-0000-000000000007", "took": "P0DT00H01M00S"}]
        }

    def test_a_part_that_fails_is_named_and_nothing_is_erased(self, parts, ben, now):
        parts("console", 100)
        parts("media", 300, fails=True)
        parts("accounts", 400)
        with pytest.raises(privacy.PartFailed, match=r"^media$") as failed:
            privacy.erase(ben, now=now)
        assert isinstance(failed.value.__cause__, LookupError)
        ben.refresh_from_db()
        assert ben.display_name == "Ben"
        assert [name for name, *_ in parts.worked] == ["console", "media"]

    def test_a_part_that_cannot_tell_is_named(self, parts, ben):
        parts("media", 300, fails=True)
        with pytest.raises(privacy.PartFailed, match=r"^media$"):
            privacy.export(ben)

    def test_registering_again_changes_nothing_and_a_taken_name_is_refused(self, parts):
        said = {"tables": ["a.B"], "export": print, "erase": print, "order": 1}
        privacy.register("media", **said)
        privacy.register("media", **said)
        assert len(privacy.parts()) == 1
        with pytest.raises(ValueError, match="media"):
            privacy.register("media", **said | {"order": 2})


@pytest.mark.django_db(transaction=True)
def test_what_is_written_about_somebody_meanwhile_finds_nobody(now, monkeypatch):
    """A role that is given while the first part works waits for the last one, and then is refused."""
    person, refused = made_by_somebody(now), []
    pk = person.pk

    def grant():
        try:
            StaffRole.objects.create(person_id=pk, role="analyst", granted_at=now)
        except IntegrityError as error:
            refused.append(error)
        finally:
            connections.close_all()

    def somebody_waits():
        with connection.cursor() as sql:
            # pg_stat_activity would show, for the whole transaction, who was there when it was first asked.
            sql.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            return sql.fetchone()[0]

    late = Thread(target=grant)

    def meanwhile(*, person, now):
        late.start()
        eventually(somebody_waits, what="nobody waits for the lock")

    monkeypatch.setattr(privacy, "_parts", dict(privacy._parts))
    privacy.register("test.meanwhile", tables=[], export=list, erase=meanwhile, order=0)
    privacy.erase(person, now=now)
    late.join(timeout=10)
    assert len(refused) == 1
    assert not StaffRole.objects.filter(person_id=pk).exists()


@pytest.mark.django_db(transaction=True)
def test_the_trail_holds_when_somebody_has_left(now):
    person = made_by_somebody(now)
    audit.seal(now=now)
    accounts.delete_account(person=person, now=now)
    audit.seal(now=now)
    verdict = trail.verify()
    assert verdict.is_good
    assert (verdict.unsealed, verdict.sealed) == (0, AuditEvent.objects.count())
    assert AuditEvent.objects.filter(type="person.erased", object_id=str(person.actor_id)).exists()
    assert traces(texts=[NAME, ADDRESS, OTHER_ADDRESS], pk=person.pk) == []
