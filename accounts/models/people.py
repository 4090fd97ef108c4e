import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import IntegrityError, models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address.

    `actor_id` is the pseudonym under which audit events and jobs remember them; it exists only here,
    so that erasing this row makes those rows anonymous.
    """

    email = models.EmailField(_("e-mail address"))
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
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    def get_short_name(self) -> str:
        return str(self)


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
