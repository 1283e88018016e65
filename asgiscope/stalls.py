"""Stalls: what holds the event loop while conversations are open.

    with watch_stalls():
        ...

    conversation.stalls      each with its length, and the line that the loop was at

A heartbeat is a callback that the loop is asked for again and again. A loop that waits for a socket runs it
in time, however idle it is; one that is held by a call runs it when that returns. How late it comes is how
long the loop was held, less up to half the limit, as the call may have begun between two beats: what lasts
less than one and a half of the limit may go unnoticed. A thread that looks on takes down what the loop is at
as soon as a beat is overdue, and it knows what else may delay one, so that no stall is made up:

    the process was stopped, or the machine suspended     the thread slept as long, and nothing was computed
    a debugger waits for its user                         it is on the stack
    the loop does not run, or waits                       it says so, or nothing that it runs is on the stack

C code that keeps the interpreter to itself keeps the thread from looking, too. The thread gets its turn when
that returns, where the interpreter first lets go: mostly at the line that called it. If the loop turns before
that, the stall is told without a line, as the process has computed all the time; where C code has slept
instead, it cannot be told from a process that was stopped, and is not told of.

There are no stalls under trio, which calls nobody back after a time: a heartbeat is a task there, and a task
needs a nursery that outlives the call.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from contextvars import Context
from threading import RLock, Thread, get_ident
from time import perf_counter_ns, process_time_ns, sleep
from types import CodeType, FrameType
from typing import TYPE_CHECKING, NamedTuple

from .bounded import NONE_YET, Bounded
from .conversation import Line, Stall
from .sources import PACKAGE, RESUMABLE, Place, is_outside, line_at
from .tasks import mark_of

if TYPE_CHECKING:
    from .writing import WritingTap

LIMIT = 0.05  # seconds
STALLS = 100  # that are kept of a conversation
DEPTH = 20  # frames that are kept of a stack
SAMPLES = 100  # that are taken of a stall
AWAY = 500_000_000  # nanoseconds: a thread that wakes so late was stopped, if nothing was computed meanwhile
NAP = 100_000_000  # nanoseconds: so soon the thread ends, if the limit is long and nothing is open any more
DEBUGGERS = ("bdb", "pydevd", "_pydevd_bundle", "debugpy")

limits: list[float] = []  # of those who watch: the shortest one counts
watchdogs: dict[asyncio.AbstractEventLoop, "Watchdog"] = {}
lock = RLock()  # whoever holds it may be collecting garbage, and end a call that nobody resumes any more


def watch_stalls(limit: float = LIMIT) -> ExitStack:
    """Note where the event loop does not turn for `limit` seconds, in conversations that begin from now on.

    What is returned is a context manager: at the end of its block, or when its `close()` is called, that is
    over. Raises ValueError for a limit that is none.
    """
    if not limit > 0:
        raise ValueError(f"a limit is a time in seconds, such as {LIMIT}, and not {limit!r}")
    limits.append(limit)
    watched = ExitStack()
    watched.callback(limits.remove, limit)
    return watched


class Sample(NamedTuple):
    """What a loop was at: the lines from the innermost one on, and the conversation, if one is known.

    `line` is the nearest one that is in no installed package, or else the innermost.
    """

    line: Line | None
    stack: tuple[Line, ...]
    by: int | None


UNSEEN = Sample(None, (), None)


def opened(tap: "WritingTap") -> "Watchdog | None":
    """Watch for a conversation that begins; None, where no event loop of asyncio runs."""
    loop = asyncio._get_running_loop()
    if loop is None:
        return None
    with lock:
        watchdog = watchdogs.get(loop)
        if watchdog is None:
            watchdog = watchdogs[loop] = Watchdog(loop, min(limits, default=LIMIT))
            watchdog.base = base_of(sys._getframe(1))
            watchdog.start()
        watchdog.open.add(tap)
    return watchdog


class Watchdog(Thread):
    """Looks on while conversations are open in an event loop, and for half the limit longer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: float) -> None:
        super().__init__(name="asgiscope watchdog", daemon=True)
        self.loop = loop
        self.thread = get_ident()
        self.open: set[WritingTap] = set()
        self.limit, self.pause = int(limit * 1e9), int(limit * 5e8)  # nanoseconds, as all times here
        self.base: CodeType | None = None  # of the frame that runs the loop
        self.samples: list[Sample] = []  # since the last beat
        self.turned(perf_counter_ns())
        # In a context of its own: the context of a call tells by its being there what the call has left.
        self.context = Context()
        loop.call_soon(self.beat, context=self.context)

    def beat(self) -> None:
        """The loop turns."""
        self.base = sys._getframe(1).f_code
        with lock:
            now = perf_counter_ns()
            self.tell(tuple(self.open), now)
            self.turned(now)
            wanted = watchdogs.get(self.loop) is self
        if wanted:
            self.loop.call_later(self.pause / 1e9, self.beat, context=self.context)

    def closed(self, tap: "WritingTap") -> None:
        """A conversation has ended. If it has held the loop itself, there was no beat since then."""
        with lock:
            self.open.discard(tap)
            self.tell([tap], perf_counter_ns())

    def turned(self, now: int) -> None:
        """Expect the next beat, from now on."""
        self.samples.clear()
        self.due = now + self.pause  # if nothing holds the loop
        self.computed = process_time_ns()

    def tell(self, taps: Iterable["WritingTap"], now: int) -> None:
        """Tell conversations of the time in which there was no beat, if it is long enough."""
        late = now - self.due
        if late < self.limit or not (self.samples or process_time_ns() - self.computed > late // 4):
            return
        held_most = Counter(sample.line for sample in self.samples).most_common(1)
        sample = next((one for one in self.samples if one.line == held_most[0][0]), UNSEEN)
        for tap in taps:
            at = max(self.due, tap.began)
            if now - at >= self.limit:
                if tap.stalled is NONE_YET:
                    tap.stalled = Bounded(STALLS)
                tap.stalled.add(Stall(at - tap.began, now - at, *sample))

    def run(self) -> None:
        """Look whether a beat is overdue, and if so, what holds the loop, again and again."""
        look, computed = perf_counter_ns(), process_time_ns()
        while self.is_wanted():
            sleep(max(0, look - perf_counter_ns()) / 1e9)
            now, before, computed = perf_counter_ns(), computed, process_time_ns()
            late = now - look
            away = late > AWAY and computed - before < late // 10
            look = min(self.look(now, away=away), now + NAP)

    def is_wanted(self) -> bool:
        with lock:
            if self.open and not self.loop.is_closed():
                return True
            del watchdogs[self.loop]
            return False

    def look(self, now: int, *, away: bool) -> int:
        """Take down what the loop is at, if a beat is overdue; return when to look again."""
        due = self.due
        if now < due + self.pause:
            return due + self.pause
        excused = away or not self.loop.is_running()
        stack = [] if excused else stack_of(sys._current_frames().get(self.thread), self.base)
        excused = excused or any(module in DEBUGGERS for _, module in stack)
        sample = sample_of(stack, asyncio.current_task(self.loop))
        with lock:
            if self.due != due:
                return self.due + self.pause
            if sample is not None and not excused:
                self.samples = [*self.samples, sample][:SAMPLES]
            else:
                if not excused:
                    self.tell(tuple(self.open), now)
                self.turned(now)
        return now + self.pause


def base_of(frame: FrameType | None) -> CodeType | None:
    """What runs the loop, as far as a coroutine in it can tell: the code above the outermost one."""
    while frame is not None and not frame.f_code.co_flags & RESUMABLE:
        frame = frame.f_back
    while frame is not None and frame.f_code.co_flags & RESUMABLE:
        frame = frame.f_back
    return None if frame is None else frame.f_code


def stack_of(frame: FrameType | None, base: CodeType | None) -> list[tuple[Place, str]]:
    """The places and their packages, from the innermost one on to what is not the application any more.

    That is the recorder, or what runs the loop. There are none where the loop waits: all that is on the stack
    then is what runs it.
    """
    stack: list[tuple[Place, str]] = []
    while frame is not None and frame.f_code is not base:
        code, module = frame.f_code, str(frame.f_globals.get("__name__"))
        if not code.co_filename.startswith(PACKAGE):
            stack.append(((code, frame.f_lasti), module.partition(".")[0]))
        elif code.co_qualname == "Tap.run":
            return stack
        frame = frame.f_back
    return [] if frame is None else stack


def sample_of(stack: Iterable[tuple[Place, str]], task: "asyncio.Task[object] | None") -> Sample | None:
    """What a loop is at: a stack, and a task, if one runs."""
    lines = tuple(filter(None, (line_at(place) for place, _ in stack)))
    if not lines:
        return None
    nearest = next((line for line in lines if is_outside(line.file)), lines[0])
    found = None if task is None else mark_of(task)
    conversation = None if found is None else getattr(found.tap, "conversation", None)
    return Sample(nearest, lines[:DEPTH], None if conversation is None else conversation.id)
