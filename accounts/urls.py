from collections.abc import Callable, Sequence
from typing import Any

from allauth.account.urls import urlpatterns as account
from allauth.mfa.urls import urlpatterns as second_step
from allauth.socialaccount.providers.apple.urls import urlpatterns as apple
from allauth.socialaccount.providers.openid_connect.urls import urlpatterns as openid_connect
from allauth.socialaccount.urls import urlpatterns as social_account
from django.urls import URLPattern, URLResolver, include, path

from .views import (
    belts,
    clubs,
    gradings,
    guardians,
    invitations,
    notices,
    personal,
    plans,
    pupils,
    sessions,
    social,
    webhooks,
)
from .views import people as views


def in_the_house(
    patterns: Sequence[URLPattern | URLResolver], manner: Callable[..., Any] = views.refusing_with_422
) -> list[URLPattern | URLResolver]:
    """The pages of allauth, those of included lists too, answering in the manner of this house."""
    return [
        URLResolver(each.pattern, in_the_house(each.url_patterns, manner))
        if isinstance(each, URLResolver)
        else URLPattern(
            each.pattern, pupils.not_for_pupils(manner(each.callback), name=each.name), each.default_args, each.name
        )
        for each in patterns
    ]


urlpatterns = [
    path("account/unsubscribe/<str:token>/", notices.unsubscribe, name="unsubscribe"),
    path("account/code/", pupils.code_entrance, name="code_entrance"),
    path("account/guardian/confirm/<str:token>/", guardians.guardian_confirm, name="guardian_confirm"),
    path("account/guardian/<str:token>/", guardians.guardian, name="guardian"),
    path("account/guardian/<str:token>/data/", guardians.guardian_data, name="guardian_data"),
    path("account/guardian/<str:token>/take-over/", guardians.guardian_take_over, name="guardian_take_over"),
    path("account/guardian/<str:token>/withdraw/", guardians.guardian_withdraw, name="guardian_withdraw"),
    path("account/sessions/", sessions.sessions, name="usersessions_list"),
    path("account/sessions/end/", sessions.end, name="end_sessions"),
    path("account/", include(in_the_house(account))),
    path("account/second-step/", include(in_the_house(second_step))),
    path("account/elsewhere/", include(in_the_house(social_account))),
    path("account/elsewhere/", include(in_the_house(apple, social.leaving))),
    path("account/elsewhere/", include(in_the_house(openid_connect, social.leaving))),
    path("_allauth/", include("allauth.headless.urls")),
    path("language/", views.language, name="set_language"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/preferences/", notices.preferences, name="notice_preferences"),
    path("notices/push/", notices.device, name="push_device"),
    path("notices/push/delete/", notices.device_delete, name="push_device_delete"),
    path("sw.js", notices.service_worker, name="service_worker"),
    path("profile/", views.profile, name="profile"),
    path("profile/data/", personal.my_data, name="my_data"),
    path("profile/data/<uuid:export>/", personal.my_copy, name="my_copy"),
    path("profile/delete/", personal.delete_account, name="delete_account"),
    path("farewell/", personal.farewell, name="farewell"),
    path("clubs/", clubs.clubs, name="clubs"),
    path("clubs/new/", clubs.founding, name="club-founding"),
    path("clubs/<uuid:club_id>/", clubs.club, name="club"),
    path("clubs/<uuid:club_id>/settings/", clubs.club_settings, name="club-settings"),
    path("clubs/<uuid:club_id>/logo/", clubs.club_logo, name="club-logo"),
    path("clubs/<uuid:club_id>/logo.png", clubs.logo_png, name="club-logo-png"),
    path("clubs/<uuid:club_id>/transfer/", clubs.transfer, name="club-transfer"),
    path("clubs/<uuid:club_id>/departure/", clubs.departure, name="club-departure"),
    path("clubs/<uuid:club_id>/closure/", clubs.closure, name="club-closure"),
    path("clubs/<uuid:club_id>/pupils/", pupils.pupils, name="pupils"),
    path("clubs/<uuid:club_id>/pupils/cards/", pupils.cards, name="pupil_cards"),
    path("clubs/<uuid:club_id>/pupils/<uuid:pupil_id>/", pupils.pupil, name="pupil"),
    path("clubs/<uuid:club_id>/members/<uuid:membership_id>/role/", clubs.role, name="club-role"),
    path("clubs/<uuid:club_id>/members/<uuid:membership_id>/removal/", clubs.removal, name="club-removal"),
    path("clubs/<uuid:club_id>/invitations/letter/", invitations.letter, name="club-letter"),
    path("clubs/<uuid:club_id>/invitations/link/", invitations.link, name="club-link"),
    path("clubs/<uuid:club_id>/invitations/list/", invitations.bulk, name="club-bulk"),
    path("clubs/<uuid:club_id>/invitations/<uuid:invitation_id>/", invitations.invitation, name="invitation"),
    path(
        "clubs/<uuid:club_id>/invitations/<uuid:invitation_id>/revocation/",
        invitations.revocation,
        name="invitation-revocation",
    ),
    path(
        "clubs/<uuid:club_id>/invitations/<uuid:invitation_id>/sending/",
        invitations.sending,
        name="invitation-sending",
    ),
    # /plans/ are the training plans of the handbook
    path("subscriptions/", plans.plans, name="plans"),
    path("subscriptions/portal/", plans.portal, name="plan-portal"),
    path("subscriptions/given/", plans.given, name="plans-given"),
    path("subscriptions/given/person/", plans.given_to, name="plans-given-to"),
    path("subscriptions/given/<uuid:subscription_id>/end/", plans.given_end, name="plan-given-end"),
    path("subscriptions/<str:plan>/checkout/", plans.checkout, name="plan-checkout"),
    path("subscriptions/<str:plan>/trial/", plans.trial, name="plan-trial"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:event_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:event_id>/replay/", webhooks.replay, name="webhook-replay"),
    path(".well-known/jwks.json", plans.jwks, name="jwks"),
    path("clubs/<uuid:club_id>/members/<uuid:membership_id>/belts/", belts.member_belts, name="member-belts"),
    path("clubs/<uuid:club_id>/gradings/", gradings.gradings, name="gradings"),
    path("clubs/<uuid:club_id>/gradings/new/", gradings.planning, name="grading-planning"),
    path("gradings/<uuid:grading_id>/", gradings.grading, name="grading"),
    path("gradings/<uuid:grading_id>/settings/", gradings.grading_settings, name="grading-settings"),
    path("gradings/<uuid:grading_id>/candidates/", gradings.enrolment, name="grading-enrolment"),
    path("gradings/<uuid:grading_id>/list/", gradings.candidate_list, name="grading-list"),
    path("gradings/<uuid:grading_id>/cancellation/", gradings.cancellation, name="grading-cancellation"),
    path("gradings/<uuid:grading_id>/closure/", gradings.closure, name="grading-closure"),
    path("candidates/<uuid:candidate_id>/", gradings.candidate, name="candidate"),
    path("candidates/<uuid:candidate_id>/withdrawal/", gradings.withdrawal, name="candidate-withdrawal"),
    path("belts/mine/", belts.my_belts, name="my-belts"),
    path("belts/of/<uuid:actor>/", belts.history, name="belt-history"),
    path("belts/<uuid:award_id>/certificate.pdf", belts.certificate_pdf, name="certificate-pdf"),
    path("belts/<uuid:award_id>/correction/", belts.correction, name="award-correction"),
    path("certificates/", belts.check, name="certificates"),
    path("certificates/<str:code>/", belts.certificate, name="certificate"),
    path("join/<str:token>/", invitations.join, name="join"),
]
