"""What somebody was told, and the words for it, looked up when they are needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import telling
from accounts.models import (
    BeltAward,
    Club,
    DataExport,
    Grading,
    Membership,
    Notice,
    NoticePreference,
    PushSubscription,
    Subscription,
    User,
)
from project.foundation.http.cursors import Orderings

TOPICS = {
    "club": (_("My club"), _("Joining, roles, and what happens to the club.")),
    "belts": (_("Belts and gradings"), _("The next grading day, and the belts you are given.")),
    "plan": (_("My plan"), _("Trials and plans that end, and payments that failed.")),
    "safety": (_("My account"), _("New sign-ins, and your data when you have asked for them.")),
}
"""In the order in which people see them: a title, and what it is about."""

KINDS = {
    "club_joined": ("club", "/clubs/{club}/"),
    "club_role_changed": ("club", "/clubs/{club}/"),
    "club_removed": ("club", ""),
    "club_transferred": ("club", "/clubs/{club}/"),
    "club_over_limit": ("plan", "/clubs/{club}/"),
    "pupil_left": ("club", "/clubs/{club}/pupils/"),
    "belt_awarded": ("belts", "/belts/mine/"),
    "grading_planned": ("belts", "/gradings/{grading}/"),
    "subscription_ends": ("plan", "/subscriptions/"),
    "payment_failed": ("plan", "/subscriptions/"),
    "data_export_ready": ("safety", "/profile/data/{export}/"),
    "new_sign_in": ("safety", "/account/sessions/"),
    "token_reused": ("safety", "/account/sessions/"),
}
"""What accounts itself tells: the topic, and where it leads. Facts are named by what they are ids of: club, grading,
award, export, member (a pseudonym); role and plan are those of Membership and Subscription, until is a day."""

MUST = frozenset({"payment_failed", "data_export_ready", "new_sign_in", "token_reused"})


def register_kinds() -> None:
    for name, (title, note) in TOPICS.items():
        telling.name_topic(name, title=title, note=note)
    for name, (topic, path) in KINDS.items():
        folder = f"accounts/notices/{name}"
        telling.register(name, topic=topic, template=folder, contexts=contexts, path=path, must=name in MUST)


_WORDS: dict[str, Mapping[str, Any]] = {
    "role": dict(Membership.Role.choices),
    "plan": dict(Subscription.Plan.choices),
}


def contexts(*, person: Any, facts: Sequence[telling.Facts]) -> list[Mapping[str, Any] | None]:
    """What the templates of our own kinds need, in one query for each table that any of the facts point to."""
    rows = {
        "club": Club.objects.all(),
        "grading": Grading.objects.all(),
        "award": BeltAward.objects.filter(person=person.pk),
        "export": DataExport.objects.filter(person=person.pk),
        "member": User.objects.all(),
    }
    found = {name: _found(name, rows[name], (each.get(name) for each in facts)) for name in rows}
    return [_context(each, found) for each in facts]


def _found(name: str, rows: QuerySet[Any], ids: Iterable[Any]) -> dict[str, Any]:
    wanted = {known for each in ids if (known := _uuid(each))}
    if not wanted:
        return {}
    column = "actor_id" if name == "member" else "pk"
    return {str(getattr(row, column)): row for row in rows.filter(**{f"{column}__in": wanted})}


def _context(facts: telling.Facts, found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    about: dict[str, Any] = dict(facts)
    for name, rows in found.items():
        if name in facts:
            about[name] = rows.get(str(facts[name]))
            if about[name] is None:
                return None
    about |= {f"{name}_name": words.get(str(facts.get(name)), "") for name, words in _WORDS.items()}
    return about | {"until": _day(facts.get("until"))}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        return None


NOTICE_ORDERINGS: Orderings = {"newest": ("-created_at", "id")}


@dataclass(frozen=True)
class Told:
    """A notice with the words' material. `kind` is None for one that this hall does not know (any more), `about` for
    one whose club, award or grading is gone."""

    notice: Notice
    kind: telling.Kind | None
    about: Mapping[str, Any] | None

    @property
    def path(self) -> str:
        return self.kind.leads_to(self.notice.facts) if self.kind and self.about is not None else ""

    @property
    def lines(self) -> list[str]:
        """The template of its line in the list, the first that there is."""
        return [f"{self.kind.template}/{name}" for name in ("line.html", "push.txt")] if self.kind else []


def notices_of(*, viewer: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(person=viewer.pk)


def told(*, person: Any, notices: Sequence[Notice]) -> list[Told]:
    """The notices with what they are about, in as many queries as their kinds need, however many they are."""
    asked: dict[telling.Contexts, list[Notice]] = {}
    for notice in notices:
        if kind := telling.find(notice.kind):
            asked.setdefault(kind.contexts, []).append(notice)
    about: dict[UUID, Mapping[str, Any] | None] = {}
    for ask, rows in asked.items():
        answers = ask(person=person, facts=[row.facts for row in rows])
        about |= {row.pk: answer for row, answer in zip(rows, answers, strict=True)}
    return [Told(notice, telling.find(notice.kind), about.get(notice.pk)) for notice in notices]


def preferences_of(*, person: Any) -> dict[tuple[str, str], bool]:
    """Where somebody departs from what is usual (which is on), by topic and channel."""
    rows = NoticePreference.objects.filter(person=person.pk)
    return {(row.topic, row.channel): row.is_on for row in rows}


def said_about(*, person: Any, topic: str) -> dict[str, bool]:
    """The same for one topic, by channel."""
    rows = NoticePreference.objects.filter(person=person.pk, topic=topic)
    return {row.channel: row.is_on for row in rows}


@dataclass(frozen=True)
class Switches:
    """A topic as its row of preferences shows it. Where `mail_is_fixed`, nothing of it may be left out."""

    topic: telling.Topic
    mail: bool
    push: bool
    mail_is_fixed: bool


def switches_of(*, person: Any) -> list[Switches]:
    says = preferences_of(person=person)

    def switches(topic: telling.Topic) -> Switches:
        is_fixed = not telling.has_mail_switch(topic.name)
        mail, push = (says.get((topic.name, channel), True) for channel in ("mail", "push"))
        return Switches(topic, mail or is_fixed, push, is_fixed)

    return [switches(topic) for topic in telling.topics()]


def devices_of(*, person: Any) -> list[str]:
    """The browsers that somebody is pushed to, as digests (SHA-256) of their endpoints, which are secrets."""
    endpoints = PushSubscription.objects.filter(person=person.pk).order_by("created_at", "pk")
    return [sha256(each.encode()).hexdigest() for each in endpoints.values_list("endpoint", flat=True)]


class BadLink(Exception):
    """Nobody of this hall has signed this link."""


def unsubscribe_url(*, person: User, topic: str) -> str:
    """A link that switches off the mail of one topic for one person and does nothing else. It does not end: letters
    are read after years."""
    token = _unsubscriber().sign_object([person.actor_id.hex, topic])
    return f"{settings.PUBLIC_URL}{reverse('unsubscribe', args=[token])}"


def unsubscribed_by(*, token: str) -> tuple[User | None, telling.Topic]:
    """Who and what a link is about; no person when they have left. Raises BadLink."""
    try:
        actor_id, topic = _unsubscriber().unsign_object(token)
        return User.objects.filter(actor_id=actor_id).first(), telling.topic(topic)
    except (BadSignature, LookupError, TypeError, ValueError):
        raise BadLink from None


def _unsubscriber() -> Signer:
    return Signer(salt="accounts.unsubscribe")


def time_zone_of(*, person: User) -> ZoneInfo:
    """That of the hall for a name that this machine does not know."""
    try:
        return ZoneInfo(person.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
