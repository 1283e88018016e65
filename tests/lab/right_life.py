"""A server in this process that lives as the specification says, for the cases that are about a whole life.

It starts its application, asks it what the client of the case would ask, and stops. A fault is a subclass: it
does one thing otherwise.
"""

import asyncio
from contextlib import suppress

from lab import probe
from lab.evidence import Answer, Evidence, Frame, Lived
from lab.lives import read
from lab.runs import new_run
from lab.wire.http1 import Bytes
from lab.wire.websocket import Socket
from tests.lab.right_server import TOKEN

STARTUP, SHUTDOWN = "lifespan.startup", "lifespan.shutdown"


class Server:
    """It does nothing wrong."""

    def __init__(self, case):
        self.case, self.life = case.id, case.client
        self.state = {}
        self.events, self.heard = asyncio.Queue(), asyncio.Queue()
        self.started, self.leaving = False, asyncio.Event()
        self.lived, self.output, self.answers, self.frames = Lived(), "", [], []

    async def holds(self, journal):
        """Live, from start to end, and be seen."""
        try:
            await self.lives()
        finally:
            await self.ends()
        evidence = Evidence(self.case, 1, output=self.output, life=self.lived)
        evidence.answers, evidence.frames = self.answers, self.frames
        read(journal, evidence)
        self.seen(evidence)
        return evidence

    def seen(self, evidence):
        """What a fault makes of it that one event loop cannot show."""

    async def lives(self):
        self.call = asyncio.create_task(self.lifespan())
        answer = await self.starts()
        if answer and answer["type"] == f"{STARTUP}.failed":
            await self.fails(answer)
            return
        self.started = answer is not None
        await self.serves()
        await self.stops()

    async def ends(self):
        """The process is over, and what is left of it with it."""
        if not self.call.done():
            self.call.cancel()
            await asyncio.wait({self.call})

    # The lifespan

    def lifespan_scope(self):
        return {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }

    async def lifespan(self):
        with suppress(Exception):
            await self.app(self.lifespan_scope(), self.events.get, self.heard.put)

    async def app(self, scope, receive, send):
        if self.life.legacy:
            await probe.legacy(scope)(receive, send)
        else:
            await probe.application(scope, receive, send)

    async def tells(self, kind):
        """What the lifespan answers to this event; None if it ends without a word."""
        self.events.put_nowait({"type": kind})
        heard = asyncio.create_task(self.heard.get())
        await asyncio.wait({heard, self.call}, return_when=asyncio.FIRST_COMPLETED)
        if heard.done():
            return heard.result()
        heard.cancel()
        return None

    async def starts(self):
        return await self.tells(STARTUP)

    async def fails(self, answer):
        """Say why, and end."""
        self.prints(answer)
        self.lived.by_itself = True

    def prints(self, answer):
        """Say why the application has failed."""
        self.output += answer.get("message", "")

    async def stops(self):
        """Serve what is running to its end, take no more, and tell the lifespan."""
        await self.finishes(await self.begins())
        if self.started:
            await self.tells_of_the_end()
            await self.call

    async def begins(self):
        """What is running when it is told to stop, if there is something."""
        match self.life.meanwhile:
            case None:
                running = asyncio.sleep(0)
            case Socket():
                running = self.websocket(self.leaving)
            case _:
                running = self.http()
        running = asyncio.create_task(running)
        await asyncio.sleep(0)
        return running

    async def finishes(self, running):
        self.leaving.set()
        await running

    async def tells_of_the_end(self):
        answer = await self.tells(SHUTDOWN)
        if answer and answer["type"] == f"{SHUTDOWN}.failed":
            self.prints(answer)

    # What it serves

    async def serves(self):
        self.lived.served = (await self.http()).status == 200
        for action in self.life.asks:
            if isinstance(action, Socket):
                self.answers.append(await self.websocket())
            else:
                leaves = isinstance(action, Bytes) and "hang up" in action.steps
                self.answers.append(await self.http(leaves))

    def scope(self, kind):
        scope = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1",
            "scheme": {"http": "http", "websocket": "ws"}[kind],
            "path": f"/lab/{self.case}/{new_run(TOKEN)}",
            "query_string": b"",
            "headers": [],
        }
        if kind == "http":
            scope["method"] = "GET"
        else:
            scope["subprotocols"] = []
        return {**scope, **self.state_of(kind)}

    def state_of(self, kind):
        """The state of a request or of a WebSocket, as a part of its scope."""
        return {"state": self.state.copy()}

    async def http(self, leaves=False):
        """A request, whose client leaves behind the first piece of the response, or stays."""
        answer = Answer()
        events = [{"type": "http.request", "body": b"hello", "more_body": False}]

        async def receive():
            return events.pop() if events else {"type": "http.disconnect"}

        async def send(event):
            if leaves and answer.body:
                self.lost(event)
            elif event["type"] == "http.response.start":
                answer.status = event["status"]
            else:
                answer.body += event.get("body", b"")
                answer.ended = "open" if event.get("more_body") else "whole"

        await self.called(self.scope("http"), receive, send)
        return answer

    async def websocket(self, leaving=None):
        """A WebSocket. Its client opens it and leaves, or the server closes it when it is leaving itself."""
        connected = over = False

        async def receive():
            nonlocal connected, over
            if not connected:
                connected = True
                return {"type": "websocket.connect"}
            if leaving:
                await leaving.wait()
                self.frames.append(Frame("close", code=1001))
            over = True
            return {"type": "websocket.disconnect", "code": 1001 if leaving else 1000}

        async def send(event):
            if over:
                self.lost(event)

        await self.called(self.scope("websocket"), receive, send)
        return Answer(101)

    def lost(self, event):
        """Something is sent to a client that has left."""
        raise BrokenPipeError("the client has left")

    async def called(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        except BrokenPipeError:
            self.catches()

    def catches(self):
        """What `send` has raised comes out of the application."""
