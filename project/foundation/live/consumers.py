import asyncio
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

import structlog
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation

from .feeds import Feed, NoSuchFeed, Visitor, feed, group, unpacked

log = structlog.get_logger("project.live")

GATHER = 0.15
"""Seconds for which changes are gathered before they are sent together, of each thing the last one only."""
TRUST = 1.0
"""Seconds for which an answer to "may they still see this?" is taken for granted."""
REFUSED = 4403
"""The code that a socket is closed with for those who may not listen, or no longer; pages do not come back after it."""


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page."""

    async def connect(self) -> None:
        route = self.scope["url_route"]["kwargs"]
        self.key: str = route.get("key", "")
        self.waiting: dict[Any, Any] = {}
        self.sending: asyncio.Task[None] | None = None
        self.groups_joined: list[str] = []
        self.trusted_until = 0.0
        try:
            self.feed: Feed = feed(route["feed"])
            is_welcome = await self._may()
        except NoSuchFeed:
            is_welcome = False
        if not is_welcome:
            await self.accept()  # without it the browser would not be told the code, and come back
            await self.close(REFUSED)
            return
        for each in self.feed.of:
            name = group(each, self.key)
            await self.channel_layer.group_add(name, self.channel_name)
            self.groups_joined.append(name)
        await self.accept()  # last: the page asks for its state now, and hears of whatever changes after that

    async def disconnect(self, code: int) -> None:
        if self.sending:
            self.sending.cancel()
        for name in self.groups_joined:
            with suppress(Exception):  # the layer may be gone, and then it has forgotten us anyway
                await self.channel_layer.group_discard(name, self.channel_name)

    async def live_changed(self, message: dict[str, Any]) -> None:
        payload = unpacked(message)
        self.waiting[type(payload), getattr(payload, "key", "")] = payload
        if self.sending is None or self.sending.done():
            self.sending = asyncio.create_task(self._send_gathered())

    async def _send_gathered(self) -> None:
        await asyncio.sleep(GATHER)
        payloads, self.waiting = list(self.waiting.values()), {}
        if not await self._may():
            await self.close(REFUSED)
            return
        locale = self.scope["user"].locale
        html = await database_sync_to_async(_rendered)(self.feed, locale, tuple(payloads))
        if html:
            await self.send(text_data=html)
        if self.waiting:
            self.sending = asyncio.create_task(self._send_gathered())

    async def _may(self) -> bool:
        """Whether the session still stands for somebody who may see this, looked up anew."""
        if time.monotonic() < self.trusted_until:
            return True
        known = self.scope["session"]
        anew = known.__class__  # type() would give the lazy shell that Channels made
        self.scope["session"] = anew(known.session_key)
        self.scope["user"] = await get_user(self.scope)
        visitor = Visitor(self.scope["user"], self.scope["session"])
        if not await database_sync_to_async(self.feed.may)(visitor, self.key):
            return False
        self.trusted_until = time.monotonic() + TRUST
        return True


def _rendered(feed: Feed, locale: str, payloads: tuple[Any, ...]) -> str:
    with translation.override(locale):
        return "".join(_fragment(feed.name, locale, payload) for payload in payloads)


@lru_cache(maxsize=2000)
def _fragment(name: str, locale: str, payload: Any) -> str:
    """What fifty pages are sent is rendered once."""
    return feed(name).render(payload)
