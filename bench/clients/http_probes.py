"""What a client can do of HTTP and of lifespan.

A probe makes a client of an application, holds a conversation and returns None if all is right, or else what
it saw. Its docstring is what the table says it checks.
"""

import json

from bench.clients.client import Build, Gate, Lacking, Pieces
from bench.clients.watched import START, Watched, answering, until_told
from router import Receive, Scope, Send

BODY = "http.response.body"


async def first_chunk(build: Build) -> str | None:
    """The first chunk is there while the application waits to send the second."""
    read = Gate()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": BODY, "body": b"one", "more_body": True})
        await read.passed()
        await send({"type": BODY, "body": b"two"})

    async with build(app).stream() as chunks:
        seen = [await anext(chunks)]
        read.open()
        seen += [chunk async for chunk in chunks if chunk]
    return None if seen == [b"one", b"two"] else f"it read {seen}"


async def endless_stream(build: Build) -> str | None:
    """A stream without an end is read for a while; when the client leaves, the application is told."""

    async def ticks(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await until_told(receive, send, {"type": BODY, "body": b"tick", "more_body": True})

    app = Watched(ticks)
    async with build(app).stream() as chunks:
        for _ in range(3):
            await anext(chunks)
    return await app.end()


async def long_poll(build: Build) -> str | None:
    """A request that is not answered yet is given up, and the application is told."""
    begun = Gate()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        begun.open()
        await receive()

    app = Watched(waits)
    await build(app).abandon(begun)
    return await app.end()


async def both_ways(build: Build) -> str | None:
    """The answer to the first piece of a body is read before the second piece is sent."""
    read = Gate()

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        more = True
        while more:
            event = await receive()
            more = event.get("more_body", False)
            if event.get("body"):
                await send({"type": BODY, "body": event["body"], "more_body": True})
        await send({"type": BODY, "body": b""})

    async with build(echo).stream(Pieces(b"one", b"two", read)) as chunks:
        seen = [await anext(chunks)]
        read.open()
        seen += [chunk async for chunk in chunks if chunk]
    return None if seen == [b"one", b"two"] else f"it read {seen}"


async def empty_request(build: Build) -> str | None:
    """A GET without a body is one event, as on a server."""
    events = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            events.append(await receive())
            more = events[-1].get("more_body", False)
        await send(START)
        await send({"type": BODY, "body": b""})

    await build(app).get()
    return None if len(events) == 1 else f"there are {len(events)}"


async def no_body(build: Build) -> str | None:
    """The last event of a response has no `body`, which means that it is empty."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": BODY})

    answer = await build(app).get()
    return None if answer == (200, b"") else f"it is {answer}"


async def constant_event(build: Build) -> str | None:
    """What the application sends is left as it is: an event that it keeps is good for the next request."""
    client = build(answering(lambda scope: b"hello"))
    answers = [await client.get(), await client.get()]
    return None if answers == [(200, b"hello")] * 2 else f"it is {answers}"


async def exception(build: Build) -> str | None:
    """What the application raises is raised in the test."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise LookupError("no such thing")

    try:
        answer = await build(app).get()
    except LookupError:
        return None
    return f"it is {answer}"


async def server_error(build: Build) -> str | None:
    """What it raises is answered with 500, as a server does, if the test asks for that."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise LookupError("no such thing")

    answer = await build(app).get(raises=False)
    return None if answer.status == 500 else f"it is {answer}"


async def judged(build: Build) -> str | None:
    """The test fails if the application breaks the contract: `content-length` is 5, the body has 3 bytes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({**START, "headers": [(b"content-length", b"5")]})
        await send({"type": BODY, "body": b"two"})

    client = build(app)
    try:
        await client.get(**client.strict)
    except Exception as error:
        return None if "content-length" in str(error) else f"it raised {error!r}"
    return "nothing is said"


async def scope(build: Build) -> str | None:
    """The test chooses the version of HTTP, the version of the specification, the extensions and the TLS."""
    choice = {
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "2",
        "extensions": {"http.response.trailers": {}, "tls": {"tls_version": 0x0304}},
    }

    def chosen(scope: Scope) -> bytes:
        return json.dumps({key: scope.get(key) for key in choice}).encode()

    answer = await build(answering(chosen)).get(scope=choice)
    return None if json.loads(answer.body) == choice else f"it is {answer.body.decode()}"


async def lifespan(build: Build) -> str | None:
    """The application starts before the first request, and stops after the last."""
    log = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in ("startup", "shutdown"):
            event = await receive()
            log.append(event["type"])
            await send({"type": f"{event['type']}.complete"})

    async with build(app).lifespan():
        log.append("requests")
    wanted = ["lifespan.startup", "requests", "lifespan.shutdown"]
    return None if log == wanted else f"it is {log}"


async def startup_failure(build: Build) -> str | None:
    """What the application says when it fails to start is raised in the test."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    try:
        async with build(app).lifespan():
            return "it goes on as if all were well"
    except Lacking:
        raise
    except Exception as error:
        return None if "no database" in str(error) else f"it raised {error!r}"


async def state(build: Build) -> str | None:
    """What the lifespan puts into the state is in the scope of the request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answering(lambda scope: scope["state"]["greeting"])(scope, receive, send)
            return
        for _ in ("startup", "shutdown"):
            event = await receive()
            if "state" in scope:
                scope["state"]["greeting"] = b"hello"
            await send({"type": f"{event['type']}.complete"})

    client = build(app)
    async with client.lifespan():
        answer = await client.get()
    return None if answer.body == b"hello" else f"it is {answer}"
