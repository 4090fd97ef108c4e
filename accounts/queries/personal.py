"""What is held about somebody in the tables of accounts (foundation.privacy), and the copies of it that they asked for.

What others are called is in none of it: a club, a grading and a plan are, people are not.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import F, Func, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    AdImpression,
    BeltAward,
    Candidate,
    Club,
    DataExport,
    Invitation,
    Membership,
    Notice,
    NoticePreference,
    OutgoingMail,
    Pupil,
    PushSubscription,
    Subscription,
    User,
)
from project.foundation import privacy

Rows = list[Mapping[str, Any]]

TITLES = {
    "accounts.profile": _("Name and settings"),
    "accounts.addresses": _("E-mail addresses"),
    "accounts.elsewhere": _("Accounts elsewhere for signing in"),
    "accounts.second_steps": _("Second steps when signing in"),
    "accounts.sessions": _("Sessions"),
    "accounts.places": _("Where signed in"),
    "accounts.pupil": _("Guardian and consent"),
    "accounts.memberships": _("Clubs"),
    "accounts.invitations": _("Invitations to clubs"),
    "accounts.belt_awards": _("Belts"),
    "accounts.candidacies": _("Gradings"),
    "accounts.subscriptions": _("Plans"),
    "accounts.ad_impressions": _("Advertisements that were shown"),
    "accounts.notices": _("Notices"),
    "accounts.notice_preferences": _("Choices about notices"),
    "accounts.push_subscriptions": _("Devices that get pushes"),
    "accounts.letters": _("Letters on their way"),
    "accounts.data_exports": _("Copies of the data"),
    "accounts.roles": _("Roles of the staff"),
    "accounts.admin_log": _("What operators wrote down"),
}
"""What parts of what is held are called. Those of other apps are shown by their own names."""


def addresses_reaching(*, person: User) -> set[str]:
    """All in small letters, those not yet confirmed too."""
    others = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return {address.lower() for address in (person.email, *others) if address}


def pupil_of(*, person: User) -> Rows:
    """Without what the code and the guardian's link are made of."""
    columns = ("club__name", "guardian_contact", "consented_on", "recorded_by", "recorded_at", "code_issued_at")
    return list(Pupil.objects.filter(person=person).values(*columns))


def memberships_of(*, person: User) -> Rows:
    columns = ("club", "club__name", "role", "seat__number", "joined_at")
    return list(Membership.objects.filter(person=person).order_by("joined_at", "pk").values(*columns))


def invitations_to(*, person: User) -> Rows:
    columns = (
        "club__name", "email", "role", "created_at", "created_by", "expires_at", "declined_at", "revoked_at", "sent_at",
    )  # fmt: skip
    return list(invitations_naming(person=person).order_by("created_at", "pk").values(*columns))


def invitations_naming(*, person: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(email__in=addresses_reaching(person=person))


def belt_awards_of(*, person: User) -> Rows:
    columns = (
        "id", "belt", "awarded_on", "awarded_by", "club_name", "candidate", "corrects", "is_void", "reason", "code",
        "created_at",
    )  # fmt: skip
    return list(BeltAward.objects.filter(person=person).order_by("created_at", "pk").values(*columns))


def candidacies_of(*, person: User) -> Rows:
    found = Candidate.objects.filter(person=person).select_related("grading").prefetch_related("parts")
    return [
        {
            "id": each.pk,
            "held_on": each.grading.held_on,
            "place": each.grading.place,
            "club_name": each.grading.club_name,
            "belt": each.belt,
            "result": each.result,
            "note": each.note,
            "parts": {part.part: part.passed for part in each.parts.all()},
        }
        for each in found.order_by("grading__held_on", "pk")
    ]


def subscriptions_held(*, person: User) -> Rows:
    columns = (
        "provider", "reference", "customer", "plan", "status", "current_period_end", "renews", "seats", "club__name",
        "is_house_trial", "created_at",
    )  # fmt: skip
    return list(Subscription.objects.filter(person=person).order_by("created_at", "pk").values(*columns))


def ad_impressions_of(*, person: User) -> Rows:
    return list(
        AdImpression.objects.filter(person=person).order_by("shown_at", "pk").values("id", "session", "shown_at")
    )


def notices_of_person(*, person: User) -> Rows:
    columns = ("kind", "facts", "created_at", "read_at")
    return list(Notice.objects.filter(person=person).order_by("created_at", "pk").values(*columns))


def notice_preferences_of(*, person: User) -> Rows:
    return list(NoticePreference.objects.filter(person=person).order_by("pk").values("topic", "channel", "is_on"))


def push_subscriptions_of(*, person: User) -> Rows:
    """Without the keys, with which anybody could write to the device."""
    return list(PushSubscription.objects.filter(person=person).order_by("pk").values("endpoint", "created_at"))


def letters_of(*, person: User) -> Rows:
    columns = ("to", "subject", "text", "created_at")
    return list(letters_naming(person=person).order_by("created_at", "pk").values(*columns))


def letters_naming(*, person: User) -> QuerySet[OutgoingMail]:
    """Letters to one of their addresses, and those about a pupil to whoever is, was or wants to be the guardian."""
    naming = Q(address__in=addresses_reaching(person=person))
    if person.display_name and Pupil.objects.filter(person=person).exists():
        about_pupils = reverse("guardian", args=["x"]).removesuffix("x/")
        naming |= Q(text__contains=person.display_name) & Q(text__contains=about_pupils)
    return OutgoingMail.objects.alias(address=Func(F("to"), function="lower")).filter(naming)


def data_exports_of(*, person: User) -> Rows:
    columns = ("asked_at", "ready_at", "expires_at", "size")
    return list(DataExport.objects.filter(person=person).order_by("asked_at", "pk").values(*columns))


# --- Copies ---------------------------------------------------------------------------------------


def data_exports(*, viewer: User, now: datetime) -> Sequence[DataExport]:
    """The copies that somebody has asked for and can still have, newest first."""
    mine = DataExport.objects.filter(person=viewer)
    return list(mine.filter(Q(ready_at__isnull=True) | Q(expires_at__gt=now)))


def data_export(*, viewer: User, export_id: UUID, now: datetime) -> DataExport:
    """Raises DataExport.DoesNotExist for one that is somebody else's, or over."""
    return DataExport.objects.exclude(expires_at__lte=now).get(pk=export_id, person=viewer)


def owned_clubs(*, person: User) -> Sequence[Club]:
    """What keeps somebody from leaving."""
    return list(Club.objects.filter(memberships__person=person, memberships__role=Membership.Role.OWNER))


def plans_that_renew(*, person: User) -> Sequence[Subscription]:
    """What a provider still collects for, whatever the hall forgets about it."""
    paid = Subscription.objects.filter(person=person, renews=True).exclude(provider="manual")
    return list(paid.exclude(status=Subscription.Status.CANCELED))


def titled(held: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[tuple[str, Any, Sequence[Mapping[str, Any]]]]:
    """The parts of privacy.export, each with what people call it, the person themselves first."""
    for name in sorted(held, key=lambda name: ([*TITLES, name].index(name), name)):
        yield name, TITLES.get(name, name.partition(".")[2].replace("_", " ")), held[name]


def everything_about(*, person: User) -> dict[str, list[Any]]:
    """By part, as plain JSON. Raises privacy.PartFailed."""
    return privacy.export(person)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table with a head; what is no plain value is JSON. Nothing in it is calculated by a spreadsheet."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
