"""Ways into a club: letters, links, lists; and how people come in who have no account yet."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import commands, queries
from accounts.models import Invitation, Membership, Notice, OutgoingMail
from accounts.rules import invitations as rules
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import PASSWORD, UserFactory

Role = Membership.Role


def deliver():
    """What the job does with letters that wait."""
    for letter in OutgoingMail.objects.order_by("created_at"):
        commands.send_mail(letter_id=letter.pk)


def link_in(letter):
    return re.search(r"/join/\S+", letter.body)[0]


@pytest.fixture
def club(ada):
    return a_club(ada, seats=4)


@pytest.fixture
def letter(club, ada):
    """The address of a page that a letter to ben led to."""
    commands.invite_by_mail(
        viewer=ada, club_id=club.pk, email="New@Dojang.example", role=Role.MEMBER, now=timezone.now()
    )
    deliver()
    return link_in(mail.outbox[-1])


@pytest.fixture
def link(club, ada):
    made = commands.make_link(
        viewer=ada, club_id=club.pk, role=Role.MEMBER, uses_max=2, lifetime=timedelta(days=7), now=timezone.now()
    )
    return queries.link_to(invitation=made).partition("8000")[2]


@pytest.fixture
def as_ada(ada):
    client = Client()
    client.force_login(ada)
    return client


@pytest.mark.django_db
class TestLetters:
    def test_it_speaks_the_language_of_whoever_has_an_account_else_of_whoever_invites(self, club, ada, cleo):
        for email in (cleo.email, "nobody@dojang.example"):
            commands.invite_by_mail(viewer=ada, club_id=club.pk, email=email, role=Role.MEMBER, now=timezone.now())
        deliver()
        assert [letter.to for letter in mail.outbox] == [[cleo.email], ["nobody@dojang.example"]]
        assert "초대" in mail.outbox[0].subject
        assert "Zaproszenie" in mail.outbox[1].subject
        assert all("Ada" in letter.body for letter in mail.outbox)

    def test_whoever_opens_it_has_shown_their_address_and_comes_in_without_a_second_letter(self, letter, club):
        browser = Client()
        assert "/account/signup/?next=/join/" in browser.get(letter).content.decode()
        typed = {
            "email": "new@dojang.example", "password1": PASSWORD, "password2": PASSWORD, "display_name": "New",
        }  # fmt: skip
        answer = browser.post(f"/account/signup/?next={letter}", typed)
        assert (answer.status_code, answer["Location"]) == (302, letter)
        assert "Join as New" in browser.get(letter).content.decode() or "New" in browser.get(letter).content.decode()
        assert browser.post(letter)["Location"] == f"/clubs/{club.pk}/"
        assert Membership.objects.get(club=club, role="member").person.email == "new@dojang.example"
        assert len(mail.outbox) == 1
        assert browser.get(letter).status_code == 410

    def test_another_address_has_to_be_confirmed_as_ever(self, letter):
        browser = Client()
        browser.get(letter)
        typed = {
            "email": "other@dojang.example", "password1": PASSWORD, "password2": PASSWORD, "display_name": "Other",
        }  # fmt: skip
        browser.post("/account/signup/", typed)
        assert browser.get("/profile/").status_code == 302

    def test_its_link_is_on_no_page_of_the_club(self, letter, as_ada, club):
        made = Invitation.objects.get()
        for path in ("", f"invitations/{made.pk}/"):
            assert "/join/" not in as_ada.get(f"/clubs/{club.pk}/{path}").content.decode()

    def test_it_can_be_declined_without_an_account_and_sent_anew(self, letter, club, ada):
        assert Client().post(letter, {"decline": "1"}).status_code == 303
        assert Invitation.objects.get().declined_at is not None
        assert Client().get(letter).status_code == 410
        commands.invite_by_mail(
            viewer=ada, club_id=club.pk, email="new@dojang.example", role=Role.COACH, now=timezone.now()
        )
        assert Invitation.objects.count() == 2

    def test_a_second_one_to_the_same_address_is_refused_in_any_case(self, letter, as_ada, club, ada, ben):
        joined(club, ben)
        for email, said in [("NEW@dojang.example", "zaproszenie"), (ben.email.upper(), "klubie"), ("nobody", "")]:
            answer = as_ada.post(f"/clubs/{club.pk}/invitations/letter/", {"email": email, "role": "member"})
            assert answer.status_code == 422
            assert said in answer.content.decode()
        assert Invitation.objects.count() == 1

    def test_it_can_be_sent_again_after_an_hour_and_is_good_for_the_full_time(self, letter, as_ada, club):
        made = Invitation.objects.get()
        again = f"/clubs/{club.pk}/invitations/{made.pk}/sending/"
        as_ada.post(again)
        deliver()
        assert len(mail.outbox) == 1
        Invitation.objects.update(
            sent_at=timezone.now() - timedelta(hours=2),
            created_at=timezone.now() - timedelta(days=20),
            expires_at=timezone.now() - timedelta(days=1),
        )
        as_ada.post(again)
        deliver()
        assert len(mail.outbox) == 2
        assert link_in(mail.outbox[1]) == letter
        assert Client().get(letter).status_code == 200

    def test_one_that_ran_out_makes_room_for_a_new_one(self, letter, club, ada):
        Invitation.objects.update(
            created_at=timezone.now() - timedelta(days=20), expires_at=timezone.now() - timedelta(days=1)
        )
        commands.invite_by_mail(
            viewer=ada, club_id=club.pk, email="new@dojang.example", role=Role.MEMBER, now=timezone.now()
        )
        assert Client().get(letter).status_code == 410

    def test_what_is_long_over_is_forgotten_with_its_address(self, letter, now):
        assert commands.forget_invitations(now=timezone.now() + timedelta(days=40)) == 0
        assert commands.forget_invitations(now=timezone.now() + timedelta(days=50)) == 1
        assert not Invitation.objects.exists()


@pytest.mark.django_db
class TestLinks:
    def test_the_page_of_a_link_shows_it_and_a_square(self, as_ada, club):
        answer = as_ada.post(f"/clubs/{club.pk}/invitations/link/", {"uses_max": 3, "days": 7, "role": "member"})
        shown = as_ada.get(answer["Location"]).content.decode()
        assert "data:image/svg+xml" in shown
        assert re.search(r"http://localhost:8000/join/[\w:-]+/", shown)

    @pytest.mark.parametrize(
        "typed", [{"uses_max": 0}, {"uses_max": 501}, {"days": 0}, {"days": 91}, {"role": "owner"}]
    )
    def test_what_makes_no_sense_is_refused(self, as_ada, club, typed):
        answer = as_ada.post(
            f"/clubs/{club.pk}/invitations/link/", {"uses_max": 3, "days": 7, "role": "member"} | typed
        )
        assert answer.status_code == 422
        assert not Invitation.objects.exists()

    def test_somebody_new_comes_in_by_way_of_the_letter_that_confirms_their_address(self, link, club):
        browser = Client()
        browser.get(link)
        typed = {
            "email": "new@dojang.example", "password1": PASSWORD, "password2": PASSWORD, "display_name": "New",
        }  # fmt: skip
        browser.post("/account/signup/", typed)
        deliver()
        confirm = re.search(r"/account/confirm-email/\S+", mail.outbox[-1].body)[0]
        assert browser.post(confirm)["Location"] == link
        assert browser.post(link)["Location"] == f"/clubs/{club.pk}/"

    def test_the_owner_is_told(self, link, club, ben, ada, signed_in):
        signed_in.post(link)
        told = Notice.objects.get(person=ada)
        assert (told.kind, told.facts) == ("club_joined", {"club": str(club.pk), "member": str(ben.actor_id)})

    def test_a_full_club_lets_nobody_in_and_the_invitation_stays_good(self, link, club, ada, signed_in):
        commands.set_seats(viewer=ada, club_id=club.pk, seats=1, now=timezone.now())
        assert signed_in.post(link)["Location"] == link
        assert Invitation.objects.get().uses == 0
        commands.set_seats(viewer=ada, club_id=club.pk, seats=2, now=timezone.now())
        assert signed_in.post(link)["Location"] == f"/clubs/{club.pk}/"

    def test_a_second_visit_uses_nothing_up(self, link, signed_in):
        signed_in.post(link)
        assert signed_in.post(link)["Location"] == "/clubs/"
        assert Invitation.objects.get().uses == 1

    def test_taken_back_it_opens_nothing_and_nobody_is_removed(self, link, club, as_ada, signed_in):
        signed_in.post(link)
        for _ in range(2):
            as_ada.post(f"/clubs/{club.pk}/invitations/{Invitation.objects.get().pk}/revocation/")
        assert Client().get(link).status_code == 410
        assert Membership.objects.filter(club=club).count() == 2

    @pytest.mark.parametrize("spoil", [lambda link: link[:-5] + "aaaa/", lambda link: "/join/x/"])
    def test_a_link_that_we_did_not_make_leads_nowhere(self, link, spoil):
        assert Client().get(spoil(link)).status_code == 404

    def test_a_link_cannot_be_declined_for_everybody(self, link):
        Client().post(link, {"decline": "1"})
        assert Invitation.objects.get().declined_at is None

    def test_the_next_sign_in_after_joining_leads_where_it_always_leads(self, link, signed_in):
        signed_in.get(link)
        signed_in.post(link)
        assert "invited" not in signed_in.session


LIST = """E-mail;Rola
new@dojang.example
Ben <ben@dojang.example>
Kim, kim@dojang.example, coach

