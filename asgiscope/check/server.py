"""The server's side of a scenario: it holds the conversation with the application, and always ends it."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable
from copy import deepcopy
from typing import Any, TypeVar

from ..conversation import ClientLeft, Conversation, Line
from ..recorder import Application, Recorder
from ..sources import home_of
from .scenario import Scenario

T = TypeVar("T")

GRACE = 2.0  # seconds that an application has to end when the client has left
LONG = 100  # events sent to a client that has left, until one may speak of "for long"
SLOW = 0.01  # seconds that `receive` and `send` take where they are slow
STOP = 0.05  # seconds until a server stops that stops
LEAVING = ("http.disconnect", "websocket.disconnect")
PARTS = ("http.response.body", "http.response.zerocopysend", "websocket.http.response.body")
LAST = ("http.response.pathsend", "websocket.close", "lifespan.startup.failed")


class Held:
    """A scenario that was held: what was recorded, and what the server saw."""

    conversation: Conversation
    home: Line | None  # where the application is defined

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.given: list[dict[str, Any]] = []  # what the application received
        self.sent: list[Any] = []  # what it sent, while the client was there
        self.sent_later = 0
        self.asked_later = 0
        self.complete = False  # the application came to the end of its answer
        self.gave_up = False  # the time was up, and the application ran on

    @property
    def status(self) -> int | None:
        """The status of the response."""
        for event in self.sent:
            if kind_of(event) == "http.response.start":
                status = event.get("status")
                return status if isinstance(status, int) else None
        return None

    @property
    def failed(self) -> bool:
        """Whether the application raised, or gave the answer that frameworks make of an exception."""
        outcome = self.conversation.outcome
        hung_up = outcome.error is not None and outcome.error.partition(":")[0].endswith("ClientLeft")
        return (outcome.how == "raise" and not hung_up) or (self.status or 0) >= 500

    @property
    def answer(self) -> tuple[Any, ...]:
        """All that was answered, whatever pieces it came in."""
        body = [event.get("body", b"") for event in self.sent if kind_of(event) == "http.response.body"]
        rest = [
            event
            for event in self.sent
            if kind_of(event) not in ("http.response.start", "http.response.body")
        ]
        text = b"".join(piece for piece in body if isinstance(piece, bytes))
        return self.conversation.outcome.how, self.status, text, repr(rest)


def kind_of(event: Any) -> str:
    """The type of an event, if it has one."""
    return str(event.get("type")) if isinstance(event, dict) else ""


class Server:
    """The server in one scenario.

    `state` is what the lifespan has left; without one, there is none. A lifespan goes on until `serving` is
    set.
    """

    def __init__(
        self, scenario: Scenario, state: dict[str, Any] | None = None, serving: asyncio.Event | None = None
    ) -> None:
        self.held = Held(scenario)
        self.scenario = scenario
        self.serving = serving
        self.scope = deepcopy(scenario.scope)
        if self.scope["type"] in ("http", "websocket") and "state" in self.scope:
            del self.scope["state"]
            if state is not None:
                self.scope["state"] = state.copy()
        self.script = deque(scenario.script)
        self.left = False  # the client has
        self.complete = False  # the response, the WebSocket, or the lifespan
        self.trailers = False
        self.moved = asyncio.Condition()
        self.started = asyncio.Event()
        self.task: asyncio.Task[None]

    async def hold(self, app: Application, timeout: float) -> Held:
        """Call the application. After `timeout` seconds the client leaves; soon after, the call is ended."""
        conversations: list[Conversation] = []
        call = Recorder(app, conversations.append)(self.scope, self.receive, self.send)
        self.task = asyncio.create_task(call)
        try:
            if self.serving is not None:
                await first_of(self.serving.wait(), self.task)
                await self.move()
            if self.scenario.cancelled:
                await asyncio.wait({self.task}, timeout=STOP)
                self.task.cancel()
            await asyncio.wait({self.task}, timeout=timeout)
            if not self.task.done():
                self.left = True
                await self.move()
                await asyncio.wait({self.task}, timeout=min(timeout, GRACE))
            self.held.gave_up = not self.task.done()
        finally:
            self.task.cancel()
            await asyncio.wait({self.task}, timeout=GRACE)
        if self.task.done() and not self.task.cancelled():
            self.task.exception()  # It is in the record.
        self.held.home = home_of(app)
        self.held.conversation, self.held.complete = conversations[0], self.complete
        return self.held

    @property
    def delay(self) -> float:
        """Seconds that `receive` and `send` take: none, even at a slow server, when the client has left."""
        return SLOW if self.scenario.slow and not self.left else 0

    async def move(self) -> None:
        """Let whoever waits look again."""
        async with self.moved:
            self.moved.notify_all()

    async def receive(self) -> dict[str, Any]:
        """Give what comes next. If nothing does, the client loses its patience; a lifespan is ended."""
        # What is there is given at once, as servers do: there are applications that look for a disconnect and
        # will not wait. But one that knows of it, and asks and asks, leaves the others a moment.
        told = bool(self.held.given) and self.held.given[-1]["type"] in LEAVING
        if self.scenario.slow or told:
            await asyncio.sleep(self.delay)
        if self.left:
            self.held.asked_later += 1
            if self.held.asked_later > 2 * LONG:
                self.task.cancel()
        lifespan = self.scope["type"] == "lifespan"
        async with self.moved:
            patience = (
                None if lifespan and self.serving and not self.serving.is_set() else self.scenario.patience
            )
            try:
                async with asyncio.timeout(patience):
                    await self.moved.wait_for(self.is_ready)
            except TimeoutError:
                self.left = True
        if lifespan and (self.left or not self.script):
            self.task.cancel()
            await asyncio.Event().wait()
        event = deepcopy(self.next_event())
        self.held.given.append(event)
        return event

    def is_ready(self) -> bool:
        """Whether there is something to give."""
        if self.left or self.complete:
            return True
        if not self.script:
            return False
        after = self.script[0].after
        if after is None:
            return True
        return self.has_sent(after) and (self.serving is None or self.serving.is_set())

    def has_sent(self, kind: str) -> bool:
        """Whether the application has sent an event of such a type."""
        return any(kind_of(event).startswith(kind) for event in self.held.sent)

    def next_event(self) -> dict[str, Any]:
        if self.script and not self.complete and (not self.left or self.script[0].event["type"] in LEAVING):
            event = self.script.popleft().event
            self.left = self.left or event["type"] in LEAVING
            return event
        if self.scope["type"] == "websocket":
            return {"type": "websocket.disconnect", "code": 1000 if self.complete else 1006, "reason": ""}
        return {"type": "http.disconnect"}

    async def send(self, event: Any) -> None:
        """Take what the application says; say that the client has left, where the server is one that does."""
        await asyncio.sleep(self.delay)
        if len(self.held.sent) + 1 == self.scenario.fails:
            self.left = True
        if self.left and self.scope["type"] != "lifespan":
            self.held.sent_later += 1
            if self.held.sent_later > 2 * LONG:
                self.task.cancel()
            await self.move()
            if self.scenario.closed == "raises":
                raise ClientLeft("the client has left")
            return
        self.held.sent.append(event)
        self.note(event, kind_of(event))
        await self.move()

    def note(self, event: Any, kind: str) -> None:
        """Know what is over now: the answer, or the client's being there."""
        if kind == "http.response.start":
            self.trailers = event.get("trailers") is True
        elif kind.startswith("lifespan.startup."):
            self.started.set()
        ends = kind in LAST or kind.startswith("lifespan.shutdown.")
        ends = ends or (kind in PARTS and not event.get("more_body") and not self.trailers)
        ends = ends or (kind == "http.response.trailers" and not event.get("more_trailers"))
        self.complete = self.complete or ends
        due = self.script[0] if self.script else None
        leaves = (
            due is not None
            and due.event["type"] in LEAVING
            and due.after is not None
            and self.has_sent(due.after)
        )
        # An answer without an end is one that ends when the client leaves.
        self.left = leaves or (len(self.held.sent) >= self.scenario.chunks and not self.complete)


