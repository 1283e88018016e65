"""One call of an application, with the test at the server's end of it."""

from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import cache
from typing import Any, ClassVar
from weakref import ref

import anyio
import anyio.lowlevel

from ..contract.scope import is_older
from ..conversation import ClientLeft, Conversation
from ..recorder import Application, Recorder
from ..sources import Place, is_outside, line_at, raised_at
from ..tasks import is_cancellation
from .loop import signal, spawn
from .refusal import Kinds, kind_of

MARK = 512 * 1024  # bytes that may wait for the test, until `send` waits, too
OVERHEAD = 64  # bytes that an event counts for, beside its body
TIMEOUT = 5.0  # seconds that an application has to end when its client has left
CANCELLING = 1.0  # seconds that it has when it is cancelled
KEPT = 100  # conversations


class StillRunning(RuntimeError):
    """An application has not ended, though its conversation is over. It has been cancelled."""


class Call:
    """A call of the application: `said` waits for the application, `heard` for the test.

    The test waits for nothing without end: what waits is let go when the application has ended, and `send`,
    which waits while the test has much to read, when the client has left.
    """

    KINDS: ClassVar[Kinds] = {}

    left = False
    ended = False
    is_stopped = False
    error: BaseException | None = None
    waiting = 0  # bytes that were sent since the test last had nothing to read
    cancel: Callable[[], object]
    shown: "ref[Conversation]"

    def __init__(self, calls: "Calls", scope: dict[str, Any]) -> None:
        self.calls = calls
        self.scope = scope
        self.said: deque[dict[str, Any]] = deque()
        self.heard: deque[Any] = deque()
        self.moved: list[Callable[[], object]] = []

    def begin(self) -> None:
        """Call the application, in a task of its own."""
        self.calls.running[self] = None
        self.coroutine = self.run()
        self.cancel = spawn(self.coroutine, self.name, copy_context())

    @property
    def name(self) -> str:
        """What was called, in a few words."""
        return f"{self.scope['type']} {self.scope.get('path', '')}".rstrip()

    @property
    def conversation(self) -> Conversation | None:
        """What has been said in this call; None if it is kept no more."""
        return self.shown()

    @property
    def is_over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.ended

    def place(self) -> Place | None:
        """What the application is at, in no installed package."""
        found: Place | None = None
        awaited: Any = self.coroutine
        while awaited is not None:
            frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
            if frame is not None and is_outside(frame.f_code.co_filename):
                found = frame.f_code, frame.f_lasti
            awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
        return found

    def at(self) -> str:
        """Where the application is, at the end of a sentence."""
        return at(self.place())

    def stop(self) -> None:
        """Cancel the application."""
        self.is_stopped = True
        self.cancel()

    async def run(self) -> None:
        self.calls.beginning = self
        try:
            await self.calls.app(self.scope, self.receive, self.send)
        except BaseException as error:
            if is_cancellation(error):
                if not self.is_stopped:
                    self.calls.lost.append(f"{self.name} was cancelled{at(raised_at(error.__traceback__))}")
                raise
            self.error = error
        finally:
            self.end()

    def end(self) -> None:
        """Note that the application has ended."""
        self.ended = True
        self.calls.running.pop(self, None)
        if self.moved:
            self.move()

    def move(self) -> None:
        """Let whoever waits look again."""
        moved, self.moved = self.moved, []
        for go_on in moved:
            go_on()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition that others bring about."""
        while not condition():
            moved, go_on = signal()
            self.moved.append(go_on)
            await moved

    def say(self, event: dict[str, Any]) -> None:
        """Give the application an event, when it asks for the next."""
        self.said.append(event)
        self.move()

    async def receive(self) -> dict[str, Any]:
        """What the application awaits: what was said, and then that the client has left."""
        if not self.said and not self.left:
            await self.until(lambda: self.said or self.left)
        return self.said.popleft() if self.said else await self.farewell()

    async def farewell(self) -> dict[str, Any]:
        """The event that tells the application that its conversation is over, each time that it asks."""
        await anyio.lowlevel.checkpoint()
        return {"type": f"{self.scope['type']}.disconnect"}

    async def send(self, event: Any) -> None:
        """What the application awaits to send."""
        if self.left:
            await self.refuse()
        else:
            kind_of(event, self.KINDS, self.scope)
            await self.put(event, 0)

    async def refuse(self) -> None:
        """Take nothing any more: a server raises since version 2.4, and says nothing before."""
        await anyio.lowlevel.checkpoint()
        if raises(self.scope["asgi"].get("spec_version", "2.0")):
            raise ClientLeft("the client has left")

    async def put(self, event: Any, size: int) -> None:
        """Hand an event to the test, and wait while that has too much to read."""
        if self.put_now(event, size):
            await self.read()

    def put_now(self, event: Any, size: int) -> bool:
        """Hand an event to the test; return whether that has too much to read now."""
        self.heard.append(event)
        if self.moved:
            self.move()
        self.waiting += size + OVERHEAD
        return self.waiting > MARK

    async def read(self) -> None:
        """Wait until the test has read all."""
        await self.until(lambda: not self.heard or self.left)

    async def hear(self) -> Any:
        """The next event from the application; None if there is none, as it has ended, or the client left."""
        if not self.heard:
            await self.until(lambda: self.heard or self.ended or self.left)
        return self.hear_now() if self.heard else None

    def hear_now(self) -> Any:
        """The next of the events that wait."""
        event = self.heard.popleft()
        if not self.heard:
            self.waiting = 0
            if self.moved:
                self.move()
        return event

    async def hear_within(self, seconds: float, what: str) -> Any:
        """The same, but TimeoutError is raised when it takes longer. The application runs on."""
        if self.heard:
            return await self.hear()
        with anyio.move_on_after(seconds):
            return await self.hear()
        raise TimeoutError(f"the application has {what} in {seconds:g} seconds{self.at()}")

    def leave(self) -> None:
        """The client leaves: the application may learn it from `receive`, or from `send`."""
        self.left = True
        self.move()

    async def finished(self, timeout: float = TIMEOUT) -> None:
        """Wait until the application has ended. Raises TimeoutError if it takes longer; it runs on."""
        if not self.is_over:
            with anyio.move_on_after(timeout):
                await self.until(lambda: self.is_over)
                return
            raise TimeoutError(f"{self.name} is still running after {timeout:g} seconds{self.at()}")


def at(place: Place | None) -> str:
    """Where something is, at the end of a sentence."""
    return "" if place is None else f", at {line_at(place)}"


@cache
def raises(spec_version: str) -> bool:
    """Whether `send` raises when the client has left (www.rst, Disconnected Client - send exception)."""
    return not is_older(spec_version, "2.4")


async def finish(calls: Iterable[Call], timeout: float) -> None:
    """Wait until calls have ended. Raises StillRunning for those that take longer, and cancels them."""
    running = [call for call in calls if not call.is_over]
    with anyio.move_on_after(timeout, shield=True):
        await all_over(running)
    running = [call for call in running if not call.is_over]
    if not running:
        return
    names = [f"{call.name} is still running after {timeout:g} seconds{call.at()}" for call in running]
    for call in running:
        call.stop()
    with anyio.move_on_after(CANCELLING, shield=True):
        await all_over(running)
    raise StillRunning(f"{'; '.join(names)}: the client has left, and `receive` gives the disconnect")


async def all_over(calls: Iterable[Call]) -> None:
    for call in calls:
        await call.until(lambda call=call: call.is_over)  # type: ignore[misc]


class Calls:
    """The calls of one application that a test makes, recorded and judged.

    `conversations` has the latest, and `broken` older ones in which something was broken. `lost` says which
    calls were cancelled by others, as an event loop does that is closed.
    """

    beginning: Call

    def __init__(self, app: Application, *, strict: bool = False) -> None:
        self.app = Recorder(app, self.begun, strict=strict)
        self.conversations: deque[Conversation] = deque()
        self.broken: list[Conversation] = []
        self.lost: list[str] = []
        self.running: dict[Call, None] = {}  # in the order that they have begun

    def begun(self, conversation: Conversation) -> None:
        """Keep a conversation, which begins as its call does."""
        self.beginning.shown = ref(conversation)
        if len(self.conversations) == KEPT and (oldest := self.conversations.popleft()).violations:
            self.broken.append(oldest)
        self.conversations.append(conversation)

    async def stop(self, kind: type[Call], timeout: float) -> None:
        """End the calls of a kind: their clients leave. Raises StillRunning for those that are cancelled."""
        calls = [call for call in self.running if isinstance(call, kind)]
        for call in calls:
            call.leave()
        await finish(calls, timeout)
