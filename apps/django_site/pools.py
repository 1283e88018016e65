"""What blocks or computes, and the threads and processes that do it for the views of `views/waiting.py`.

A process of the pool imports the module of what it is to do, and this one needs nothing of Django.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

Report = dict[str, Any]
"""Where something was done, when by a clock of the whole machine, and whether that held the thread."""


def report(began: float, held: bool = True) -> Report:
    """The report on what began at that time and ends now, here."""
    where = {"process": os.getpid(), "thread": threading.current_thread().name}
    return {**where, "held": held, "began": began, "ended": time.monotonic()}


def sleep(seconds: float) -> Report:
    """Block the thread."""
    began = time.monotonic()
    time.sleep(seconds)
    return report(began)


def compute(seconds: float) -> Report:
    """Take so many seconds of a processor: who has to share it takes longer."""
    began = time.monotonic()
    enough = time.thread_time() + seconds
    while time.thread_time() < enough:
        pass
    return report(began)


class Pools:
    """A pool of threads and one of processes, the latter made when it is first asked for."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(20, "pool")
        self._processes: Executor | None = None

    @property
    def processes(self) -> Executor:
        """The pool of processes. They are spawned: a fork would copy the locks of threads that it has not."""
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                min(os.cpu_count() or 1, 8), multiprocessing.get_context("spawn"), begin_process
            )
        return self._processes

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        self.threads.shutdown(cancel_futures=True)
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)


def begin_process() -> None:
    """See to it that a process of the pool ends with the server, even one that is killed, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """End this process as soon as there is no parent."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
    os._exit(1)


@asynccontextmanager
async def pools(state: dict[str, Any]) -> AsyncIterator[None]:
    """Open the pools, for as long as the site runs."""
    state["pools"] = opened = Pools()
    try:
        yield
    finally:
        opened.close()
