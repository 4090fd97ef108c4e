from collections.abc import Callable
from typing import Any

import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 - they register what is taken back below
from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import queries
from .access import console_only
from .models import User

# Operators come in by the same door as everybody: limits on wrong passwords and confirmed addresses hold for them too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]

# What is behind it opens like the console: with a role, and a second step that was shown.
_admin_view: Callable[..., Any] = admin.site.admin_view


def _behind_the_door(view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
    return _admin_view(console_only(view), cacheable)


admin.site.admin_view = _behind_the_door  # type: ignore[method-assign]

# allauth would show and change secrets of second steps and sessions here; `manage.py second_step` takes lost ones away.
admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["email", "display_name", "locale", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "locale"]
    search_fields = ["email", "display_name"]
    fields = ["email", "display_name", "locale", "time_zone", "is_active", "is_staff", "is_superuser", "roles"]
    readonly_fields = ["email", "roles"]

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        """To be seen here; given and taken with `manage.py role`, which leaves a trail."""
        return ", ".join(sorted(queries.staff_roles(person=person))) or "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up, or a command lets them in; this form could not even ask for their address."""
        return False
