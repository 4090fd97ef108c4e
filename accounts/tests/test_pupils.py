"""Children's accounts: added by a coach, opened with a code, held by a guardian."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as now_settings
from django.core import signing
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from accounts import commands, queries
from accounts.models import Club, Membership, Notice, OutgoingMail, Pupil, Subscription, User
from accounts.rules import pupils as rules
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.personal_factories import Pupils, rows_everywhere
from accounts.tests.reading import is_signed_in
from project.foundation import privacy
from project.foundation.audit import queries as audit
from project.foundation.audit.models import AuditEvent

MOTHER = "mother@home.example"


@pytest.fixture
def club(ada):
    return a_club(ada)


@pytest.fixture
def coach(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def tosia(club):
    return Pupils.one(club, name="Tosia", contact=MOTHER)


def card_of(pupil, *, viewer, now):
    [card] = commands.make_cards(viewer=viewer, club_id=pupil.club_id, pupil_ids=[pupil.pk], now=now)
    return card


def come_in(client, code):
    return client.post("/account/code/", {"code": code})


def add(viewer, club, now, **more):
    said = {"name": "Tosia", "contact": MOTHER, "consented_on": now.date()} | more
    return commands.add_pupil(viewer=viewer, club_id=club.pk, now=now, **said)


class TestCodes:
    @given(st.integers(0, 2**rules.BITS - 1))
    def test_a_code_says_its_number_and_nothing_else(self, number):
        code = rules.code_of(number)
        assert len(code) == 12
        read = 0
        for letter in code:
            read = read * 32 + rules.ALPHABET.index(letter)
        assert read == number

    @given(st.integers(0, 2**rules.BITS - 1))
    def test_however_a_child_types_it_it_is_meant(self, number):
        code = rules.code_of(number)
        typed = rules.in_groups(code).lower().replace("0", "o").replace("1", "l")
        for each in (typed, code, f" {rules.in_groups(code)} ", rules.in_groups(code).replace("-", " ")):
            assert rules.as_meant(each) == code

    @pytest.mark.parametrize(
        "typed", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMNP", "UUUU-UUUU-UUUU", "ą" * 12, "٣" * 12]
    )
    def test_what_can_be_no_code_is_none(self, typed):
        assert rules.as_meant(typed) == ""

    @pytest.mark.parametrize(
        ("contact", "kind"),
        [
            (MOTHER, "mail"), ("a@b.pl", "mail"), ("+48 601 234 567", "phone"), ("(22) 555-12-34", "phone"),
            ("601.234.567", "phone"), ("mother", None), ("a@b", None), ("12345", None), ("1" * 16, None), ("", None),
            ("+48 601 234 567 or mother", None),
        ],
    )  # fmt: skip
    def test_how_a_guardian_is_reached(self, contact, kind):
        assert rules.contact_kind(contact) == kind


@pytest.mark.django_db
class TestAdding:
    def test_a_child_gets_an_account_on_a_seat_without_an_address(self, ada, club, now):
        pupil = add(ada, club, now)
        person = pupil.person
        assert (person.email, person.display_name, person.has_usable_password()) == (None, "Tosia", False)
        assert (person.locale, person.time_zone) == (ada.locale, ada.time_zone)
        assert Membership.objects.get(person=person).role == "member"
        assert pupil.code_issued_at is None
        [event] = audit.events_of(pupil, object_id=str(person.actor_id))
        assert (event.type, event.actor_id) == ("pupil.added", ada.actor_id)
        assert "Tosia" not in str(event.payload)
        assert MOTHER not in str(event.payload)

    def test_a_belt_is_an_award_of_the_coach(self, ada, club, now):
        pupil = add(ada, club, now, belt=8)
        assert queries.belt_of(person=pupil.person) == 8

    def test_the_guardian_is_written_to_in_the_language_of_the_account(self, ada, club, now):
        ada.locale = "en"
        ada.save()
        pupil = add(ada, club, now)
        letter = OutgoingMail.objects.get()
        assert (letter.to, letter.subject) == (MOTHER, "Tosia's account in the training hall")
        assert queries.guardian_url(pupil=pupil) in letter.text

    def test_a_telephone_number_gets_no_letter(self, ada, club, now):
        add(ada, club, now, contact="+48 601 234 567")
        assert not OutgoingMail.objects.exists()

    def test_consent_to_come_and_a_contact_that_is_none_are_refused(self, ada, club, now):
        with pytest.raises(commands.ConsentToCome):
            add(ada, club, now, consented_on=now.date() + timedelta(days=1))
        with pytest.raises(commands.NoSuchContact):
            add(ada, club, now, contact="mother")
        assert not Pupil.objects.exists()

    def test_a_full_club_takes_nobody_and_keeps_nothing(self, ada, now):
        full = a_club(ada, seats=1)
        with pytest.raises(commands.ClubFull):
            add(ada, full, now)
        assert not Pupil.objects.exists()
        assert not User.objects.filter(email=None).exists()

    def test_only_those_who_teach_there_may(self, ada, ben, cleo, club, now):
        joined(club, ben)
        with pytest.raises(queries.MayNot):
            add(ben, club, now)
        with pytest.raises(Club.DoesNotExist):
            add(cleo, club, now)
        joined(club, cleo, role="coach")
        assert add(cleo, club, now).person.display_name == "Tosia"


@pytest.mark.django_db
class TestCoachPages:
    def test_the_list_says_who_has_no_card_and_adds_one_more(self, coach, club, tosia):
        page = coach.get(f"/clubs/{club.pk}/pupils/")
        assert page.status_code == 200
        assert "Tosia" in page.text
        assert re.search(rf'value="{tosia.pk}"\s+checked', page.text)
        said = {"name": "Kuba", "contact": MOTHER, "consented_on": "2026-11-01", "belt": ""}
        answer = coach.post(f"/clubs/{club.pk}/pupils/", said)
        assert (answer.status_code, answer.url) == (303, f"/clubs/{club.pk}/pupils/")
        assert "Kuba" in coach.get(answer.url).text

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": ""}, "name"), ({"contact": "mother"}, "contact"),
            ({"consented_on": "2999-01-01"}, "consented_on"), ({"consented_on": ""}, "consented_on"),
            ({"belt": "77"}, "belt"),
        ],
    )  # fmt: skip
    def test_a_wrong_form_comes_back(self, coach, club, wrong, field):
        said = {"name": "Kuba", "contact": MOTHER, "consented_on": "2026-11-01", "belt": ""} | wrong
        answer = coach.post(f"/clubs/{club.pk}/pupils/", said)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert not Pupil.objects.exists()

    def test_a_full_club_says_so(self, coach, ada):
        full = a_club(ada, seats=1)
        said = {"name": "Kuba", "contact": MOTHER, "consented_on": "2026-11-01", "belt": ""}
        assert coach.post(f"/clubs/{full.pk}/pupils/", said).status_code == 422

    def test_the_list_costs_the_same_for_one_and_for_four(self, coach, club, tosia, django_assert_num_queries):
        coach.get(f"/clubs/{club.pk}/pupils/")
        for _ in range(2):
            with django_assert_num_queries(4):  # who is it? · their place · pupils · belts
                coach.get(f"/clubs/{club.pk}/pupils/")
            for name in ("Ala", "Ola", "Ela"):
                if Pupil.objects.count() < 4:
                    Pupils.one(club, name=name)

    def test_a_card_is_shown_once_and_kept_by_nobody(self, coach, club, tosia):
        answer = coach.post(f"/clubs/{club.pk}/pupils/cards/", {"pupil": [str(tosia.pk)]})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        [code] = re.findall(r'<p class="code">([0-9A-Z-]{14})</p>', answer.text)
        assert 'src="data:image/svg+xml' in answer.text
        tosia.refresh_from_db()
        assert tosia.code_issued_at
        with connection.cursor() as sql:
            for table in ("accounts_pupil", "audit_auditevent", "django_session", "accounts_outgoingmail"):
                for text in (code, code.replace("-", "")):
                    sql.execute(f"SELECT count(*) FROM {table} AS line WHERE strpos(line::text, %s) > 0", [text])
                    assert sql.fetchone() == (0,)
        assert is_signed_in_with(code)

    def test_the_guardian_of_a_telephone_number_gets_the_link_on_paper(self, coach, club):
        by_phone = Pupils.one(club, contact="+48 601 234 567")
        by_mail = Pupils.one(club, name="Kuba")
        answer = coach.post(f"/clubs/{club.pk}/pupils/cards/", {"pupil": [str(by_phone.pk), str(by_mail.pk)]})
        assert queries.guardian_url(pupil=by_phone) in answer.text
        assert queries.guardian_url(pupil=by_mail) not in answer.text

    def test_choosing_nobody_leads_back(self, coach, club):
        for chosen in ([], ["x"], ["7f3a"]):
            assert coach.post(f"/clubs/{club.pk}/pupils/cards/", {"pupil": chosen}).status_code == 303

    def test_another_clubs_child_is_not_found(self, coach, club, cleo):
        other = Pupils.one(a_club(cleo, name="Elsewhere"))
        digest = other.code_digest
        assert coach.get(f"/clubs/{other.club_id}/pupils/").status_code == 404
        assert coach.get(f"/clubs/{club.pk}/pupils/{other.pk}/").status_code == 404
        assert coach.post(f"/clubs/{club.pk}/pupils/cards/", {"pupil": [str(other.pk)]}).status_code == 303
        other.refresh_from_db()
        assert other.code_digest == digest

    def test_members_are_refused_and_strangers_find_nothing(self, client, club, tosia, ben, cleo):
        joined(club, ben)
        paths = [f"/clubs/{club.pk}/pupils/", f"/clubs/{club.pk}/pupils/{tosia.pk}/"]
        for person, status in ((ben, 403), (cleo, 404)):
            client.force_login(person)
            assert [client.get(path).status_code for path in paths] == [status, status]
            assert client.post(f"/clubs/{club.pk}/pupils/cards/", {"pupil": [str(tosia.pk)]}).status_code == status

    def test_a_new_contact_ends_the_links_before(self, coach, club, tosia):
        old = queries.guardian_token(pupil=tosia)
        path = f"/clubs/{club.pk}/pupils/{tosia.pk}/"
        assert MOTHER in coach.get(path).text
        assert coach.post(path, {"contact": "father@home.example"}).status_code == 303
        with pytest.raises(Pupil.DoesNotExist):
            queries.pupil_behind(token=old)
        assert OutgoingMail.objects.get().to == "father@home.example"
        assert coach.post(path, {"contact": "nobody"}).status_code == 422


def is_signed_in_with(code):
    browser = Client()
    answer = come_in(browser, code)
    return answer.status_code == 302 and is_signed_in(browser)


@pytest.mark.django_db
class TestComingIn:
    def test_the_code_opens_the_hall_and_the_trail_says_how(self, ada, tosia, now, client):
        card = card_of(tosia, viewer=ada, now=now)
        assert client.get("/account/code/").status_code == 200
        answer = come_in(client, card.code.lower())
        assert (answer.status_code, answer.url) == (302, "/")
        assert is_signed_in(client)
        event = AuditEvent.objects.get(type="sign_in.succeeded")
        assert (event.actor_id, event.payload) == (tosia.person.actor_id, {"shown": ["code"]})
        assert "Tosia" in client.get("/profile/").text

    @pytest.mark.parametrize("code", ["0000-0000-0000", "nonsense", ""])
    def test_another_code_opens_nothing(self, ada, tosia, now, client, code):
        card_of(tosia, viewer=ada, now=now)
        answer = come_in(client, code)
        assert answer.status_code == 422
        assert not is_signed_in(client)

    def test_scanning_never_comes_in_by_itself(self, ada, tosia, now, client):
        card = card_of(tosia, viewer=ada, now=now)
        client.get("/account/code/", {"code": card.code})
        assert not is_signed_in(client)

    def test_a_new_card_ends_the_old_one_and_every_session(self, ada, tosia, now, client):
        old = card_of(tosia, viewer=ada, now=now)
        come_in(client, old.code)
        assert is_signed_in(client)
        new = card_of(tosia, viewer=ada, now=now)
        assert not is_signed_in(client)
        assert not is_signed_in_with(old.code)
        assert is_signed_in_with(new.code)

    def test_whoever_is_shut_out_stays_out(self, ada, tosia, now):
        card = card_of(tosia, viewer=ada, now=now)
        User.objects.filter(pk=tosia.person_id).update(is_active=False)
        assert not is_signed_in_with(card.code)

    def test_a_code_made_with_the_secret_key_before_is_good_and_is_kept_anew(self, ada, tosia, now, settings):
        card = card_of(tosia, viewer=ada, now=now)
        tosia.refresh_from_db()
        before = tosia.code_digest
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key " * 5, [now_settings.SECRET_KEY]
        assert is_signed_in_with(card.code)
        tosia.refresh_from_db()
        assert tosia.code_digest != before
        settings.SECRET_KEY_FALLBACKS = []
        assert is_signed_in_with(card.code)

    def test_guessing_is_stopped(self, client, db, settings):
        settings.LIMITS = settings.LIMITS | {"failed": 3}
        statuses = [come_in(client, "0000-0000-0000").status_code for _ in range(5)]
        assert statuses == [422, 422, 422, 429, 429]

    def test_thirty_children_at_one_tablet_come_in(self, ada, now):
        club, tablet = a_club(ada, seats=20), Client()
        for number in range(15):
            card = card_of(Pupils.one(club, name=f"Child {number}"), viewer=ada, now=now)
            assert come_in(tablet, card.code).status_code == 302

    def test_the_form_needs_its_csrf_token(self, ada, tosia, now):
        card = card_of(tosia, viewer=ada, now=now)
        assert come_in(Client(enforce_csrf_checks=True), card.code).status_code == 403


@pytest.mark.django_db
class TestWhatPupilsCannot:
    @pytest.mark.parametrize(
        "path",
        [
            "/account/email/", "/account/password/change/", "/account/password/set/", "/account/second-step/",
            "/account/second-step/totp/activate/", "/account/reauthenticate/",
        ],
    )  # fmt: skip
    def test_addresses_passwords_and_second_steps_are_not_theirs(self, client, tosia, path):
        client.force_login(tosia.person)
        for answer in (client.get(path), client.post(path, {"email": "tosia@home.example", "action_add": ""})):
            assert (answer.status_code, answer.url) == (303, "/profile/")
        assert not EmailAddress.objects.filter(user=tosia.person).exists()

    def test_the_profile_says_who_helps(self, client, tosia, signed_in, ben):
        browser = Client()
        browser.force_login(tosia.person)
        page = browser.get("/profile/", headers={"Accept-Language": "en"})
        main = page.text.partition("<main")[2].partition("</main>")[0]
        assert "/account/email/" not in main
        assert "/account/password/change/" not in main
        assert "/account/email/" in signed_in.get("/profile/").text.partition("<main")[2]

    def test_they_sign_out_as_everybody(self, client, tosia):
        client.force_login(tosia.person)
        assert client.post("/account/logout/").status_code == 302
        assert not is_signed_in(client)

    def test_the_database_lets_them_own_and_buy_nothing_and_be_no_staff(self, tosia, club, now):
        person = tosia.person
        with pytest.raises(IntegrityError, match="owns no club"), transaction.atomic():
            Membership.objects.filter(person=person).update(role="owner")
        with pytest.raises(IntegrityError, match="pays for nothing"), transaction.atomic():
            Subscription.objects.create(person=person, provider="manual", plan="pro", status="active", created_at=now)
        for flag in ("is_staff", "is_superuser"):
            with pytest.raises(IntegrityError, match="staff_has_an_address"), transaction.atomic():
                User.objects.filter(pk=person.pk).update(**{flag: True})

    def test_without_a_code_nobody_is_without_an_address(self, tosia):
        with transaction.atomic():
            tosia.delete()
            with pytest.raises(IntegrityError, match="neither an address nor a code"), transaction.atomic():
                _constraints_now()
            transaction.set_rollback(True)

    @pytest.mark.parametrize("wrong", ["code_digest = 'ABCD'", "guardian_contact = ''", "consented_on = '2999-01-01'"])
    def test_a_row_of_a_pupil_holds_by_itself(self, tosia, wrong):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE accounts_pupil SET {wrong}")

    def test_two_have_no_one_code_and_no_one_link(self, tosia, club):
        other = Pupils.one(club, name="Kuba")
        for column in ("code_digest", "guardian_key", "person_id"):
            with pytest.raises(IntegrityError, match="unique"), transaction.atomic(), connection.cursor() as sql:
                sql.execute(
                    f"UPDATE accounts_pupil SET {column} = (SELECT {column} FROM accounts_pupil WHERE id = %s)"
                    " WHERE id <> %s",
                    [other.pk, other.pk],
                )


def _constraints_now():
    with connection.cursor() as sql:
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")


def of_guardian(pupil, page=""):
    return f"/account/guardian/{queries.guardian_token(pupil=pupil)}/{page}"


@pytest.mark.django_db
class TestGuardian:
    def test_everything_that_is_held_is_shown_and_no_robot_keeps_it(self, client, tosia, now):
        rows_everywhere(tosia.person, now=now, address=MOTHER)
        page = client.get(of_guardian(tosia))
        assert page.status_code == 200
        assert "noindex" in page["X-Robots-Tag"]
        assert (page["Cache-Control"], page["Referrer-Policy"]) == ("private, no-store", "same-origin")
        for row in [row for rows in privacy.export(tosia.person).values() for row in rows]:
            for value in row.values():
                if isinstance(value, str) and value and value.isalnum():
                    assert value in page.text

    def test_it_can_be_taken_along(self, client, tosia):
        answer = client.get(of_guardian(tosia, "data/"))
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer.json() == privacy.export(tosia.person)

    @pytest.mark.parametrize("token", ["x", "x:y", "00000000000000000000000000000000:abc"])
    def test_a_link_that_is_none_leads_nowhere(self, client, tosia, token):
        for page in ("", "data/", "take-over/", "withdraw/"):
            assert client.get(f"/account/guardian/{token}/{page}").status_code == 404

    def test_the_log_does_not_know_the_link(self, client, tosia):
        with capture_logs() as lines:
            client.get(of_guardian(tosia))
        assert [line["path"] for line in lines] == ["/account/guardian/<str:token>/"]
        assert tosia.guardian_key.hex not in str(lines)

    def test_withdrawing_consent_erases_the_child_and_tells_the_coaches(self, client, tosia, club, ada, cleo):
        joined(club, cleo, role="coach")
        path = of_guardian(tosia, "withdraw/")
        assert client.post(path, {"confirmation": "Kuba"}).status_code == 422
        assert Pupil.objects.exists()
        answer = client.post(path, {"confirmation": "tosia"})
        assert (answer.status_code, answer.url) == (303, "/farewell/")
        assert not User.objects.filter(pk=tosia.person_id).exists()
        assert {each.person for each in Notice.objects.filter(kind="pupil_left")} == {ada, cleo}
        assert Notice.objects.first().facts == {"club": str(club.pk)}
        assert {"pupil.consent_withdrawn", "person.erased"} <= set(AuditEvent.objects.values_list("type", flat=True))
        assert client.get(of_guardian(tosia)).status_code == 404


@pytest.mark.django_db
class TestTakingOver:
    def asked(self, client, pupil, email="tosia@home.example"):
        answer = client.post(of_guardian(pupil, "take-over/"), {"email": email})
        assert answer.status_code == 303
        letter = OutgoingMail.objects.get(to=email)
        found = re.search(r"https?://[^/\s]+(/account/guardian/confirm/\S+)", letter.text)
        return found and found[1]

    def test_with_a_letter_and_a_password_the_account_is_an_ordinary_one(self, client, ada, tosia, now):
        card = card_of(tosia, viewer=ada, now=now)
        child = Client()
        come_in(child, card.code)
        link = self.asked(client, tosia)
        assert User.objects.get(pk=tosia.person_id).email is None, "nothing changes before"
        assert client.get(link).status_code == 200
        assert client.post(link, {"password": "short"}).status_code == 422
        assert client.post(link, {"password": PASSWORD}).status_code == 303
        person = User.objects.get(pk=tosia.person_id)
        assert (person.email, person.is_pupil, Pupil.objects.exists()) == ("tosia@home.example", False, False)
        assert Membership.objects.filter(person=person).exists()
        assert not is_signed_in(child)
        assert not is_signed_in_with(card.code)
        client.post("/account/login/", {"login": "tosia@home.example", "password": PASSWORD})
        assert is_signed_in(client)
        assert client.get("/account/email/").status_code == 200
        assert client.get(of_guardian(tosia)).status_code == 404
        assert client.get(link).status_code == 410
        assert AuditEvent.objects.filter(type="pupil.taken_over").count() == 1

    def test_an_address_of_somebody_gets_a_letter_without_a_link(self, client, tosia, ben):
        assert self.asked(client, tosia, email="BEN@dojang.example".lower()) is None

    def test_an_address_that_was_taken_meanwhile_is_over(self, client, tosia):
        link = self.asked(client, tosia)
        UserFactory(email="tosia@home.example")
        assert client.post(link, {"password": PASSWORD}).status_code == 410
        assert Pupil.objects.exists()

    def test_a_link_lives_three_days_and_dies_with_the_guardians(self, client, ada, tosia, club, now, monkeypatch):
        link = self.asked(client, tosia)
        real = signing.time.time
        with monkeypatch.context() as later:
            later.setattr(signing.time, "time", lambda: real() + 3 * 86400 + 1)
            assert client.get(link).status_code == 410
        assert client.get(link).status_code == 200
        commands.set_guardian(viewer=ada, club_id=club.pk, pupil_id=tosia.pk, contact=MOTHER, now=now)
        assert client.get(link).status_code == 410

    def test_a_link_that_is_none_is_over(self, client, db):
        assert client.get("/account/guardian/confirm/x:y:z/").status_code == 410


@pytest.mark.django_db(transaction=True)
def test_one_letter_is_used_once_however_often_it_is_sent(now):
    owner = UserFactory()
    pupil = Pupils.one(a_club(owner))
    commands.ask_take_over(token=queries.guardian_token(pupil=pupil), email="t@home.example", now=timezone.now())
    token = re.search(r"confirm/([^/\s]+)/", OutgoingMail.objects.get(to="t@home.example").text)[1]
    together, done, refused = Barrier(3), [], []

    def use():
        try:
            together.wait(timeout=10)
            done.append(commands.take_over(token=token, password=PASSWORD, now=now))
        except (queries.LinkOver, commands.EmailTaken) as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=use) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert (len(done), len(refused)) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_taken_by_one_child_only(now):
    owner = UserFactory()
    club = a_club(owner, seats=2)
    together, added, full = Barrier(4), [], []

    def one(number):
        try:
            together.wait(timeout=10)
            added.append(add(owner, club, now, name=f"Child {number}"))
        except commands.ClubFull as error:
            full.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=one, args=[number]) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert (len(added), len(full)) == (1, 3)
    assert Pupil.objects.count() == User.objects.filter(email=None).count() == 1
