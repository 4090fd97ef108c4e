import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.rules.plans import SEATS_AT_MOST

from .people import User


class Club(models.Model):
    """Has exactly one owner at any commit (a deferred trigger) and as many seats as there are rows of Seat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="club_has_a_name")]

    def __str__(self) -> str:
        return self.name


class ClubLogo(models.Model):
    """A small PNG, in a table of its own so that lists of clubs do not carry it."""

    club = models.OneToOneField(Club, primary_key=True, on_delete=models.CASCADE, related_name="logo")
    png = models.BinaryField()
    digest = models.CharField(max_length=64)
    """SHA-256 (hex): the version in its address."""

    def __str__(self) -> str:
        return self.digest[:8]


class Seat(models.Model):
    """One place in a club. Numbers are given once, from 1, so there are never more than SEATS_AT_MOST."""

    club = models.ForeignKey(Club, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["club", "number"], name="one_seat_per_number"),
            models.UniqueConstraint(fields=["id", "club"], name="seat_is_named_with_its_club"),
            models.CheckConstraint(condition=Q(number__range=(1, SEATS_AT_MOST)), name="seat_number_is_in_the_plan"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Membership(models.Model):
    """A person on a seat. The seat is of the same club (a composite foreign key) and holds nobody else."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        COACH = "coach", _("coach")
        MEMBER = "member", _("member")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    club = models.ForeignKey(Club, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    seat = models.OneToOneField(Seat, on_delete=models.RESTRICT, related_name="membership")
    role = models.CharField(_("role"), max_length=6, choices=Role)
    joined_at = models.DateTimeField()
    invitation = models.ForeignKey(
        "accounts.Invitation", null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships"
    )

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["club", "person"], name="member_once"),
            models.UniqueConstraint(fields=["club"], condition=Q(role="owner"), name="one_owner_per_club"),
            models.CheckConstraint(condition=Q(role__in=["owner", "coach", "member"]), name="club_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


class Invitation(models.Model):
    """A way into a club. By e-mail it is for one person, by link or QR for as many as it says. It holds no seat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    club = models.ForeignKey(Club, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=6, choices=Membership.Role)
    email = models.EmailField(_("e-mail address"), blank=True)
    """In small letters; empty for a link."""
    uses_max = models.PositiveSmallIntegerField(_("for how many"), default=1)
    uses = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    expires_at = models.DateTimeField(_("until"))
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    """When it was last mailed."""

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["coach", "member"]), name="nobody_is_invited_as_owner"),
            models.CheckConstraint(condition=Q(uses__lte=F("uses_max")), name="invitation_is_not_used_too_often"),
            models.CheckConstraint(condition=Q(uses_max__range=(1, 500)), name="invitation_has_a_use_limit"),
            models.CheckConstraint(condition=Q(email="") | Q(uses_max=1), name="letter_is_for_one_person"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_ends"),
            models.UniqueConstraint(
                F("club"), Lower("email"),
                condition=~Q(email="") & Q(uses=0, declined_at__isnull=True, revoked_at__isnull=True),
                name="one_open_letter_per_address",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email or f"{self.uses}/{self.uses_max}"
