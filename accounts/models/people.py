import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import IntegrityError, models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address; a pupil, who has none, with a code.

    `actor_id` is the pseudonym under which audit events and jobs remember them; it exists only here,
    so that erasing this row makes those rows anonymous.
    """

    email = models.EmailField(_("e-mail address"), null=True, blank=True)
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    locale = models.CharField(_("language"), max_length=2, blank=True, choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    actor_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
            models.CheckConstraint(condition=~models.Q(email=""), name="user_has_an_email"),
            models.CheckConstraint(
                condition=models.Q(locale__in=["", *dict(settings.LANGUAGES)]), name="user_locale_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(is_staff=False, is_superuser=False) | models.Q(email__isnull=False),
                name="staff_has_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email or ""

    def get_short_name(self) -> str:
        return str(self)

    @property
    def is_pupil(self) -> bool:
        """Signs in with a code of their club (Pupil): whoever has an address has a way in of their own."""
        return self.email is None


def says_taken(refused: IntegrityError) -> bool:
    """The database refused an address because somebody has it, and for no other reason."""
    return any(name in str(refused) for name in ("one_user_per_email", "unique_verified_email"))


class StaffRole(models.Model):
    """What somebody of the staff may do beyond reading, and who said so when. Commands ask for it, not pages."""

    class Role(models.TextChoices):
        EDITOR = "editor", _("editor")
        EXAMINER = "examiner", _("examiner")
        OPERATOR = "operator", _("operator")
        ANALYST = "analyst", _("analyst")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=8, choices=Role)
    granted_at = models.DateTimeField()
    granted_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="one_staff_role_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["editor", "examiner", "operator", "analyst"]), name="staff_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.role)


class Pupil(models.Model):
    """A child's account that a club made: no address, no password, a code instead. Nothing else is known of them.

    The row is gone when the guardian has taken the account over, with an address of their own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="pupil")
    club = models.ForeignKey(
        "accounts.Club", null=True, blank=True, on_delete=models.SET_NULL, related_name="pupils", verbose_name=_("club")
    )
    code_digest = models.CharField(max_length=64, unique=True)
    """HMAC of the sign-in code (hex); the code itself is shown once, on the card."""
    code_issued_at = models.DateTimeField(null=True, blank=True)
    """When the last card was made. While there is none, nobody knows the code."""
    guardian_contact = models.CharField(_("guardian's e-mail address or telephone number"), max_length=254)
    consented_on = models.DateField(_("guardian's consent given on"))
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    guardian_key = models.UUIDField(default=uuid.uuid4, unique=True)
    """What the guardian's link carries, signed; a new one ends the old links."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(code_digest__regex=r"^[0-9a-f]{64}$"), name="pupil_has_a_code"),
            models.CheckConstraint(condition=~models.Q(guardian_contact=""), name="pupil_has_a_guardian"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class DataExport(models.Model):
    """What the hall holds about a person, as one file that they asked for. A job makes it; after a week it is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data_exports")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    file = models.CharField(max_length=120, blank=True)
    """Its name in the storage."""
    size = models.PositiveIntegerField(default=0)
    """Bytes."""

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ready_at__isnull=True), name="one_export_under_way"
            ),
            models.CheckConstraint(
                condition=models.Q(ready_at__isnull=True, expires_at__isnull=True, file="")
                | models.Q(ready_at__isnull=False, expires_at__isnull=False, expires_at__gt=models.F("ready_at"))
                & ~models.Q(file=""),
                name="export_that_is_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return self.file or "…"
