"""Who may do what in a club: the table of the product, as data."""

from enum import StrEnum


class Action(StrEnum):
    SEE_CLUB = "see_club"
    SEE_MEMBERS = "see_members"
    INVITE = "invite"
    REMOVE = "remove"
    SET_ROLE = "set_role"
    TRANSFER = "transfer"
    BILLING = "billing"
    DELETE = "delete"
    LEAVE = "leave"
    TEACH = "teach"
    """Gradings, belts and pupils' accounts."""


_MAY: dict[str, frozenset[Action]] = {
    "owner": frozenset(Action) - {Action.LEAVE},
    "coach": frozenset({Action.SEE_CLUB, Action.SEE_MEMBERS, Action.INVITE, Action.REMOVE, Action.LEAVE, Action.TEACH}),
    "member": frozenset({Action.SEE_CLUB, Action.LEAVE}),
}


def may(role: str, action: Action, *, towards: str = "member") -> bool:
    """Whether somebody in this role may do this to somebody in the role `towards` (of an invitation too).

    Coaches invite and remove members, not coaches; nobody removes the owner.
    """
    if action not in _MAY.get(role, frozenset()):
        return False
    if action in {Action.INVITE, Action.REMOVE}:
        return towards == "member" or (role == "owner" and towards == "coach")
    return True
