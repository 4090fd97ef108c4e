import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import commands
from accounts.middleware import ProfileSettings
from accounts.models import User
from project.foundation.audit import queries as audit

pytestmark = pytest.mark.django_db


def send(client, **changes):
    return client.post("/profile/", {"display_name": "Ben", "locale": "en", "time_zone": "Europe/Warsaw"} | changes)


def events_of(user):
    return audit.events_of(user, object_id=str(user.actor_id))


def test_the_page_shows_what_is_kept_and_the_ways_to_change_address_and_password(signed_in):
    page = signed_in.get("/profile/")
    assert page.status_code == 200
    assert page.context["form"].initial == {"display_name": "Ben", "locale": "en", "time_zone": "Europe/Warsaw"}
    main = page.text.partition("<main")[2].partition("</main>")[0]
    for shown in ('value="Ben"', 'href="/account/email/"', 'href="/account/password/change/"'):
        assert shown in main
    assert main.count("<h1") == 1


def test_what_people_say_about_themselves_is_kept(signed_in, ben):
    answer = send(signed_in, display_name=" Benedykt ", locale="ko", time_zone="Asia/Seoul")
    assert (answer.status_code, answer.url) == (303, "/profile/")
    ben.refresh_from_db()
    assert (ben.display_name, ben.locale, ben.time_zone) == ("Benedykt", "ko", "Asia/Seoul")
    page = signed_in.get("/profile/")
    assert page["Content-Language"] == "ko"
    assert len(page.context["messages"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus_Mons"},
        {"time_zone": ""},
        {"time_zone": "../../etc/passwd"},
        {"locale": "de"},
        {"locale": ""},
        {"display_name": "  "},
        {"display_name": "x" * 81},
    ],
)
def test_a_wrong_form_comes_back_with_422_and_changes_nothing(signed_in, ben, wrong):
    before = User.objects.values().get()
    answer = send(signed_in, **wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert 'role="alert"' in answer.text
    assert User.objects.values().get() == before
    assert not events_of(ben)


def test_an_empty_form_is_a_wrong_one(signed_in):
    answer = signed_in.post("/profile/", {})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["display_name", "locale", "time_zone"]


def test_a_name_that_was_not_kept_is_not_shown_as_mine(signed_in):
    answer = send(signed_in, display_name="Mallory", time_zone="Mars/Olympus_Mons")
    assert str(answer.context["user"]) == "Ben"
    assert 'value="Mallory"' in answer.text, "in the form it stays, so that nobody has to type it again"


def test_nothing_else_of_a_person_can_be_changed_here(signed_in, ben):
    send(signed_in, email="mallory@dojang.example", is_staff="on", is_superuser="on", pk="1")
    ben.refresh_from_db()
    assert (ben.email, ben.is_staff, ben.is_superuser) == ("ben@dojang.example", False, False)


def test_the_form_needs_its_csrf_token(ben):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ben)
    assert send(client, display_name="Mallory").status_code == 403
    assert User.objects.get().display_name == "Ben"


def test_the_audit_event_names_the_fields_and_not_what_they_hold(signed_in, ben):
    send(signed_in, display_name="Benedykt", time_zone="Asia/Seoul")
    (event,) = events_of(ben)
    assert (event.type, event.actor_id) == ("profile.updated", ben.actor_id)
    assert event.payload == {"fields": ["display_name", "time_zone"]}
    everything = " ".join(str(value) for value in vars(event).values())
    for personal in ("Benedykt", "Ben", "Seoul", "ben@dojang.example"):
        assert personal not in everything


def test_a_form_that_changes_nothing_leaves_no_event(signed_in, ben):
    assert send(signed_in).status_code == 303
    assert not events_of(ben)


def test_a_change_made_meanwhile_elsewhere_is_seen_under_the_lock(ben, now):
    stale = User.objects.get(pk=ben.pk)
    said = {"display_name": "Benedykt", "locale": "en", "time_zone": "Europe/Warsaw", "now": now}
    commands.update_profile(user=ben, **said)
    commands.update_profile(user=stale, **said)
    assert [event.at for event in events_of(ben)] == [now], "the second one changed nothing any more"


class TestTimeZone:
    @staticmethod
    def zone_of_a_request_by(user):
        seen = []
        request = RequestFactory().get("/")
        request.user = user
        ProfileSettings(lambda request: seen.append(timezone.get_current_timezone_name()))(request)
        return seen[0]

    def test_people_read_the_clock_of_their_own_zone(self, ben):
        ben.time_zone = "Asia/Seoul"
        assert self.zone_of_a_request_by(ben) == "Asia/Seoul"

    def test_the_zone_of_one_person_does_not_stay_for_the_next_visitor(self, ben):
        ben.time_zone = "Asia/Seoul"
        self.zone_of_a_request_by(ben)
        assert timezone.get_current_timezone_name() == "Europe/Warsaw"

    @pytest.mark.parametrize("broken", ["", ".", "Europe", "Mars/Olympus_Mons", "/etc/passwd", "../../etc/passwd"])
    def test_a_broken_zone_in_the_profile_means_the_zone_of_the_hall(self, signed_in, ben, broken):
        User.objects.update(time_zone=broken)
        ben.refresh_from_db()
        with timezone.override("America/New_York"):  # whatever the thread was left with
            assert self.zone_of_a_request_by(ben) == "Europe/Warsaw"

        page = signed_in.get("/profile/")
        assert page.status_code == 200
        chosen = Template("{{ form.time_zone }}").render(Context({"form": page.context["form"]}))
        assert '<option value="Europe/Warsaw" selected>' in chosen, "and not the first of the list"


def test_without_a_language_the_form_offers_the_one_of_the_page(signed_in):
    User.objects.update(locale="")
    page = signed_in.get("/profile/", headers={"Accept-Language": "ko"})
    assert '<option value="ko" selected>' in page.text


def test_the_page_asks_the_database_once(signed_in, django_assert_num_queries):
    signed_in.get("/profile/")
    with django_assert_num_queries(1):  # who is it? The session is in the cache
        signed_in.get("/profile/")


def test_saving_costs_the_same_for_one_field_and_for_all(signed_in, django_assert_num_queries):
    # who is it? · begin, check the language, commit · begin, lock, write, audit, commit
    for changes in ({"display_name": "B"}, {"display_name": "Be", "locale": "pl", "time_zone": "Asia/Seoul"}):
        with django_assert_num_queries(9):
            send(signed_in, **changes)
