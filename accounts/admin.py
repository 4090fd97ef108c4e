from django.contrib import admin

from .models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["email", "display_name", "locale", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active", "locale"]
    search_fields = ["email", "display_name"]
    fields = ["email", "display_name", "locale", "time_zone", "is_active", "is_staff", "is_superuser", "groups"]
    readonly_fields = ["email"]
