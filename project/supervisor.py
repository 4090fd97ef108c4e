"""Runs several programs as one: they start in order, stop together, and one that dies stops the rest.

Own code instead of a process manager from the index, because those start everything at once: here
PostgreSQL must answer before migrations run, and migrations must be done before the web server starts.
"""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any, Self, TextIO

LAST_WORDS = 20
"""Lines of a part's output that are repeated when it dies."""
MOST_RESTARTS = 5
"""A part that is started so often within RESTARTS_WITHIN seconds and dies once more is given up."""
RESTARTS_WITHIN = 10.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal whose window was closed."""


class Stop(BaseException):
    """Somebody asked for the end with one of STOP_SIGNALS. Not an Exception, so nothing swallows it."""


class PartEnded(Exception):
    """A part ended although nobody asked it to, or never became ready."""

    def __init__(self, name: str, how: str, last_words: Sequence[str]) -> None:
        self.name, self.how, self.last_words = name, how, last_words
        super().__init__(f"{name} {how}")


@dataclass(frozen=True)
class Part:
    """One program. `is_ready` is asked until it says yes; `quiet` keeps its output for the last words; `sockets`
    are open ones that it takes over. One that `restarts` is started again when it dies, unless it dies so often
    that this cannot help."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    is_ready: Callable[[], bool] | None = None
    quiet: bool = False
    sockets: Sequence[int] = ()
    restarts: bool = False


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments of subprocess that give up all our rights for those of `name`. None keeps them."""
    if name is None:
        return {}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


class _Running:
    def __init__(self, part: Part, out: TextIO) -> None:
        self.part = part
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._out = out
        # A session of its own: a signal to our group reaches us alone, and we end the others in order.
        self.process = subprocess.Popen(
            part.argv,
            env=os.environ | part.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=part.sockets,
            **as_user(part.user),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.last_words.append(line.rstrip())
            if not self.part.quiet:
                print(f"{self.part.name:>14} | {line.rstrip()}", file=self._out, flush=True)

    def ended(self) -> PartEnded | None:
        code = self.process.poll()
        if code is None:
            return None
        self._reader.join(timeout=1)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return PartEnded(self.part.name, how, tuple(self.last_words))

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Parts that live and die together. Leaving the `with` block ends all that were started."""

    def __init__(self, *, out: TextIO | None = None, grace: float = 15) -> None:
        """`grace`: seconds that parts get to end by themselves before they are killed."""
        self._running: list[_Running] = []
        self._restarts: dict[str, deque[float]] = {}
        self._out = out or sys.stderr
        self._grace = grace

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, part: Part, *, patience: float = 60) -> None:
        """Start a part and wait until it is ready. Raises PartEnded when it dies or takes over `patience` seconds."""
        running = _Running(part, self._out)
        self._running.append(running)
        deadline = time.monotonic() + patience
        while part.is_ready is not None and not part.is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise PartEnded(part.name, f"did not answer within {patience:.0f} s", tuple(running.last_words))
            time.sleep(0.05)

    def pids(self) -> list[int]:
        """The numbers of the processes that were started."""
        return [running.process.pid for running in self._running]

    def restart(self, name: str, *, patience: float = 60) -> None:
        """End a part as `stop` would and start it again. Raises PartEnded when it does not become ready."""
        place = next(place for place, running in enumerate(self._running) if running.part.name == name)
        running = self._running.pop(place)
        self._end([running])
        self.start(running.part, patience=patience)

    def check(self) -> None:
        """Start parts again that died and may; raise PartEnded for the first that may not."""
        for place, running in enumerate(self._running):
            if ended := running.ended():
                running.kill_group()
                if not self._may_restart(running.part):
                    raise ended
                print(f"{running.part.name:>14} | {ended.how}; it is started again", file=self._out, flush=True)
                self._running[place] = _Running(running.part, self._out)

    def _may_restart(self, part: Part) -> bool:
        starts = self._restarts.setdefault(part.name, deque(maxlen=MOST_RESTARTS))
        is_worn_out = len(starts) == MOST_RESTARTS and time.monotonic() - starts[0] < RESTARTS_WITHIN
        starts.append(time.monotonic())
        return part.restarts and not is_worn_out

    def stop(self) -> None:
        """Ask every part to end, wait, and kill with all descendants what is left."""
        self._end(self._running)
        self._running.clear()

    def _end(self, those: Sequence[_Running]) -> None:
        for running in those:
            running.signal(running.part.stop_signal)
        deadline = time.monotonic() + self._grace
        for running in those:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            running.kill_group()
            running.process.wait()


def watch(*supervisors: Supervisor, pause: float = 0.2) -> None:
    """Look after the parts of several supervisors for ever. Raises PartEnded; ended by Stop."""
    while True:
        for supervisor in supervisors:
            supervisor.check()
        time.sleep(pause)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first of STOP_SIGNALS into Stop and ignore later ones, so that tidying up is not cut short."""

    def asked(number: int, frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stop

    with ExitStack() as before:
        for each in STOP_SIGNALS:
            before.callback(signal.signal, each, signal.signal(each, asked))
        yield
