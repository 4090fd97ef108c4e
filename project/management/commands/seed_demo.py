from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import commands as accounts
from accounts import queries as people
from learning.practice import commands as practising
from learning.practice import queries as practice
from project.demo import CAST, CLUB, PASSWORD, Person

WEEKS, A_DAY = 7, 40
DECKS = {9: 49, 8: 42, 7: 28, 6: 14}
"""Belts, and how many days ago Ben took their decks up."""
DAYS_OFF = {20, 19, 9}


class Command(BaseCommand):
    help = "Let the demo cast in: ada, ben, cleo and otto. Only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo cast has a known password; it is only let in where DEBUG is on.")
        now = timezone.now()
        for person in CAST:
            self._let_in(person, now=now)
        self._found_the_club(now=now)
        self._hold_gradings(now=now)
        self._practise(now=now)

    def _let_in(self, person: Person, *, now: datetime) -> None:
        with suppress(accounts.EmailTaken):
            accounts.create_person(
                email=person.email,
                password=PASSWORD,
                display_name=person.name,
                locale=person.locale,
                is_operator=person.is_staff,
                now=now,
            )
        if person.secret and (known := people.person_reached_at(email=person.email)):
            accounts.add_authenticator_app(person=known, secret=person.secret, now=now)

    def _found_the_club(self, *, now: datetime) -> None:
        """Ada's club, with ben in it and a link for whoever comes next. What is there already stays as it is."""
        ada, ben = (people.person_reached_at(email=f"{name}@dojang.example") for name in ("ada", "ben"))
        if ada is None or ben is None or people.clubs_of(person=ada):
            return
        with suppress(accounts.HasPlan):
            accounts.give_plan(person=ada, plan="club", until=None, by=None, now=now)
        club = accounts.create_club(person=ada, name=CLUB, seats=12, now=now)
        link = accounts.make_link(
            viewer=ada, club_id=club.pk, role=people.ClubRole.MEMBER, uses_max=20, lifetime=timedelta(days=90), now=now
        )
        accounts.accept_invitation(person=ben, invitation_id=link.pk, now=now)

    def _hold_gradings(self, *, now: datetime) -> None:
        """Ben's way from 10th to 7th kup, the last step at a grading of Ada's club, and the day of his next one."""
        ada, ben, otto = (people.person_reached_at(email=f"{name}@dojang.example") for name in ("ada", "ben", "otto"))
        place = next(iter(people.clubs_of(person=ada)), None) if ada else None
        if ada is None or ben is None or otto is None or place is None or people.belt_of(person=ben) is not None:
            return
        club, today = place.club, timezone.localdate(now)
        accounts.award_belt(person=ada, belt=-3, awarded_on=today - timedelta(days=1100), by=otto, now=now)
        for belt, days in ((10, 800), (9, 620), (8, 410)):
            accounts.award_belt(
                person=ben, belt=belt, awarded_on=today - timedelta(days=days), by=ada, now=now, club=club
            )
        held = accounts.plan_grading(
            club=club, held_on=today - timedelta(days=130), place="Hala Wisła", examiner=ada, by=ada, now=now
        )
        candidate = accounts.enrol(grading=held, person=ben, belt=7, by=ada, now=now)
        seen = dict.fromkeys(held.parts, True)
        accounts.record_result(candidate=candidate, parts=seen, result="passed", note="", by=ada, now=now)
        accounts.close_grading(grading=held, by=ada, now=now)
        ahead = accounts.plan_grading(
            club=club, held_on=today + timedelta(days=21), place="Hala Wisła", guest_examiner="Sabum Kim Min-jae",
            by=ada, now=now,
        )  # fmt: skip
        accounts.enrol(grading=ahead, person=ben, belt=6, by=ada, now=now)

    def _practise(self, *, now: datetime) -> None:
        """Ben's last seven weeks: decks of the belts that he has passed, a review now and then forgotten, two days
        off, since a fortnight the deck of the belt that he tries for; his model as the night fits it. Nothing today."""
        ben = people.person_reached_at(email="ben@dojang.example")
        if ben is None or practice.has_cards(person=ben):
            return
        chance = Random(2026)  # noqa: S311 - the same weeks at every seeding
        for days in range(WEEKS * 7, 0, -1):
            then = now - timedelta(days=days)
            for belt in [belt for belt, since in DECKS.items() if since == days]:
                deck = practice.subjects_of_deck(belt=belt, part="all", now=now)
                practising.add_cards(person=ben, subjects=deck, origin=practice.CardOrigin.DECK, now=now)
            if days not in DAYS_OFF:
                self._review(ben, chance, now=then)
        practising.fit_learner(person=ben, now=now)

    def _review(self, person: Any, chance: Random, *, now: datetime) -> None:
        """A day's reviews, so many at most, each some seconds after the one before."""
        cards = practice.queue(person=person, now=now, limit=A_DAY).cards
        given = [
            practising.Given(
                client_id=UUID(int=chance.getrandbits(128), version=4),
                card_id=card.pk,
                rating=chance.choices([1, 2, 3, 4], [10, 12, 63, 15])[0],
                reviewed_at=now + timedelta(seconds=9 * number),
                duration=chance.randrange(1_500, 12_000),
            )
            for number, card in enumerate(cards)
        ]
        practising.accept_reviews(
            person=person, given=given, sent_at=None, device="phone", now=now + timedelta(seconds=9 * len(given))
        )
