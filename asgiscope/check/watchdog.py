"""An end even for an application that never gives the event loop back.

Nothing in the loop can stop a call that blocks it, and no thread can. A signal can, where there are signals:
its handler raises in the middle of the call.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

from ..sources import PACKAGE

BEAT = 0.1  # seconds
PATIENT = 3  # times: then it is clear what kind of application this is, and no more time is given to it


class Blocked(BaseException):
    """The application has blocked the event loop; no `except Exception` of its own shall stop this."""


@contextmanager
def watchdog(limit: float) -> Iterator[None]:
    """Raise Blocked in an application that blocks the event loop for more than `limit` seconds.

    It watches in the main thread alone, where signals arrive, and not where another one uses the alarm.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getsignal(signal.SIGALRM) != signal.SIG_DFL:
        yield
        return
    loop = asyncio.get_running_loop()
    last, times = monotonic(), 0

    timer = loop.call_later(BEAT, lambda: beat())

    def beat() -> None:
        nonlocal last, timer
        last = monotonic()
        timer = loop.call_later(BEAT, beat)

    def look(number: int, frame: FrameType | None) -> None:
        nonlocal last, times
        blocked = monotonic() - last
        if blocked > (limit if times < PATIENT else BEAT) and is_in_application(frame):
            last, times = monotonic(), times + 1
            raise Blocked(f"the event loop was blocked for {blocked:.1f} seconds")

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, BEAT, BEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        timer.cancel()


def is_in_application(frame: FrameType | None) -> bool:
    """Whether a frame is one that a recorder has called, and no frame of this package's own."""
    if frame is None or frame.f_code.co_filename.startswith(PACKAGE):
        return False
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE) and frame.f_code.co_qualname == "Tap.run":
            return True
        frame = frame.f_back
    return False
