"""What a client can do of WebSocket, and under trio. See http_probes for what a probe is."""

from contextlib import suppress

import anyio
from sniffio import current_async_library

from bench.clients.client import Build, Lacking
from bench.clients.watched import Watched, answering, until_told
from router import Event, Receive, Scope, Send


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of most probes here."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        key = "text" if event.get("text") is not None else "bytes"
        await send({"type": "websocket.send", key: event[key]})


async def messages(build: Build) -> str | None:
    """Text, bytes and JSON, there and back."""
    async with build(echo).websocket() as socket:
        await socket.send_text("text")
        seen = [await socket.receive_text()]
        await socket.send_bytes(b"bytes")
        seen.append(await socket.receive_bytes())
        await socket.send_json({"a": 1})
        seen.append(await socket.receive_json())
    return None if seen == ["text", b"bytes", {"a": 1}] else f"it read {seen}"


async def empty_message(build: Build) -> str | None:
    """A message may be empty."""
    async with build(echo).websocket() as socket:
        await socket.send_text("")
        text = await socket.receive_text()
    return None if text == "" else f"it read {text!r}"


async def other_key_is_none(build: Build) -> str | None:
    """`{"text": "x", "bytes": None}` is a text, as `bytes` is optional."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "x", "bytes": None})
        await receive()

    async with build(app).websocket() as socket:
        text = await socket.receive_text()
    return None if text == "x" else f"it read {text!r}"


async def subprotocol(build: Build) -> str | None:
    """The application is offered subprotocols, and the test sees which it has chosen."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        chosen = scope["subprotocols"][-1] if scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        await receive()

    async with build(app).websocket(["first", "second"]) as socket:
        chosen = socket.subprotocol
    return None if chosen == "second" else f"it is {chosen!r}"


async def close_of_the_application(build: Build) -> str | None:
    """The test sees the code and the reason that the application closes with."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4001, "reason": "enough"})

    async with build(app).websocket() as socket:
        seen = await socket.closed()
    return None if seen == (4001, "enough") else f"it is {seen}"


async def close_of_the_client(build: Build) -> str | None:
    """The application hears the code and the reason that the test closes with."""
    heard: list[Event] = []

    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        heard.append(await receive())

    app = Watched(listens)
    async with build(app).websocket() as socket:
        await socket.close(4002, "bye")
        await app.end()
    wanted = {"type": "websocket.disconnect", "code": 4002, "reason": "bye"}
    return None if heard == [wanted] else f"it hears {heard}"


async def vanishing(build: Build) -> str | None:
    """An application that speaks without end is told when the client is gone without a close frame."""

    async def speaks(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await until_told(receive, send, {"type": "websocket.send", "text": "tick"})

    app = Watched(speaks)
    async with build(app).websocket() as socket:
        for _ in range(3):
            await socket.receive_text()
        await socket.vanish()
        return await app.end()


async def send_raises(build: Build) -> str | None:
    """One that only speaks is told by `send`, which raises an OSError, as it does since version 2.4."""

    async def speaks(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with suppress(OSError):
            while True:
                await send({"type": "websocket.send", "text": "tick"})
                await anyio.sleep(0.001)

    app = Watched(speaks)
    async with build(app).websocket() as socket:
        await socket.receive_text()
        await socket.vanish()
        return await app.end()


async def patience(build: Build) -> str | None:
    """A wait that is given up leaves the application running."""
    app = Watched(echo)
    async with build(app).websocket() as socket:
        try:
            await socket.patient(0.05)
        except TimeoutError:
            if app.ended.is_open:
                return app.how
            await socket.send_text("still there")
            text = await socket.receive_text()
            return None if text == "still there" else f"it read {text!r}"
    return "it got a message"


async def denial(build: Build) -> str | None:
    """A response that refuses the handshake, in two parts, is read by the test."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            raise LookupError("the scope offers no denial response")
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"entry"})

    answer = await build(app).refused()
    return None if answer == (401, b"no entry") else f"it is {answer}"


async def bare_close(build: Build) -> str | None:
    """A `websocket.close` without a code, before the connection is accepted, is a 403."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close"})

    answer = await build(app).refused()
    return None if answer.status == 403 else f"it is {answer}"


async def trio(build: Build) -> str | None:
    """Client and application run under trio: HTTP, and WebSocket where there is one."""
    answer = await build(answering(lambda scope: current_async_library().encode())).get()
    if answer.body != b"trio":
        return f"the application runs under {answer.body.decode()}"
    try:
        async with build(echo).websocket() as socket:
            await socket.send_text("text")
            text = await socket.receive_text()
    except Lacking:
        return None
    return None if text == "text" else f"it read {text!r}"
