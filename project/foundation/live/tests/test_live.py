"""From a change in one process to the page that listens in another; here both ends are real, and so is Valkey."""

import asyncio
from dataclasses import dataclass

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.utils.translation import gettext

from project.foundation import live
from project.foundation.live import consumers, feeds, routing
from project.foundation.live.feeds import Feed

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class LightChanged:
    key: str
    colour: str


@dataclass(frozen=True)
class Bell:
    at: int


@pytest.fixture
def rendered():
    return []


@pytest.fixture
def allowed():
    return {"yes": True}


@pytest.fixture(autouse=True)
def feed(monkeypatch, rendered, allowed):
    monkeypatch.setattr(feeds, "_feeds", {})
    monkeypatch.setattr(feeds, "_payloads", {})
    monkeypatch.setattr(consumers, "TRUST", 0)
    consumers._fragment.cache_clear()

    def render(payload):
        rendered.append(payload)
        return f'<b id="light" hx-swap-oob="true">{gettext("Search")} {payload}</b>'

    def may(visitor, key):
        return allowed["yes"] and visitor.user.is_authenticated and key != "secret"

    live.register(Feed("test.lights", of=(LightChanged, Bell), may=may, render=render))


@pytest.fixture
def scope():
    """What the middleware of the door makes of the cookies of somebody who is signed in."""

    def of(person):
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        return {"user": person, "session": session}

    return of


def listen(script, *, path="/live/test.lights/", scopes):
    """Run `script(*sockets)` with one connected socket for each of `scopes`."""

    async def run():
        app = URLRouter(routing.urlpatterns)
        sockets = []
        for each in scopes:
            socket = WebsocketCommunicator(app, path)
            socket.scope |= each
            sockets.append(socket)
            await socket.connect(timeout=10)
        try:
            return await script(*sockets)
        finally:
            for socket in sockets:
                await socket.disconnect()
            await database_sync_to_async(connections.close_all)()

    return asyncio.run(run())


async def publish(payload):
    await asyncio.to_thread(live.publish, payload)


class TestArriving:
    def test_a_change_arrives_as_a_fragment_in_the_language_of_the_reader(self, scope, ada, cleo):
        async def script(polish, korean):
            await publish(LightChanged(key="hall", colour="red"))
            return await polish.receive_from(timeout=10), await korean.receive_from(timeout=10)

        polish, korean = listen(script, scopes=[scope(ada), scope(cleo)])
        assert ("Szukaj" in polish, "검색" in korean) == (True, True)
        assert "red" in polish

    def test_what_many_are_sent_is_rendered_once(self, scope, ben, rendered):
        async def script(*sockets):
            await publish(LightChanged(key="hall", colour="red"))
            for socket in sockets:
                await socket.receive_from(timeout=10)

        listen(script, scopes=[scope(ben)] * 5)
        assert len(rendered) == 1

    def test_of_many_changes_of_one_thing_the_last_is_sent(self, scope, ben, rendered):
        async def script(socket):
            layer = get_channel_layer()
            for number in range(20):
                # of a key of its own: what is published in a process of the run is heard in all of them
                change = LightChanged(key="attic", colour=str(number))
                await layer.group_send(feeds.group(LightChanged), {"type": "live.changed"} | feeds.packed(change))
            while "colour='19'" not in await socket.receive_from(timeout=10):
                pass

        listen(script, scopes=[scope(ben)])
        assert len(rendered) < 20

    def test_a_page_about_one_thing_hears_of_no_other(self, scope, ben):
        async def script(socket):
            await publish(LightChanged(key="cellar", colour="blue"))
            await publish(LightChanged(key="hall", colour="red"))
            return await socket.receive_from(timeout=10)

        said = listen(script, path="/live/test.lights/hall/", scopes=[scope(ben)])
        assert "red" in said
        assert "blue" not in said


class TestRefusing:
    @pytest.mark.parametrize("path", ["/live/test.lights/secret/", "/live/no.such/"])
    def test_who_may_not_listen_is_told_not_to_come_back(self, scope, ben, path):
        async def script(socket):
            return await socket.receive_output(timeout=10)

        said = listen(script, path=path, scopes=[scope(ben)])
        assert (said["type"], said["code"]) == ("websocket.close", consumers.REFUSED)

    def test_who_may_no_longer_is_sent_nothing_more(self, scope, ben, allowed):
        async def script(socket):
            await publish(LightChanged(key="hall", colour="red"))
            first = await socket.receive_from(timeout=10)
            allowed["yes"] = False
            await publish(LightChanged(key="hall", colour="blue"))
            return first, await socket.receive_output(timeout=10)

        first, then = listen(script, scopes=[scope(ben)])
        assert "red" in first
        assert (then["type"], then["code"]) == ("websocket.close", consumers.REFUSED)

    def test_who_signs_out_is_sent_nothing_more(self, scope, ben):
        who = scope(ben)

        async def script(socket):
            await database_sync_to_async(who["session"].delete)()
            await publish(LightChanged(key="hall", colour="blue"))
            return await socket.receive_output(timeout=10)

        assert listen(script, scopes=[who])["code"] == consumers.REFUSED


class TestWithoutRedis:
    def test_nobody_waits_and_nothing_breaks_when_nobody_can_be_told(self, settings):
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": ["unix:///nowhere/valkey.sock"]},
            }
        }
        live.publish(Bell(at=1))


def test_telling_works_from_a_thread_that_has_no_loop_and_from_one_that_has():
    async_to_sync(publish)(Bell(at=1))
    live.publish(Bell(at=2))
