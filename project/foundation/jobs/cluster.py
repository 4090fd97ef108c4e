"""A worker cluster of django-q2 that survives the death of any of its processes.

django-q2 lets its processes share queues that are guarded by locks. One that is killed while it holds a lock (an idle
worker always holds one) leaves it locked for ever, and the workers that replace it wait for ever. So a cluster here
has one worker, and when a process was killed, its queues go with it and everything is made anew; what it had been
delivered is brought again by `commands.top_up`.
"""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import Event
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any
from uuid import uuid4

import structlog
from django import db
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.cluster import Sentinel
from django_q.queues import Queue

from . import commands, processes

log = structlog.get_logger("project.jobs")

CYCLE = 0.5
"""Seconds between two looks at the processes."""
SIGN_EVERY = 2.0
"""Seconds between two signs of life."""


class WorkerCluster(Sentinel):
    """Works on the queue that Q_CLUSTER_NAME names. `start` returns after SIGTERM or SIGINT, when the job in hand
    has ended."""

    def __init__(self) -> None:
        super().__init__(Event(), Event(), uuid4(), broker=get_broker(), start=False)
        self.pool_size = 1
        self._is_asked_to_stop = False
        self._next_sign = 0.0
        os.register_at_fork(after_in_child=self._begin_as_child)

    def guard(self) -> None:
        """Replace what ended, until asked to stop.

        Not django-q2's own: that one waits for locks which a killed worker may hold, and counts seconds for
        time-outs, which our jobs count themselves.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        self.start_event.set()
        while not self._is_asked_to_stop:
            ended = [each for each in self._processes() if not each.is_alive()]
            if any((each.exitcode or 0) < 0 for each in ended):
                self._start_anew()
            else:
                for each in ended:
                    self.reincarnate(each)
            self._give_a_sign()
            time.sleep(CYCLE)
        self.stop_event.set()
        self.stop()

    def spawn_process(self, target: Callable[..., Any], *args: Any) -> BaseProcess:  # type: ignore[override]  # forked
        """A child does not inherit our way of stopping: it is told through its queue, or killed."""
        before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            child: BaseProcess = super().spawn_process(target, *args)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return child

    def _processes(self) -> list[BaseProcess]:
        return [*self.pool, self.monitor, self.pusher]

    def _start_anew(self) -> None:
        log.warning("a process of the cluster was killed; all are replaced", queue=self.queue_name())
        for each in self._processes():
            if each.pid is not None:
                processes.kill_family(each.pid)
                processes.kill_group(each.pid)
                each.join()
        self._give_up_jobs()
        self.task_queue, self.result_queue = Queue(maxsize=1), Queue()
        self.spawn_cluster()
        self.reincarnations += 1

    def _give_a_sign(self) -> None:
        if time.monotonic() < self._next_sign:
            return
        self._next_sign = time.monotonic() + SIGN_EVERY
        try:
            commands.give_a_sign(
                cluster=self.cluster_id,
                queue=self.queue_name(),
                where=processes.name_of(os.getpid()),
                worker=next((each.pid for each in self.pool), 0),
                restarts=self.reincarnations,
                started_at=self.tob,
                now=timezone.now(),
            )
        except db.DatabaseError as error:
            log.warning("the cluster waits for the database", error=type(error).__name__)
        finally:
            db.connections.close_all()  # none may be open when a process is forked

    def _give_up_jobs(self) -> None:
        """The job of a worker that is known to be dead need not wait until it counts as silent."""
        try:
            for each in self.pool:
                commands.give_up(worker=processes.name_of(each.pid or 0), now=timezone.now())
        except db.DatabaseError as error:
            log.warning("its job waits until it counts as silent", error=type(error).__name__)
        finally:
            db.connections.close_all()

    def _begin_as_child(self) -> None:
        processes.die_with_parent()
        if os.getppid() == self.pid:
            processes.lead_a_group()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._is_asked_to_stop = True
