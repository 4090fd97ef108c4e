from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.core.cache import caches
from django.utils.connection import ConnectionProxy


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import password_reset
        from allauth.core.internal import ratelimit
        from allauth.mfa import signals as mfa
        from allauth.socialaccount.signals import social_account_added, social_account_removed

        from project.foundation import privacy

        from . import adapter, commands, queries, social
        from .queries import notices
        from .views import notices as notice_pages

        # allauth counts in the default cache, and fails without Redis.
        vars(ratelimit)["cache"] = ConnectionProxy(caches, "limits")
        user_logged_out.connect(adapter.signed_out)
        password_reset.connect(adapter.password_was_reset)
        social_account_added.connect(social.connected)
        social_account_removed.connect(social.removed)
        mfa.authenticator_added.connect(adapter.step_added)
        mfa.authenticator_removed.connect(adapter.step_removed)
        mfa.authenticator_reset.connect(adapter.codes_renewed)
        mfa.authentication_failed.connect(adapter.step_refused)

        notices.register_kinds()
        user_logged_out.connect(notice_pages.signed_out)

        held: dict[str, tuple[list[str], privacy.Export, privacy.Erase]] = {
            "letters": (["accounts.OutgoingMail"], queries.letters_of, commands.erase_letters),
            "invitations": (["accounts.Invitation"], queries.invitations_to, commands.erase_invitations),
            "data_exports": (["accounts.DataExport"], queries.data_exports_of, commands.erase_data_exports),
            "notices": (["accounts.Notice"], queries.notices_of_person, commands.erase_notices),
            "notice_preferences": (
                ["accounts.NoticePreference"],
                queries.notice_preferences_of, commands.erase_notice_preferences,
            ),
            "push_subscriptions": (
                ["accounts.PushSubscription"],
                queries.push_subscriptions_of, commands.erase_push_subscriptions,
            ),
            "ad_impressions": (["accounts.AdImpression"], queries.ad_impressions_of, commands.erase_ad_impressions),
            "subscriptions": (["accounts.Subscription"], queries.subscriptions_held, commands.erase_subscriptions),
            "belt_awards": (["accounts.BeltAward"], queries.belt_awards_of, commands.erase_belt_awards),
            "candidacies": (
                ["accounts.Candidate", "accounts.CandidatePart"],
                queries.candidacies_of, commands.erase_candidacies,
            ),
            "memberships": (["accounts.Membership"], queries.memberships_of, commands.erase_memberships),
            "admin_log": (["admin.LogEntry"], queries.admin_log_of, commands.erase_admin_log),
            "sessions": (["sessions.Session"], queries.sessions_of, commands.erase_sessions),
            "places": (["usersessions.UserSession"], queries.where_signed_in, commands.erase_places),
            "elsewhere": (
                ["socialaccount.SocialAccount", "socialaccount.SocialToken"],
                queries.accounts_elsewhere, commands.erase_accounts_elsewhere,
            ),
            "roles": (["accounts.StaffRole"], queries.roles_of, commands.erase_roles),
            "second_steps": (["mfa.Authenticator"], queries.second_steps_of, commands.erase_second_steps),
            "addresses": (
                ["account.EmailAddress", "account.EmailConfirmation"], queries.addresses_of, commands.erase_addresses
            ),
            "pupil": (["accounts.Pupil"], queries.pupil_of, commands.erase_pupil),
            "profile": (
                ["accounts.User", "accounts.User_groups", "accounts.User_user_permissions"],
                queries.profile_of, commands.erase_profile,
            ),
        }  # fmt: skip
        for order, (name, (tables, export, erase)) in enumerate(held.items(), start=400):
            privacy.register(f"accounts.{name}", tables=tables, export=export, erase=erase, order=order)
