"""Ending a process with everything that it started."""

import os
import signal
import socket
import threading
import time
from contextlib import suppress

import psutil

LOOK = 1.0
"""Seconds between two looks at the parent."""


def name_of(pid: int) -> str:
    """What a process is called in the rows of jobs and clusters."""
    return f"{socket.gethostname()}:{pid}"[:80]


def kill_family(pid: int) -> None:
    """Kill a process and all that descend from it, the youngest first. One that is gone is no error."""
    with suppress(psutil.NoSuchProcess):
        head = psutil.Process(pid)
        for each in [*reversed(head.children(recursive=True)), head]:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def kill_group(pid: int) -> None:
    """Kill what is left of the group that a process led, itself gone or not."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def lead_a_group() -> None:
    """Programs that this process starts can be found when it is gone."""
    os.setpgid(0, 0)


def die_with_parent() -> None:
    """From now on this process and what it starts end when its parent is gone, even if that was killed."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        kill_family(os.getpid())

    threading.Thread(target=look, name="parent", daemon=True).start()
