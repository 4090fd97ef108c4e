from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa import signals as mfa

        from project.foundation import privacy

        from . import adapter, commands, queries

        user_logged_out.connect(adapter.signed_out)
        mfa.authenticator_added.connect(adapter.step_added)
        mfa.authenticator_removed.connect(adapter.step_removed)
        mfa.authenticator_reset.connect(adapter.codes_renewed)
        mfa.authentication_failed.connect(adapter.step_refused)

        held: dict[str, tuple[list[str], privacy.Export, privacy.Erase]] = {
            "admin_log": (["admin.LogEntry"], queries.admin_log_of, commands.erase_admin_log),
            "sessions": (["sessions.Session"], queries.sessions_of, commands.erase_sessions),
            "roles": (["accounts.StaffRole"], queries.roles_of, commands.erase_roles),
            "second_steps": (["mfa.Authenticator"], queries.second_steps_of, commands.erase_second_steps),
            "addresses": (
                ["account.EmailAddress", "account.EmailConfirmation"], queries.addresses_of, commands.erase_addresses
            ),
            "profile": (
                ["accounts.User", "accounts.User_groups", "accounts.User_user_permissions"],
                queries.profile_of, commands.erase_profile,
            ),
        }  # fmt: skip
        for order, (name, (tables, export, erase)) in enumerate(held.items(), start=400):
            privacy.register(f"accounts.{name}", tables=tables, export=export, erase=erase, order=order)
