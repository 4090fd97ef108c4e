"""What the house knows of people: who they are, their belts, clubs, plans, and how they are told things."""

from .belts import BeltAward, Candidate, CandidatePart, Grading, Part, Result
from .billing import AdImpression, Subscription, WebhookEvent
from .clubs import Club, ClubLogo, Invitation, Membership, Seat
from .people import DataExport, Pupil, StaffRole, User, UserManager, says_taken
from .telling import Channel, Notice, NoticePreference, OutgoingMail, PushSubscription

__all__ = [
    "AdImpression",
    "BeltAward",
    "Candidate",
    "CandidatePart",
    "Channel",
    "Club",
    "ClubLogo",
    "DataExport",
    "Grading",
    "Invitation",
    "Membership",
    "Notice",
    "NoticePreference",
    "OutgoingMail",
    "Part",
    "Pupil",
    "PushSubscription",
    "Result",
    "Seat",
    "StaffRole",
    "Subscription",
    "User",
    "UserManager",
    "WebhookEvent",
    "says_taken",
]
