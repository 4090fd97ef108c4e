"""Members ≤ seats ≤ what the plan has, whoever races whom and whatever is written past the commands."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import commands, queries
from accounts.models import Club, Invitation, Membership, Seat, Subscription
from accounts.rules import SEATS_AT_MOST
from accounts.rules import clubs as rules
from accounts.tests.clubs import SubscriptionFactory, a_club, joined
from accounts.tests.factories import UserFactory
from project.foundation.audit.models import AuditEvent

Role = Membership.Role


def at_once(*deeds):
    """Does all of it at the same time, each with a connection of its own; what each gave or raised."""

    def do(deed):
        try:
            return deed()
        except Exception as refused:
            return type(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def assert_sound(club):
    """What must hold at any instant, asked past every model."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(*), count(DISTINCT m.seat_id), count(*) FILTER (WHERE s.club_id = m.club_id),"
            " count(*) FILTER (WHERE m.role = 'owner'), (SELECT count(*) FROM accounts_seat WHERE club_id = %s)"
            " FROM accounts_membership m JOIN accounts_seat s ON s.id = m.seat_id WHERE m.club_id = %s",
            [club.pk, club.pk],
        )
        members, seats_held, in_their_club, owners, seats = sql.fetchone()
    assert members == seats_held == in_their_club <= seats <= SEATS_AT_MOST
    assert owners == 1


@pytest.fixture
def link(now):
    def make(club, owner, *, uses_max=500, role=Role.MEMBER):
        return commands.make_link(
            viewer=owner, club_id=club.pk, role=role, uses_max=uses_max, lifetime=timedelta(days=14), now=now
        )

    return make