new@dojang.example
not an address
lee@dojang.example;king
waiting@dojang.example
"""


@pytest.mark.django_db
class TestLists:
    def test_every_line_is_told_what_became_of_it(self, club, ada, ben, as_ada):
        joined(club, ben)
        commands.invite_by_mail(
            viewer=ada, club_id=club.pk, email="waiting@dojang.example", role=Role.MEMBER, now=timezone.now()
        )
        lines = commands.invite_by_list(viewer=ada, club_id=club.pk, text=LIST, now=timezone.now())
        assert [(line.number, line.verdict.value) for line in lines] == [
            (2, "invited"), (3, "member"), (4, "invited"), (6, "twice"), (7, "no_address"), (8, "no_such_role"),
            (9, "waiting"),
        ]  # fmt: skip
        made = Invitation.objects.exclude(email="waiting@dojang.example").order_by("email")
        assert list(made.values_list("email", "role")) == [
            ("kim@dojang.example", "coach"), ("new@dojang.example", "member"),
        ]  # fmt: skip

    def test_a_coach_invites_no_coaches_by_list(self, club):
        coach = UserFactory()
        joined(club, coach, role="coach")
        [line] = commands.invite_by_list(
            viewer=coach, club_id=club.pk, text="kim@dojang.example,coach", now=timezone.now()
        )
        assert line.verdict is rules.Verdict.NOT_YOURS
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1250"])
    def test_a_file_of_a_spreadsheet_is_read(self, as_ada, club, encoding, tmp_path):
        file = tmp_path / "klub.csv"
        file.write_bytes("Imię;E-mail\r\nŁucja;lucja@dojang.example\r\n".encode(encoding))
        with file.open("rb") as given:
            answer = as_ada.post(f"/clubs/{club.pk}/invitations/list/", {"text": "", "file": given})
        assert answer.status_code == 200
        assert "Łucja" in answer.content.decode()
        assert Invitation.objects.get().email == "lucja@dojang.example"

    @pytest.mark.parametrize("typed", ["", "   ", "\n".join(f"p{n}@dojang.example" for n in range(201))])
    def test_nothing_and_too_much_are_refused_with_a_sentence(self, as_ada, club, typed):
        answer = as_ada.post(f"/clubs/{club.pk}/invitations/list/", {"text": typed})
        assert answer.status_code == 422
        assert not Invitation.objects.exists()

    def test_asking_who_is_in_costs_the_same_for_one_line_and_for_fifty(self, club, ada):
        def reads(lines):
            text = "\n".join(f"p{lines}-{n}@dojang" for n in range(lines))  # no address: only the reading counts
            before = len(connection.queries_log)
            connection.force_debug_cursor = True
            commands.invite_by_list(viewer=ada, club_id=club.pk, text=text, now=timezone.now())
            connection.force_debug_cursor = False
            return len(connection.queries_log) - before

        assert reads(1) == reads(50)


class TestReading:
    @given(st.text(max_size=300))
    def test_whatever_is_pasted_gets_a_verdict_for_each_line(self, text):
        lines = rules.read_list(text, members={"a@b.example"}, waiting=set(), roles=["member"])
        assert len(lines) <= len(text.splitlines())
        for line in lines:
            assert not line.is_good or (rules.is_address(line.email) and line.role == "member")

    @given(st.lists(st.emails(), max_size=20), st.sampled_from([",", ";", "\t"]))
    def test_addresses_are_found_whatever_separates_the_cells(self, emails, separator):
        plain = [each.lower() for each in emails if rules.is_address(each.lower())]
        text = "\n".join(f"Somebody{separator}{each}" for each in plain)
        lines = rules.read_list(text, members=(), waiting=(), roles=["member"])
        assert [line.email for line in lines if line.is_good] == list(dict.fromkeys(plain))

    @pytest.mark.parametrize(
        "text", ["a@b", "a b@c.example", "@c.example", "a@", "a@b..example", "a@b.example,", "ż@b.example"]
    )
    def test_this_is_no_address(self, text):
        assert not rules.is_address(text)
