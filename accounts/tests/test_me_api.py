"""Me, as the app asks for it."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import commands
from accounts.models import DataExport, Notice, NoticePreference, PushSubscription, User
from accounts.tests.belts import awarded
from accounts.tests.clubs import SubscriptionFactory, a_club, joined
from project.foundation.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ME = "/api/v1/me"
JSON = "application/json"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}


@pytest.fixture
def phone(app, ben):
    return app(ben)


class TestWhoIAm:
    def test_everything_that_the_app_shows_of_me(self, phone, ada, ben):
        club = a_club(ada)
        joined(club, ben, role="coach")
        awarded(ben, 7, by=ada)
        answer = phone.get(ME)
        assert answer.status_code == 200
        assert answer.json() == {
            "id": str(ben.actor_id),
            "email": "ben@dojang.example",
            "display_name": "Ben",
            "locale": "en",
            "time_zone": "Europe/Warsaw",
            "belt": 7,
            "clubs": [{"id": str(club.pk), "name": "Hwarang", "role": "coach"}],
            "entitlements": ["export_pdf", "no_ads", "offline_video", "quiz_create"],
        }

    def test_it_costs_the_same_with_one_club_and_with_three(self, phone, ada, ben, django_assert_num_queries):
        joined(a_club(ada), ben)
        phone.get(ME)
        for number in range(2):
            joined(a_club(ada, name=f"Club {number}"), ben)
            with django_assert_num_queries(7):  # token · clubs · belts · own plans · seats (3)
                phone.get(ME)

    def test_nobody_and_whoever_has_a_cookie_only_is_refused(self, client, signed_in):
        for path in (ME, f"{ME}/notices", f"{ME}/preferences"):
            answer = signed_in.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")

    def test_changing_some_of_it_leaves_the_rest(self, phone, ben):
        answer = phone.patch(ME, {"display_name": " Benedykt ", "locale": "ko"}, content_type=JSON)
        assert answer.status_code == 200
        said = answer.json()
        assert (said["display_name"], said["locale"], said["time_zone"]) == ("Benedykt", "ko", "Europe/Warsaw")
        assert AuditEvent.objects.get(type="profile.updated").payload == {"fields": ["display_name", "locale"]}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"display_name": "  "}, {"display_name": "x" * 81}, {"display_name": "a\x00b"}, {"locale": "de"},
            {"time_zone": "Mars/Olympus"}, {"time_zone": "../../etc/passwd"},
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused(self, phone, ben, wrong):
        assert phone.patch(ME, wrong, content_type=JSON).status_code == 422
        assert User.objects.get(pk=ben.pk).display_name == "Ben"

    def test_the_address_cannot_be_changed_here(self, phone, ben):
        phone.patch(ME, {"email": "mallory@dojang.example"}, content_type=JSON)
        assert User.objects.get(pk=ben.pk).email == "ben@dojang.example"


class TestLeaving:
    def leave(self, phone, typed="ben@dojang.example"):
        return phone.delete(ME, {"confirmation": typed}, content_type=JSON)

    def test_with_my_address_i_am_gone_and_the_token_with_me(self, phone, ben):
        assert self.leave(phone, " BEN@dojang.example").status_code == 204
        assert not User.objects.filter(pk=ben.pk).exists()
        assert phone.get(ME).status_code == 401

    @pytest.mark.parametrize("typed", ["", "ben", "ada@dojang.example"])
    def test_with_another_one_nothing_happens(self, phone, ben, typed):
        assert self.leave(phone, typed).status_code == 422
        assert User.objects.filter(pk=ben.pk).exists()

    def test_an_owner_stays(self, phone, ben):
        a_club(ben, paid=None)
        answer = self.leave(phone)
        assert (answer.status_code, answer.json()["code"]) == (409, "owns_clubs")
        assert User.objects.filter(pk=ben.pk).exists()


class TestDataExport:
    def test_i_ask_for_it_and_take_it(self, phone, ben):
        answer = phone.post(f"{ME}/data-export")
        assert (answer.status_code, answer.json()["state"], answer.json()["size"]) == (202, "making", 0)
        path = f"{ME}/data-export/{answer.json()['id']}"
        assert phone.get(path).json()["state"] == "making"
        assert phone.get(f"{path}/file").status_code == 404
        assert phone.post(f"{ME}/data-export").json()["id"] == answer.json()["id"]
        commands.make_data_export(export_id=DataExport.objects.get().pk, now=timezone.now())
        said = phone.get(path).json()
        assert (said["state"], said["size"] > 0) == ("ready", True)
        file = phone.get(f"{path}/file")
        assert (file["Content-Type"], file["Cache-Control"]) == ("application/zip", "private, no-store")
        assert "data.json" in zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).namelist()

    def test_somebody_elses_is_not_found(self, app, cleo, ben):
        export = commands.ask_for_data(person=ben, now=timezone.now())
        other = app(cleo)
        for path in (f"{ME}/data-export/{export.pk}", f"{ME}/data-export/{export.pk}/file"):
            assert other.get(path).status_code == 404


class TestNotices:
    def told(self, ben, club, number):
        at = timezone.now() - timedelta(minutes=number)
        return Notice.objects.create(person=ben, kind="club_joined", facts={"club": str(club.pk)}, created_at=at)

    def test_newest_first_in_my_language_and_page_by_page(self, phone, ben, ada, cleo):
        club = a_club(ada, name="Kim & Sons")
        mine = [self.told(ben, club, number) for number in range(3)]
        self.told(cleo, club, 0)
        seen, cursor = [], ""
        while cursor is not None:
            answer = phone.get(f"{ME}/notices", {"limit": 2, "cursor": cursor}).json()
            seen += answer["items"]
            cursor = answer["next"]
        assert [each["id"] for each in seen] == [str(each.pk) for each in mine]
        assert seen[0]["text"] == "You now belong to Kim & Sons."
        assert (seen[0]["topic"], seen[0]["path"]) == ("club", f"/clubs/{club.pk}/")

    def test_what_is_gone_has_no_words(self, phone, ben, ada):
        club = a_club(ada, paid=None)
        self.told(ben, club, 0)
        Notice.objects.create(person=ben, kind="of_another_time", created_at=timezone.now())
        club.delete()
        items = phone.get(f"{ME}/notices").json()["items"]
        assert [(each["text"], each["path"]) for each in items] == [("", ""), ("", "")]

    def test_it_costs_the_same_for_one_and_for_five(self, phone, ben, ada, django_assert_num_queries):
        club = a_club(ada)
        self.told(ben, club, 0)
        phone.get(f"{ME}/notices")
        with django_assert_num_queries(3):  # token · notices · clubs
            phone.get(f"{ME}/notices")
        for number in range(1, 5):
            self.told(ben, club, number)
        with django_assert_num_queries(3):
            phone.get(f"{ME}/notices")

    @pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"kind": "x"}])
    def test_what_cannot_be_asked_is_refused(self, phone, wrong):
        assert phone.get(f"{ME}/notices", wrong).status_code == 422


class TestPreferences:
    def test_i_say_what_i_want(self, phone, ben):
        before = {each["topic"]: each for each in phone.get(f"{ME}/preferences").json()["items"]}
        assert before["club"] == {"topic": "club", "mail": True, "push": True, "mail_is_fixed": False}
        said = {"items": [{"topic": "club", "channel": "mail", "is_on": False}]}
        answer = phone.patch(f"{ME}/preferences", said, content_type=JSON)
        after = {each["topic"]: each for each in answer.json()["items"]}
        assert after == before | {"club": before["club"] | {"mail": False}}
        assert NoticePreference.objects.get(person=ben).is_on is False

    @pytest.mark.parametrize("wrong", [{"topic": "weather", "channel": "mail"}, {"topic": "club", "channel": "fax"}])
    def test_what_there_is_not_is_refused(self, phone, wrong):
        said = {"items": [wrong | {"is_on": False}]}
        assert phone.patch(f"{ME}/preferences", said, content_type=JSON).status_code == 422
        assert not NoticePreference.objects.exists()


class TestDevices:
    DEVICE = {"endpoint": "https://push.example/a1", "p256dh": P256DH, "auth": AUTH}

    @pytest.fixture
    def keyed(self, settings):
        settings.VAPID_PRIVATE_KEY = "a key"

    def test_a_device_comes_and_goes(self, phone, ben, keyed):
        assert phone.post(f"{ME}/push", self.DEVICE, content_type=JSON).status_code == 204
        assert PushSubscription.objects.get().person == ben
        gone = {"endpoint": self.DEVICE["endpoint"]}
        assert phone.delete(f"{ME}/push", gone, content_type=JSON).status_code == 204
        assert not PushSubscription.objects.exists()
        assert phone.delete(f"{ME}/push", gone, content_type=JSON).status_code == 404
        assert phone.delete(f"{ME}/push", {"endpoint": "a\x00b"}, content_type=JSON).status_code == 422

    @pytest.mark.parametrize(
        "wrong", [{"endpoint": "http://push.example/a1"}, {"endpoint": "x"}, {"p256dh": "x"}, {"auth": "x"}]
    )
    def test_what_is_no_device_is_refused(self, phone, keyed, wrong):
        assert phone.post(f"{ME}/push", self.DEVICE | wrong, content_type=JSON).status_code == 422
        assert not PushSubscription.objects.exists()

    def test_without_a_key_the_hall_says_so(self, phone, settings):
        settings.VAPID_PRIVATE_KEY = ""
        answer = phone.post(f"{ME}/push", self.DEVICE, content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_configured")


def test_a_plan_of_my_own_shows(phone, ben):
    SubscriptionFactory(person=ben, plan="pro", seats=0)
    assert "quiz_create" in phone.get(ME).json()["entitlements"]