class TestRaces:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_of_fifty_who_want_the_last_seat_one_gets_it(self, ada, now, link):
        club = a_club(ada, seats=3)
        joined(club, UserFactory())
        invitation, people = link(club, ada), UserFactory.create_batch(50)
        told = at_once(*[
            lambda person=person: commands.accept_invitation(person=person, invitation_id=invitation.pk, now=now)
            for person in people
        ])  # fmt: skip
        assert [type(each) for each in told].count(Membership) == 1
        assert told.count(commands.ClubFull) == 49
        assert_sound(club)
        invitation.refresh_from_db()
        assert invitation.uses == 1
        assert AuditEvent.objects.filter(type="club.joined").count() == 1

    def test_a_link_for_five_lets_five_in(self, ada, now, link):
        club = a_club(ada, seats=20)
        invitation, people = link(club, ada, uses_max=5), UserFactory.create_batch(12)
        told = at_once(*[
            lambda person=person: commands.accept_invitation(person=person, invitation_id=invitation.pk, now=now)
            for person in people
        ])  # fmt: skip
        assert told.count(commands.InvitationOver) == 7
        assert Membership.objects.filter(club=club, role="member").count() == 5
        assert_sound(club)

    def test_one_person_who_joins_ten_times_at_once_is_in_once(self, ada, ben, now, link):
        club = a_club(ada, seats=20)
        invitation = link(club, ada)
        told = at_once(*[lambda: commands.accept_invitation(person=ben, invitation_id=invitation.pk, now=now)] * 10)
        assert told.count(commands.AlreadyMember) == 9
        invitation.refresh_from_db()
        assert invitation.uses == 1

    @pytest.mark.parametrize("seed", range(3))
    def test_shrinking_joining_leaving_handing_over_and_ending_at_once_keep_a_club_sound(self, ada, now, link, seed):
        """A storm of everything that moves seats. Whatever is refused, the club is sound after each of four waves. Its
        coach never leaves, so that nobody can close it."""
        chance = random.Random(seed)
        club = a_club(ada, seats=6)
        joined(club, UserFactory(), role="coach")
        heirs = [joined(club, UserFactory()) for _ in range(2)]
        invitation = link(club, ada)
        for _ in range(4):
            deeds = [
                *[
                    lambda person=person: commands.accept_invitation(
                        person=person, invitation_id=invitation.pk, now=now
                    )
                    for person in UserFactory.create_batch(5)
                ],
                *[
                    lambda seats=seats: commands.set_seats(viewer=_owner(club), club_id=club.pk, seats=seats, now=now)
                    for seats in (3, 5, 8)
                ],
                *[
                    lambda heir=heir: commands.transfer_club(
                        viewer=_owner(club), club_id=club.pk, membership_id=heir.pk, now=now
                    )
                    for heir in heirs
                ],
                *[
                    lambda one=one: commands.leave_club(viewer=one.person, club_id=club.pk, now=now)
                    for one in Membership.objects.filter(club=club, role="member").select_related("person")[:2]
                ],
                lambda: Subscription.objects.filter(club=club).update(seats=chance.randint(1, 20)),
                lambda: commands.close_club(viewer=_owner(club), club_id=club.pk, now=now),
            ]
            chance.shuffle(deeds)
            told = at_once(*deeds)
            allowed = {
                commands.ClubFull, commands.SeatsRefused, commands.NotAlone, commands.OwnerStays, queries.MayNot,
                Club.DoesNotExist, Membership.DoesNotExist,
            }  # fmt: skip
            assert {each for each in told if isinstance(each, type)} <= allowed
            assert_sound(club)

    @pytest.mark.parametrize("seed", range(6))
    def test_a_club_that_is_closed_while_others_join_is_gone_or_keeps_whoever_is_in(self, ada, now, link, seed):
        club = a_club(ada, seats=6)
        invitation = link(club, ada)
        deeds = [
            lambda: commands.close_club(viewer=ada, club_id=club.pk, now=now),
            *[
                lambda person=person: commands.accept_invitation(person=person, invitation_id=invitation.pk, now=now)
                for person in UserFactory.create_batch(2)
            ],
        ]
        random.Random(seed).shuffle(deeds)
        told = at_once(*deeds)
        if Club.objects.filter(pk=club.pk).exists():
            assert told.count(commands.NotAlone) == 1
            assert Membership.objects.filter(club=club).count() == 3
            assert_sound(club)
        else:
            assert {each for each in told if each is not None} <= {Club.DoesNotExist, Invitation.DoesNotExist}
            assert not Membership.objects.filter(club=club.pk).exists()
            assert not Seat.objects.filter(club=club.pk).exists()

    def test_two_clubs_founded_at_once_share_no_plan(self, ada, now):
        SubscriptionFactory(person=ada, seats=20)
        told = at_once(*[
            lambda name=name: commands.create_club(person=ada, name=name, seats=2, now=now) for name in ("A", "B", "C")
        ])  # fmt: skip
        assert told.count(commands.PlanMissing) == 2
        assert Club.objects.count() == 1
        assert_sound(Club.objects.get())


def _owner(club):
    return Membership.objects.select_related("person").get(club=club, role="owner").person


