"""Applications whose fault is in no event, but in the call, in its tasks, or in what it does to the scope."""

import asyncio
from contextlib import suppress

from .lawful import ACCEPT, CLOSE, END, START, STARTED, STOPPED, content, expect

MIDST = {"type": "http.response.body", "body": b"tick\n", "more_body": True}


# What an application is


def no_coroutine(scope, receive, send):
    """general.app.asyncio-coroutine: is an ordinary function, and returns nothing to await."""
    expect(scope, "http")


def a_response_of_wsgi(scope, receive, send):
    """general.app.asyncio-coroutine: returns the pieces of its body, as WSGI has it."""
    expect(scope, "http")
    return [b"hello"]


async def generator(scope, receive, send):
    """general.app.asyncio-coroutine: yields its events, which makes it no coroutine but a generator."""
    expect(scope, "http")
    yield START
    yield END


def two_callables(scope):
    """general.app.single-async-callable: takes the scope, and returns what takes receive and send."""
    expect(scope, "http")

    async def instance(receive, send):
        await send(START)
        await send(END)

    return instance


async def two_async_callables(scope):
    """general.app.single-async-callable, general.legacy.first-call-sync: has to be awaited for the rest."""
    expect(scope, "http")

    async def instance(receive, send):
        await send(START)
        await send(END)

    return instance


async def returns_a_body(scope, receive, send):
    """general.app.returns-none: returns what it has sent."""
    expect(scope, "http")
    await send(START)
    await send(END)
    return b""


async def returns_success(scope, receive, send):
    """general.app.returns-none: returns that all went well."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    await send(STOPPED)
    return True


async def returns_a_close_code(scope, receive, send):
    """general.app.returns-none: returns the code that it has closed with."""
    expect(scope, "websocket")
    await receive()
    await send(CLOSE)
    return 1000


async def sends_from_a_thread(scope, receive, send):
    """general.app.threads-allowed: sends from a thread, in an event loop of its own."""
    expect(scope, "http")
    await send(START)

    async def end():
        await send(END)

    await asyncio.to_thread(lambda: asyncio.run(end()))


# How it calls


async def sends_by_keyword(scope, receive, send):
    """general.send.app-passes-one-positional: gives the event by a name, which no server has to know."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await send(event=END)


async def sends_type_and_body(scope, receive, send):
    """general.send.app-passes-one-positional: gives the type and the rest of an event one by one."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await send("http.response.body", b"hello")


async def sends_keys(scope, receive, send):
    """general.send.app-passes-one-positional: gives the keys of an event as keywords."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await send(**END)


async def body_not_awaited(scope, receive, send):
    """general.send.awaited: forgets an 'await', and the first half of the body is never sent."""
    expect(scope, "http")
    await send(START)
    send({"type": "http.response.body", "body": content(scope, b"hello, "), "more_body": True})
    await send({"type": "http.response.body", "body": content(scope, b"world")})


async def message_not_awaited(scope, receive, send):
    """general.send.awaited: forgets an 'await', and the message is never sent."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    send({"type": "websocket.send", "text": "hello"})
    await send(CLOSE)


# What it does to the scope


async def path_changed(scope, receive, send):
    """general.middleware.copies-scope: takes the mount off the path, in the scope that it was given."""
    expect(scope, "http")
    scope["path"] = "/elsewhere"
    await send(START)
    await send(END)


async def key_added(scope, receive, send):
    """general.middleware.copies-scope: adds the user to the scope that it was given."""
    expect(scope, "http")
    scope["user"] = "anonymous"
    await send(START)
    await send(END)


async def key_taken_away(scope, receive, send):
    """general.middleware.copies-scope: takes the headers out of the scope, to own them."""
    expect(scope, "http")
    scope.pop("headers")
    await send(START)
    await send(END)


async def headers_changed(scope, receive, send):
    """general.middleware.copies-scope: copies the scope, but changes the one list of headers in both."""
    expect(scope, "http")
    inner = dict(scope)
    inner["headers"].append((b"x-request-id", b"1"))
    await send(START)
    await send(END)


async def extensions_changed(scope, receive, send):
    """general.middleware.copies-scope: offers an extension of its own, in the dict that it was given."""
    expect(scope, "websocket")
    await receive()
    scope["extensions"] = {**(scope.get("extensions") or {}), "websocket.shout": {}}
    await send(CLOSE)


async def versions_changed(scope, receive, send):
    """general.middleware.copies-scope: announces a version to whoever comes after it in the same dict."""
    expect(scope, "lifespan")
    scope["asgi"]["house"] = "1.0"
    await receive()
    await send(STARTED)
    await receive()
    await send(STOPPED)


# How long it lives


async def answers_after_it_has_returned(scope, receive, send):
    """http.response.start.once, general.app.lives-as-long-as-connection: leaves the answer to a task."""
    expect(scope, "http")

    async def answer():
        with suppress(OSError):
            await send(START)
            await send(END)

    answer.task = asyncio.create_task(answer())


async def speaks_after_it_has_returned(scope, receive, send):
    """websocket.send.not-after-close, general.app.lives-as-long-as-connection: leaves a task that sends."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send(CLOSE)

    async def tick():
        with suppress(OSError):
            await send({"type": "websocket.send", "text": "tick"})

    tick.task = asyncio.create_task(tick())


async def asks_for_ever(scope, receive, send):
    """general.app.lives-as-long-as-connection: asks for the next event for ever, whatever it is."""
    expect(scope, "http")
    await send(START)
    while True:
        await receive()


async def listens_for_ever(scope, receive, send):
    """general.app.lives-as-long-as-connection: passes over each event that is no message, and so the last."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while True:
        event = await receive()
        if event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event.get("text") or ""})


async def stays_when_the_client_has_left(scope, receive, send):
    """general.app.lives-as-long-as-connection: hears that the client has left, and stays."""
    expect(scope, "http")
    await send(START)
    while (await receive())["type"] != "http.disconnect":
        pass
    await asyncio.Event().wait()


async def stays_when_the_socket_is_gone(scope, receive, send):
    """websocket.app.ends-with-socket: hears that the client has left, and stays."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    await asyncio.Event().wait()


async def streams_for_ever(scope, receive, send):
    """http.send.closed-not-guaranteed: streams until send raises, which it may never do."""
    expect(scope, "http")
    await send(START)
    while scope["method"] != "HEAD":
        await send(MIDST)
        await asyncio.sleep(0)
    await send(END)


async def ticks_for_ever(scope, receive, send):
    """websocket.send.closed-not-guaranteed: sends until send raises, which it may never do."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while True:
        await send({"type": "websocket.send", "text": "tick"})
        await asyncio.sleep(0)
