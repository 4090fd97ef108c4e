"""Product events: what is used in the hall and how, without a word about who.

    from project.foundation.events import commands as events
    from project.foundation.events import registry

    registry.register("handbook.searched", fields={"results": int, "belt": int | None})

    events.record(kind="handbook.searched", payload={"results": 3, "belt": None}, visitor=visitor, now=now)

A kind is registered when Django starts (AppConfig.ready), with everything its payload may hold. Types that could
hold a name or an address, such as `str`, are refused there. Events are kept for EVENTS_DAYS.
"""