def attack(statement, *values):
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(statement, values)
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
class TestAttacks:
    @pytest.fixture
    def club(self, ada):
        return a_club(ada, seats=2)

    JOIN = (
        "INSERT INTO accounts_membership (id, club_id, person_id, seat_id, role, joined_at)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s, now())"
    )

    def seat(self, club, number):
        return Seat.objects.get(club=club, number=number).pk

    def test_nobody_sits_on_somebodys_lap(self, club, ben):
        with pytest.raises(IntegrityError, match="seat_id"):
            attack(self.JOIN, club.pk, ben.pk, self.seat(club, 1), "member")

    def test_nobody_sits_without_a_seat(self, club, ben):
        with pytest.raises(IntegrityError, match="seat_id"):
            attack(self.JOIN, club.pk, ben.pk, None, "member")

    def test_nobody_sits_on_a_seat_of_another_club(self, club, ben, cleo):
        elsewhere = a_club(cleo, name="Elsewhere")
        with pytest.raises(IntegrityError, match="membership_seat_is_of_its_club"):
            attack(self.JOIN, club.pk, ben.pk, self.seat(elsewhere, 2), "member")

    def test_nobody_sits_twice(self, club, ada):
        with pytest.raises(IntegrityError, match="member_once"):
            attack(self.JOIN, club.pk, ada.pk, self.seat(club, 2), "member")

    @pytest.mark.parametrize(("number", "why"), [(0, "in_the_plan"), (21, "in_the_plan"), (2, "one_seat_per_number")])
    def test_there_is_no_twenty_first_seat_and_no_second_second(self, club, number, why):
        with pytest.raises(IntegrityError, match=why):
            attack("INSERT INTO accounts_seat (club_id, number) VALUES (%s, %s)", club.pk, number)

    def test_a_seat_is_not_taken_away_under_somebody(self, club):
        with pytest.raises(IntegrityError, match="accounts_membership"):
            attack("DELETE FROM accounts_seat WHERE id = %s", self.seat(club, 1))

    def test_a_club_has_one_owner(self, club, ben):
        with pytest.raises(IntegrityError, match="one_owner_per_club"):
            attack(self.JOIN, club.pk, ben.pk, self.seat(club, 2), "owner")

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM accounts_membership WHERE club_id = %s",
            "UPDATE accounts_membership SET role = 'coach' WHERE club_id = %s",
        ],
    )
    def test_a_club_is_never_without_an_owner(self, club, statement):
        with pytest.raises(IntegrityError, match="has no owner"):
            attack(statement, club.pk)

    def test_a_club_is_not_founded_without_an_owner(self):
        with pytest.raises(IntegrityError, match="has no owner"):
            attack("INSERT INTO accounts_club (id, name, created_at) VALUES (%s, 'Nobody', now())", uuid4())

    def test_a_role_that_does_not_exist_is_refused(self, club, ben):
        with pytest.raises(IntegrityError, match="club_role_is_known"):
            attack(self.JOIN, club.pk, ben.pk, self.seat(club, 2), "king")

    INVITE = (
        "INSERT INTO accounts_invitation (id, club_id, role, email, uses_max, uses, created_at, created_by, expires_at)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, now(), gen_random_uuid(), now() + %s::interval)"
    )

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            (("owner", "", 5, 0, "1 day"), "nobody_is_invited_as_owner"),
            (("member", "", 5, 6, "1 day"), "invitation_is_not_used_too_often"),
            (("member", "", 501, 0, "1 day"), "invitation_has_a_use_limit"),
            (("member", "ben@dojang.example", 2, 0, "1 day"), "letter_is_for_one_person"),
            (("member", "", 5, 0, "-1 day"), "invitation_ends"),
        ],
    )
    def test_an_invitation_that_makes_no_sense_is_refused(self, club, values, why):
        with pytest.raises(IntegrityError, match=why):
            attack(self.INVITE, club.pk, *values)

    def test_an_address_has_one_open_letter_of_a_club_whatever_its_case(self, club):
        attack(self.INVITE, club.pk, "member", "ben@dojang.example", 1, 0, "1 day")
        with pytest.raises(IntegrityError, match="one_open_letter_per_address"):
            attack(self.INVITE, club.pk, "coach", "Ben@Dojang.example", 1, 0, "1 day")
        Invitation.objects.update(declined_at="2026-11-21T09:00Z")
        attack(self.INVITE, club.pk, "coach", "Ben@Dojang.example", 1, 0, "1 day")


class TestNumbers:
    @given(taken=st.sets(st.integers(1, 20)), wanted=st.integers(0, 20))
    def test_the_lowest_free_numbers_are_added_and_never_more(self, taken, wanted):
        added = rules.numbers_to_add(taken=taken, wanted=wanted)
        assert len(set(added)) == len(added) == max(wanted - len(taken), 0)
        assert not taken & set(added)
        if wanted > len(taken):
            assert all(number in taken or number in added for number in range(1, max(added) + 1))

    @given(wanted=st.integers(-1, 25), now=st.integers(0, 20), members=st.integers(1, 20), paid=st.integers(0, 20))
    def test_what_is_allowed_holds_everybody_and_is_paid_for_or_no_more_than_before(self, wanted, now, members, paid):
        refused = rules.seats_refusal(wanted=wanted, now=now, members=members, paid=paid)
        if refused is None:
            assert members <= wanted
            assert wanted <= paid or wanted <= now
        else:
            assert wanted < 1 or wanted < members or wanted > max(paid, now)


