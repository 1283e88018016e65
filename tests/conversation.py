"""Both ends of a conversation in the hands of a test: what httpx cannot say, said event by event.

`call` lets a test speak as the server does. `promised` and `played` are for transcripts: the first
reads what an exhibit's docstring promises, the second plays the server's side of it and writes down
what really happened, in the same notation:

    scope http GET /raw/echo?n=1 http_version='2'
        accept: text/plain
    receive http.request body=b'x' more_body=True
    send http.response.start status=200
        content-type: text/plain
    return

Headers are the indented lines below an event; `...` stands for any text.
"""

import asyncio
import inspect
import re
from collections import deque
from contextlib import asynccontextmanager

from asgiscope.contract import Level, Party, judge_of
from asgiscope.contract.notation import event_of, http, lifespan, line_of, scope_of, websocket

__all__ = [
    "answer", "call", "http", "keeps", "lifespan", "line_of", "one_who_leaves", "played",
    "promised", "until", "websocket",
]  # fmt: skip

PATIENCE = 10  # seconds until a test gives up: long, because a loaded machine is slow, not wrong


class Peer:
    """The server's end of one conversation."""

    def __init__(self):
        self._said = asyncio.Queue()
        self._heard = asyncio.Queue()
        self.task = None

    async def says(self, type, **fields):
        """Give the application an event; it gets it when it next awaits `receive()`."""
        self._said.put_nowait({"type": type, **fields})

    async def hears(self):
        """The next event that the application sends; its exception, if it raises one instead."""
        event = asyncio.ensure_future(self._heard.get())
        await asyncio.wait({event, self.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if event.done() or not self._heard.empty():
            return await event
        event.cancel()
        if not self.task.done():
            raise TimeoutError("the application has neither sent an event nor returned")
        self.task.result()
        raise EOFError("the application has returned without another event")

    async def returns(self):
        """Wait for the application to return, or to raise, and return what it still sent."""
        done, _ = await asyncio.wait({self.task}, timeout=PATIENCE)
        if not done:
            raise TimeoutError("the application has not returned")
        self.task.result()
        return [self._heard.get_nowait() for _ in range(self._heard.qsize())]


@asynccontextmanager
async def call(app, scope, departures=()):
    """Call the application with a scope; the test speaks for the server, and has the last word.

    `departures` are the clauses that the application is known to break.

    When the block ends the application has to have ended too, or it is cancelled.
    """
    peer, umpire = Peer(), Umpire(scope, departures)

    async def receive():
        event = await peer._said.get()
        umpire.receive(event)
        return event

    async def send(event):
        umpire.send(event)
        peer._heard.put_nowait(event)

    peer.task = asyncio.create_task(app(scope, receive, send))
    try:
        yield peer
    finally:
        peer.task.cancel()
        await asyncio.wait({peer.task}, timeout=PATIENCE)


async def answer(app, scope, *events):
    """All that the application sends before it returns; without events it is given an empty request."""
    async with call(app, scope) as server:
        for event in events or ({"type": "http.request"},):
            await server.says(**event)
        return await server.returns()


def one_who_leaves(left):
    """The `receive` of a server whose client sends an empty request, and leaves when `left` is set."""
    said = [{"type": "http.request"}]

    async def receive():
        if said:
            return said.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    return receive


async def until(condition):
    """Let the others run until the condition is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  (what is waited for sets no event)
            await asyncio.sleep(0)


def promised(exhibit):
    """The transcripts in the docstring of an exhibit's module, each a list of lines."""
    transcripts, inside = [], False
    for line in inspect.getdoc(exhibit).splitlines():
        if line.startswith("    scope "):
            transcripts.append([])
            inside = True
        inside = inside and line.startswith("    ")
        if inside and line.startswith("        "):
            transcripts[-1][-1] += "\n    " + line.strip()
        elif inside:
            transcripts[-1].append(line.strip())
    return transcripts


def keeps(actual, transcript):
    """Whether the lines are what the transcript promises, `...` being any text."""
    patterns = [re.escape(line).replace(r"\.\.\.", ".*") for line in transcript]
    return re.fullmatch("\n".join(patterns), "\n".join(actual), re.DOTALL) is not None


async def played(app, transcript, root_path):
    """Play the server's side of a transcript to the application; return what happened, as lines.

    A `receive` line is given when the application awaits an event and all lines above have happened.
    """
    script = deque(transcript)
    actual = [script.popleft()]
    scope = scope_of(transcript[0].replace("\n    ", "\n"), root_path=root_path)
    umpire = Umpire(scope)
    moved = asyncio.Condition()

    async def tell(kind, line):
        async with moved:
            actual.append(line)
            if script and script[0].startswith(kind):
                script.popleft()
            moved.notify_all()

    async def receive():
        async with moved:
            await moved.wait_for(lambda: script and script[0].startswith("receive"))
            line = script[0]
        await tell("receive", line)
        event = event_of(line.removeprefix("receive ").replace("\n    ", "\n"))
        umpire.receive(event)
        return event

    async def send(event):
        umpire.send(event)
        await tell("send", "send " + line_of(event))

    try:
        async with asyncio.timeout(PATIENCE):
            await app(scope, receive, send)
    except TimeoutError:
        actual.append("(the application still waits)")
    except Exception as error:
        actual.append(f"raise {type(error).__name__}: {error}")
    else:
        actual.append("return")
    return actual


class Umpire:
    """The contract, asserted: whatever an exhibit is put through, it breaks no clause."""

    def __init__(self, scope, departures=()):
        self.departures = departures
        self.judge = judge_of(scope)
        self.judge.open()

    def receive(self, event):
        self.judge.receive(event)

    def send(self, event):
        """Servers in these tests may be odd on purpose; an application keeps the contract all the same."""
        violations = self.judge.send(event)
        broken = [
            one
            for one in violations
            if one.party is not Party.SERVER and one.level is not Level.NOTE
            if one.clause not in self.departures
        ]
        assert broken == [], "\n".join(map(str, broken))
