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


class Seats(StrEnum):
    """Why a number of seats is refused."""

    NONE = "none"
    """A club has one at least: its owner sits there."""
    TAKEN = "taken"
    """More members than that."""
    UNPAID = "unpaid"
    """More than are paid for, and more than now."""


def seats_refusal(*, wanted: int, now: int, members: int, paid: int) -> Seats | None:
    """Why the owner cannot have `wanted` seats; None when they can. Fewer than now is allowed even where less is
    paid for: it is a step in the right direction."""
    if wanted < 1:
        return Seats.NONE
    if wanted < members:
        return Seats.TAKEN
    return Seats.UNPAID if wanted > max(now, paid) else None


def numbers_to_add(*, taken: set[int], wanted: int) -> list[int]:
    """The lowest free numbers from 1, until there are `wanted` seats."""
    missing = wanted - len(taken)
    free = (number for number in range(1, wanted + len(taken) + 1) if number not in taken)
    return [number for number, _ in zip(free, range(missing), strict=False)]
