"""By which ways somebody is told something."""

from collections.abc import Mapping

MAIL, PUSH = "mail", "push"


def ways(*, must: bool, says: Mapping[str, bool], has_address: bool, has_devices: bool) -> frozenset[str]:
    """`says` is where they depart from what is usual for the topic, which is both. What must be told goes by mail
    whatever they say; pupils have no address and are told in the hall alone, or by push."""
    wanted = {way for way in (MAIL, PUSH) if says.get(way, True)} | ({MAIL} if must else set())
    possible = ({MAIL} if has_address else set()) | ({PUSH} if has_devices else set())
    return frozenset(wanted & possible)