class Lifespan:
    """The lifespan in which the connections are held, from its beginning to its end.

    `state` is what the application left for them: None, if it did not start. `refusal` is what it said if it
    refused to, and `silent` whether it said nothing in time.
    """

    state: dict[str, Any] | None = None
    refusal: str | None = None
    silent = False

    def __init__(self, app: Application, scenario: Scenario, timeout: float) -> None:
        self.app = app
        self.timeout = timeout
        self.serving = asyncio.Event()
        self.server = Server(scenario, serving=self.serving)

    async def __aenter__(self) -> "Lifespan":
        self.task = asyncio.create_task(self.server.hold(self.app, self.timeout))
        try:
            await asyncio.wait_for(first_of(self.server.started.wait(), self.task), self.timeout)
        except TimeoutError:
            self.silent = True
            return self
        failed = [event for event in self.server.held.sent if kind_of(event) == "lifespan.startup.failed"]
        if failed:
            self.refusal = str(failed[0].get("message", ""))
        else:
            self.state = self.server.scope["state"]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.serving.set()
        await self.task


async def first_of(one: Coroutine[Any, Any, object], task: "asyncio.Task[Any]") -> None:
    """Wait for a coroutine, or for a task if it ends before; the task goes on."""
    other = asyncio.create_task(one)
    try:
        await asyncio.wait({other, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        other.cancel()


async def gathered(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of coroutines that run side by side; if one fails, the others end before it is heard of."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in coroutines]
    return [task.result() for task in tasks]
