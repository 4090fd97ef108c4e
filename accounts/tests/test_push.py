"""Web Push: what reaches a phone through somebody else's push service, and what becomes of it when that fails."""

import base64
import json
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from py_vapid import Vapid02

from accounts import commands, webpush
from accounts.models import Notice, PushSubscription, User
from project.foundation.jobs.models import Job
from project.foundation.outbound import PublicService
from project.foundation.outbound.tests.test_public import (  # noqa: F401 - pytest finds `certificate` by its name
    NAME,
    PUBLIC,
    Dial,
    Names,
    certificate,
)
from tests import standin
from tests.programs import bare_environment, manage, read_settings

from .clubs import a_club
from .telling import work_off

pytestmark = pytest.mark.django_db

PRIVATE, OURS = webpush.fresh_pair()


def spelled(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def opened(spelling):
    return base64.urlsafe_b64decode(spelling + "=" * (-len(spelling) % 4))


class Browser:
    """One that subscribed; only it can read what is sent to its endpoint."""

    def __init__(self, name="ben"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = name.encode().ljust(16, b"!")
        self.endpoint = f"https://{NAME}/send/{name}"

    @property
    def said(self):
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": spelled(point), "auth": spelled(self.secret)}

    def read(self, body):
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"))


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = PRIVATE, "mailto:hall@dojang.example"


@pytest.fixture
def pushed(certificate, monkeypatch):  # noqa: F811
    """The push service; whoever goes out to NAME reaches it, and nobody else is reached."""
    import ssl

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with standin.opened(standin.StandIn(), tls=tls) as stand_in:
        stand_in.on("POST", "/send/{name}", standin.Reply(b"", 201))
        dial = Dial(int(stand_in.url.rpartition(":")[2]))
        trusting = ssl.create_default_context(cafile=str(certificate))
        service = PublicService(
            "Web Push", deadline=1, largest=64_000, resolve=Names([PUBLIC]), dial=dial, verify=trusting
        )
        monkeypatch.setattr(webpush, "service", service)
        yield stand_in


@pytest.fixture
def phone(ben, pushed):
    found = Browser()
    commands.add_device(person=ben, now=timezone.now(), **found.said)
    return found


@pytest.fixture
def tell(ben, ada):
    facts = {"club": str(a_club(ada).pk)}

    def told(**more):
        return commands.tell(person=ben, kind="club_removed", facts=facts, now=timezone.now(), **more)

    return told


class TestAPush:
    def test_it_arrives_sealed_and_only_its_browser_can_read_it(self, phone, pushed, tell):
        notice = tell()
        assert work_off() == []
        (request,) = pushed.requests
        assert b"Hwarang" not in request.body
        assert phone.read(request.body) == {
            "title": "You no longer belong to Hwarang",
            "text": "You no longer belong to Hwarang.",
            "path": "/notices/",
            "tag": notice.pk.hex,
            "language": "en",
        }
        with pytest.raises(http_ece.ECEException):
            Browser("cleo").read(request.body)

    def test_it_says_who_sends_it_and_how_long_it_is_worth_something(self, phone, pushed, tell):
        before = datetime.now(UTC)
        notice = tell()
        work_off()
        head = pushed.requests[0].headers
        assert Vapid02.verify(head["Authorization"])
        token, key = head["Authorization"].removeprefix("vapid t=").split(",k=")
        claims = json.loads(opened(token.split(".")[1]))
        assert (key, claims["aud"], claims["sub"]) == (OURS, f"https://{NAME}", "mailto:hall@dojang.example")
        assert before < datetime.fromtimestamp(claims["exp"], UTC) < before + timedelta(hours=24)
        assert (head["TTL"], head["Topic"], head["Content-Encoding"]) == ("86400", notice.pk.hex, "aes128gcm")

    def test_it_speaks_the_language_of_its_reader(self, phone, pushed, tell, ben):
        User.objects.filter(pk=ben.pk).update(locale="ko")
        tell()
        work_off()
        assert phone.read(pushed.requests[0].body)["language"] == "ko"

    def test_the_longest_one_is_taken_by_every_service(self, ada, ben, phone, pushed):
        """4,096 bytes is what each has to take (RFC 8030, 7.2)."""
        User.objects.filter(pk=ben.pk).update(locale="ko")
        long = a_club(ada, name="태" * 80)
        commands.tell(person=ben, kind="club_removed", facts={"club": str(long.pk)}, now=timezone.now())
        work_off()
        assert "태" * 80 in phone.read(pushed.requests[0].body)["text"]
        worst = {"title": "태" * 120, "text": "태" * 600, "path": "/" * 80, "tag": "a" * 32, "language": "ko"}
        assert len(json.dumps(worst, ensure_ascii=False).encode()) + 86 + 17 <= 4096

    def test_every_device_gets_it_once(self, phone, pushed, tell, ben):
        other = Browser("desk")
        commands.add_device(person=ben, now=timezone.now(), **other.said)
        notice = tell()
        work_off()
        commands.deliver_notice(notice_id=notice.pk, now=timezone.now())
        work_off()
        assert sorted(request.path for request in pushed.requests) == ["/send/ben", "/send/desk"]

    def test_pushes_about_a_topic_that_is_switched_off_are_not_sent(self, phone, pushed, tell, ben):
        wanted = {("club", "push"): False}
        commands.set_preferences(person=ben, wanted=wanted, now=timezone.now(), by=ben.actor_id)
        tell()
        work_off()
        assert pushed.requests == []

    @pytest.mark.parametrize(
        "change", [{"read_at": timezone.now()}, {"created_at": timezone.now() - timedelta(days=2)}]
    )
    def test_what_was_read_or_is_a_day_old_is_no_news(self, phone, pushed, tell, change):
        notice = tell()
        Notice.objects.filter(pk=notice.pk).update(**change)
        work_off()
        assert pushed.requests == []

    def test_a_device_that_is_somebody_elses_by_now(self, phone, pushed, tell, cleo):
        tell()
        PushSubscription.objects.update(person=cleo)
        device = PushSubscription.objects.get()
        commands.push_notice(notice_id=Notice.objects.get().pk, device_id=device.pk, now=timezone.now())
        assert pushed.requests == []

    def test_without_keys_nothing_is_sent_and_nothing_fails(self, phone, pushed, tell, settings):
        settings.VAPID_PRIVATE_KEY = ""
        tell()
        assert work_off() == []
        assert pushed.requests == []

    def test_nothing_secret_of_a_device_is_in_a_job(self, phone, pushed, tell):
        pushed.fault = "500"
        tell()
        work_off()
        said = repr(list(Job.objects.values_list("arguments", "log", "error")))
        assert not any(secret in said for secret in (phone.endpoint, NAME, phone.said["auth"]))


SENT, AGAIN, GIVEN_UP, REMOVED = "sent", "again", "given up", "removed"
BECOMES = {
    **dict.fromkeys(["401", "403", "422"], GIVEN_UP),
    **dict.fromkeys(["429", "429 with Retry-After", "500", "503", *standin.BROKEN], AGAIN),
    "404": REMOVED,
    # The status was 2xx: it is on its way, whatever was said after that.
    **dict.fromkeys([*standin.UNREADABLE, *standin.MISSHAPEN, *standin.HARMLESS], SENT),
    "redirect": GIVEN_UP,
}


class TestFaults:
    def test_every_fault_is_thought_of(self):
        assert BECOMES.keys() == set(standin.FAULTS)

    @pytest.mark.parametrize("fault", standin.FAULTS)
    def test_what_becomes_of_a_push_and_its_device(self, fault, phone, pushed, tell):
        pushed.on("POST", "/send/{name}", {"reason": "accepted"})
        pushed.fault = fault
        tell()
        waiting = work_off()
        assert {
            SENT: (0, 1),
            AGAIN: (1, 1),
            GIVEN_UP: (0, 1),
            REMOVED: (0, 0),
        }[BECOMES[fault]] == (len(waiting), PushSubscription.objects.count())

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_device_that_is_gone_is_forgotten(self, status, phone, pushed, tell):
        pushed.on("POST", "/send/{name}", standin.Reply({"reason": "gone"}, status))
        tell()
        assert work_off() == []
        assert PushSubscription.objects.count() == 0

    @pytest.mark.parametrize("status", [400, 413])
    def test_what_is_too_large_or_wrong_is_not_sent_again(self, status, phone, pushed, tell):
        pushed.on("POST", "/send/{name}", standin.Reply({"reason": "no"}, status))
        tell()
        assert work_off() == []
        assert len(pushed.requests) == 1
        assert PushSubscription.objects.count() == 1

    def test_it_arrives_when_the_service_is_well_again(self, phone, pushed, tell):
        pushed.faults = ["503"]
        tell()
        (waiting,) = work_off()
        assert waiting.failures == 1
        Job.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
        assert work_off() == []
        assert len(pushed.requests) == 2

    def test_a_service_that_says_when_is_left_alone_until_then(self, phone, pushed, tell):
        pushed.faults, pushed.retry_after = ["429 with Retry-After"], "900"
        tell()
        (waiting,) = work_off()
        assert waiting.failures == 0
        assert timedelta(seconds=880) < waiting.due_at - timezone.now() <= timedelta(seconds=900)
        Job.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
        assert work_off() == []
        assert len(pushed.requests) == 2

    def test_a_push_fails_beside_the_letter_and_the_other_devices(self, phone, pushed, tell, ben, mailoutbox):
        other = Browser("desk")
        commands.add_device(person=ben, now=timezone.now(), **other.said)
        pushed.on("POST", "/send/ben", standin.Reply({}, 500))
        tell()
        (waiting,) = work_off()
        assert len(mailoutbox) == 1
        assert "/send/desk" in [request.path for request in pushed.requests]
        assert waiting.arguments["device"] == PushSubscription.objects.get(endpoint=phone.endpoint).pk

    @pytest.mark.parametrize(
        "endpoint",
        ["https://127.0.0.1/send/x", "https://169.254.169.254/latest/", f"https://{NAME}:8443/", "https://[::1]/x"],
    )
    def test_an_endpoint_inside_the_house_is_reached_by_nobody_and_forgotten(self, endpoint, ben, pushed, tell):
        commands.add_device(person=ben, now=timezone.now(), **(Browser().said | {"endpoint": endpoint}))
        tell()
        assert work_off() == []
        assert pushed.requests == []
        assert PushSubscription.objects.count() == 0


class TestDevices:
    def test_a_browser_subscribes_by_a_form(self, signed_in, ben):
        answer = signed_in.post("/notices/push/", Browser().said)
        assert (answer.status_code, answer.url) == (303, "/notices/preferences/")
        device = PushSubscription.objects.get()
        assert (device.person, device.endpoint) == (ben, Browser().endpoint)
        page = signed_in.get("/notices/preferences/")
        assert "1 device is told at once" in page.text
        assert device.endpoint not in page.text  # a secret; its digest is enough for the script

    def test_subscribing_again_renews_the_keys(self, signed_in):
        signed_in.post("/notices/push/", Browser().said)
        said = Browser().said
        signed_in.post("/notices/push/", said)
        assert PushSubscription.objects.get().p256dh == said["p256dh"]

    def test_a_browser_belongs_to_whoever_used_it_last(self, signed_in, client, cleo):
        said = Browser().said
        signed_in.post("/notices/push/", said)
        client.force_login(cleo)
        client.post("/notices/push/", said)
        assert PushSubscription.objects.get().person == cleo

    @pytest.mark.parametrize(
        "wrong",
        [
            {"endpoint": "http://push.example/x"},
            {"endpoint": "javascript:alert(1)"},
            {"endpoint": ""},
            {"endpoint": "https://push.example/" + "x" * 1000},
            {"p256dh": "x" * 87},
            {"p256dh": spelled(b"\x04" + b"\x01" * 64)},
            {"p256dh": spelled(b"\x02" + b"\x01" * 32)},
            {"auth": spelled(b"short")},
            {"auth": "żółw"},
        ],
    )
    def test_what_no_browser_says_is_refused(self, signed_in, wrong):
        assert signed_in.post("/notices/push/", Browser().said | wrong).status_code == 422
        assert PushSubscription.objects.count() == 0

    def test_somebody_has_ten_at_most_and_the_oldest_gives_way(self, ben, now):
        for n in range(12):
            commands.add_device(person=ben, now=now + timedelta(minutes=n), **Browser(f"device{n}").said)
        endpoints = PushSubscription.objects.values_list("endpoint", flat=True)
        assert len(endpoints) == 10
        assert not {Browser("device0").endpoint, Browser("device1").endpoint} & set(endpoints)

    def test_one_is_removed_or_all(self, signed_in):
        for name in ("one", "two", "three"):
            signed_in.post("/notices/push/", Browser(name).said)
        signed_in.post("/notices/push/delete/", {"endpoint": Browser("one").endpoint})
        assert PushSubscription.objects.count() == 2
        signed_in.post("/notices/push/delete/")
        assert PushSubscription.objects.count() == 0

    def test_nobody_removes_anothers(self, phone, client, cleo):
        client.force_login(cleo)
        client.post("/notices/push/delete/", {"endpoint": phone.endpoint})
        client.post("/notices/push/delete/")
        assert PushSubscription.objects.count() == 1

    def test_signing_out_ends_the_pushes_to_this_device_alone(self, signed_in, phone):
        signed_in.post("/notices/push/", Browser("hall").said)
        signed_in.post("/account/logout/")
        assert PushSubscription.objects.get().endpoint == phone.endpoint

    def test_strangers_and_forms_of_other_pages_are_refused(self, client, ben):
        assert client.post("/notices/push/", Browser().said).status_code == 302
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(ben)
        assert strict.post("/notices/push/", Browser().said).status_code == 403
        assert PushSubscription.objects.count() == 0

    def test_the_database_wants_https(self, phone):
        changed = "UPDATE accounts_pushsubscription SET endpoint = 'http://push.example/x'"
        with pytest.raises(IntegrityError, match="is_https"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(changed)

    def test_the_database_knows_an_endpoint_once(self, phone):
        with pytest.raises(IntegrityError, match="endpoint"), transaction.atomic(), connection.cursor() as sql:
            sql.execute(
                "INSERT INTO accounts_pushsubscription (person_id, endpoint, p256dh, auth, created_at)"
                " SELECT person_id, endpoint, p256dh, auth, created_at FROM accounts_pushsubscription"
            )


class TestConfiguration:
    def test_without_keys_the_page_says_so_and_tells_the_staff_how(self, signed_in, client, otto, settings):
        settings.VAPID_PRIVATE_KEY = ""
        page = signed_in.get("/notices/preferences/").text
        assert "Pushes are not set up in this hall" in page
        assert "VAPID_PRIVATE_KEY" not in page
        assert signed_in.post("/notices/push/", Browser().said).status_code == 422
        client.force_login(otto)
        assert "VAPID_PRIVATE_KEY" in client.get("/notices/preferences/").text

    def test_with_keys_the_page_carries_the_public_one_alone(self, signed_in):
        page = signed_in.get("/notices/preferences/").text
        assert f'data-key="{OURS}"' in page
        assert PRIVATE not in page

    def test_the_command_prints_keys_that_the_settings_take(self):
        printed = manage("vapid", env=bare_environment()).stdout
        given = dict(line.split("=") for line in printed.splitlines() if line.startswith("VAPID"))
        assert len(opened(given["VAPID_PRIVATE_KEY"])) == 32
        taken = bare_environment(**given | {"VAPID_SUBJECT": "mailto:hall@dojang.example"})
        assert read_settings(taken).returncode == 0

    @pytest.mark.parametrize(
        ("key", "subject", "named"),
        [
            ("short", "mailto:hall@dojang.example", "VAPID_PRIVATE_KEY"),
            ("good", "", "VAPID_SUBJECT"),
            ("good", "hall@dojang.example", "VAPID_SUBJECT"),
            ("good", "mailto:hall@dojang", "VAPID_SUBJECT"),
            ("good", "http://dojang.example", "VAPID_SUBJECT"),
        ],
    )
    def test_half_a_configuration_stops_the_start(self, key, subject, named):
        given = PRIVATE if key == "good" else key
        refused = read_settings(bare_environment(VAPID_PRIVATE_KEY=given, VAPID_SUBJECT=subject))
        assert refused.returncode == 1
        assert refused.stdout.startswith(f"{named}: ")

    def test_the_service_worker_looks_after_the_whole_hall(self, client):
        answer = client.get("/sw.js")
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
        assert answer["Cache-Control"] == "no-cache"
        assert 'importScripts("/static/js/push-worker.js")' in answer.text