@pytest.mark.django_db
class TestSeats:
    def test_growing_and_shrinking_leave_everybody_where_they_sit(self, ada, ben, now):
        club = a_club(ada, seats=2)
        place = joined(club, ben)
        for seats, numbers in [(5, [1, 2, 3, 4, 5]), (2, [1, 2]), (3, [1, 2, 3])]:
            commands.set_seats(viewer=ada, club_id=club.pk, seats=seats, now=now)
            assert list(Seat.objects.filter(club=club).values_list("number", flat=True)) == numbers
        place.refresh_from_db()
        assert place.seat.number == 2
        kept = AuditEvent.objects.filter(type="club.seats_set").order_by("pk").values_list("payload", flat=True)
        assert list(kept) == [{"before": 2, "seats": 5}, {"before": 5, "seats": 2}, {"before": 2, "seats": 3}]

    @pytest.mark.parametrize(("seats", "why"), [(0, "none"), (1, "taken"), (21, "unpaid")])
    def test_seats_below_the_members_or_beyond_the_plan_are_refused(self, ada, ben, now, seats, why):
        club = a_club(ada, seats=3)
        joined(club, ben)
        with pytest.raises(commands.SeatsRefused) as refused:
            commands.set_seats(viewer=ada, club_id=club.pk, seats=seats, now=now)
        assert (refused.value.why.value, refused.value.members, refused.value.paid) == (why, 2, 20)
        assert Seat.objects.filter(club=club).count() == 3

    def test_a_club_over_its_limit_may_shrink_and_not_grow(self, ada, now):
        club = a_club(ada, seats=10, paid=3)
        commands.set_seats(viewer=ada, club_id=club.pk, seats=7, now=now)
        with pytest.raises(commands.SeatsRefused):
            commands.set_seats(viewer=ada, club_id=club.pk, seats=8, now=now)

    def test_the_latest_of_a_club_over_its_limit_go_without_and_stay(self, ada, ben, cleo, now):
        club = a_club(ada, seats=5, paid=2)
        joined(club, ben)
        joined(club, cleo)
        assert "offline_video" in queries.entitlements(person=ben, now=now)
        assert "offline_video" not in queries.entitlements(person=cleo, now=now)
        seen = queries.club_at_a_glance(viewer=ada, club_id=club.pk, now=now)
        assert [(place.membership.person, place.is_covered) for place in seen.members] == [
            (ada, True), (ben, True), (cleo, False),
        ]  # fmt: skip
        assert (seen.seats, seen.free, seen.paid, seen.without, seen.is_over) == (5, 2, 2, 1, True)
        commands.leave_club(viewer=ben, club_id=club.pk, now=now)
        assert "offline_video" in queries.entitlements(person=cleo, now=now)
        assert "offline_video" not in queries.entitlements(person=ben, now=now)

    @pytest.mark.parametrize("members", [1, 12])
    def test_the_owners_page_costs_the_same_for_one_member_and_for_twelve(
        self, ada, now, members, django_assert_num_queries
    ):
        club = a_club(ada, seats=20)
        for _ in range(members):
            joined(club, UserFactory())
        with django_assert_num_queries(7):
            queries.club_at_a_glance(viewer=ada, club_id=club.pk, now=now)

    def test_whoever_has_no_plan_for_clubs_founds_none(self, ben, now):
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        SubscriptionFactory(person=ben, status="canceled")
        with pytest.raises(commands.PlanMissing):
            commands.create_club(person=ben, name="Mine", seats=2, now=now)
        assert not Club.objects.exists()
