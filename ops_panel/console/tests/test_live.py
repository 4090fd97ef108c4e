"""What open pages are told through their socket: to whom, in which language, and never anything that disturbs."""

from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import translation

from accounts import commands as accounts
from accounts.queries import Role
from conftest import NOW
from ops_panel.console import feeds
from project.foundation import live
from project.foundation.jobs import commands as jobs
from project.foundation.jobs.changes import JobChanged, Pulse
from project.foundation.jobs.models import State
from project.foundation.jobs.tests.factories import JobFactory
from project.foundation.live import consumers, routing

from .conftest import inside
from .reading import disturbing, elements, pieces

JOB = str(UUID(int=7))
CHANGED = JobChanged(
    key=JOB, state="running", attempt=2, progress=40, progress_text="cutting <b>", started_at=NOW.isoformat(),
    ended_at="", is_set_aside=False,
)  # fmt: skip
PULSE = Pulse(at=NOW.isoformat())
SLOW = 5
"""Seconds after which a message that should come is missed."""


@asynccontextmanager
async def listening(client, path):
    """The socket of a page, and whether it was let in."""
    cookies = client.cookies.output(header="", sep=";").strip()
    headers = [(b"cookie", cookies.encode())]
    socket = WebsocketCommunicator(AuthMiddlewareStack(URLRouter(routing.urlpatterns)), path, headers)
    connected, _ = await socket.connect(timeout=SLOW)
    assert connected
    try:
        yield socket
    finally:
        await socket.disconnect()


class TestFragments:
    @pytest.mark.parametrize("state", [each.value for each in State])
    @pytest.mark.parametrize("is_set_aside", [False, True])
    def test_of_a_job_nothing_disturbs(self, state, is_set_aside):
        change = replace(CHANGED, state=state, is_set_aside=is_set_aside, ended_at=NOW.isoformat())
        html = feeds.render(change)
        assert disturbing(html) == []
        assert {name for name in pieces(html) if name} == {
            f"job-{JOB}-{piece}" for piece in ("state", "attempt", "progress", "took")
        }

    @pytest.mark.django_db
    def test_of_the_board_nothing_disturbs(self):
        JobFactory(running=True)
        html = feeds.render(PULSE)
        assert disturbing(html) == []
        assert pieces(html)["board-running"] == "1"

    def test_every_piece_says_which_it_takes_the_place_of(self):
        top = [attrs for _, attrs in elements(feeds.render(CHANGED)) if "hx-swap-oob" in attrs]
        assert len(top) == 4
        assert all(attrs["id"].startswith(f"job-{JOB}-") for attrs in top)

    def test_what_a_job_says_is_escaped(self):
        assert "cutting &lt;b&gt;" in feeds.render(CHANGED)

    def test_the_same_is_rendered_from_the_same(self):
        """Fifty pages in one language are sent one rendering, so it may depend on nothing else."""
        assert feeds.render(CHANGED) == feeds.render(replace(CHANGED))

    def test_a_job_and_what_was_told_of_it_stand_alike(self):
        told = feeds.queries.Standing.told(CHANGED)
        row = JobFactory.build(
            pk=UUID(JOB), state="running", attempt=2, progress=40, progress_text="cutting <b>", started_at=NOW
        )
        assert feeds.queries.Standing.of(row) == told


@pytest.mark.django_db(transaction=True)
class TestTheSocket:
    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch):
        monkeypatch.setattr(consumers, "GATHER", 0.01)
        monkeypatch.setattr(consumers, "TRUST", 0.0)

    @staticmethod
    async def told(socket, payload):
        """Publish until it arrives: a page that has only just connected may miss the first."""
        for _ in range(100):
            await sync_to_async(live.publish)(payload)
            if not await socket.receive_nothing(timeout=0.1, interval=0.02):
                return await socket.receive_from(timeout=SLOW)
        raise AssertionError("nothing came")

    @staticmethod
    async def refused(socket):
        message = await socket.receive_output(timeout=SLOW)
        return message["type"], message.get("code")

    @pytest.mark.parametrize("path", ["/live/console.board/", "/live/console.jobs/", f"/live/console.job/{JOB}/"])
    def test_learners_strangers_and_staff_without_a_second_step_hear_nothing(self, path, signed_in, client, otto):
        unshown = Client()
        unshown.force_login(otto)

        async def all_of_them():
            for each in (signed_in, Client(), unshown):
                async with listening(each, path) as socket:
                    assert await self.refused(socket) == ("websocket.close", consumers.REFUSED)

        async_to_sync(all_of_them)()

    def test_an_analyst_hears_in_their_language(self, ann, patient):
        ann.locale = "ko"
        ann.save()
        client = inside(ann)

        async def heard():
            async with listening(client, "/live/console.jobs/") as socket:
                return await self.told(socket, CHANGED)

        with translation.override("ko"):
            wanted = feeds.render(CHANGED)
        assert async_to_sync(heard)() == wanted

    def test_whoever_loses_the_role_hears_nothing_more(self, ann, analyst):
        async def revoked():
            async with listening(analyst, "/live/console.jobs/") as socket:
                await self.told(socket, CHANGED)
                await sync_to_async(accounts.revoke_role)(person=ann, role=Role.ANALYST, by=None, now=NOW)
                await sync_to_async(live.publish)(replace(CHANGED, progress=50))
                while (message := await socket.receive_output(timeout=SLOW))["type"] == "websocket.send":
                    assert "50" not in pieces(message["text"])[f"job-{JOB}-progress"]
                return message["code"]

        assert async_to_sync(revoked)() == consumers.REFUSED

    def test_a_page_about_one_job_hears_of_no_other(self, operator):
        async def heard():
            async with listening(operator, f"/live/console.job/{JOB}/") as socket:
                await self.told(socket, CHANGED)
                await sync_to_async(live.publish)(replace(CHANGED, key=str(UUID(int=8))))
                await sync_to_async(live.publish)(replace(CHANGED, progress=99))
                found = await socket.receive_from(timeout=SLOW)
                while "99" not in found:
                    assert str(UUID(int=8)) not in found
                    found = await socket.receive_from(timeout=SLOW)
                assert str(UUID(int=8)) not in found

        async_to_sync(heard)()

    def test_a_job_that_really_changes_is_seen_on_the_board(self, operator):
        job = JobFactory()

        async def heard():
            async with listening(operator, "/live/console.board/") as socket:
                assert "board-queued" in await self.told(socket, PULSE)
                await sync_to_async(jobs.cancel)(job_id=job.pk, now=NOW)
                found = ""
                while f"job-{job.pk}-state" not in found:
                    found = await socket.receive_from(timeout=SLOW)
                return pieces(found)

        assert async_to_sync(heard)()[f"job-{job.pk}-state"] == "canceled"
