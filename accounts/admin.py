import allauth.mfa.admin  # noqa: F401 - registers what is taken back below
from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import queries
from .models import User

# Operators come in by the same door as everybody: limits on wrong passwords and confirmed addresses hold for them too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]

# allauth would show and change the secrets of second steps here; `manage.py second_step` takes lost ones away.
admin.site.unregister(Authenticator)


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
