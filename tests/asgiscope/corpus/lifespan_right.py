"""Applications that keep every clause of lifespan, each in a way that surprises somebody."""

import asyncio
from contextlib import asynccontextmanager

from .lawful import END, START, STARTED, STOPPED, content, expect


async def starts_and_stops(scope, receive, send):
    """Right: handles nothing but lifespan, and raises for all else."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def raises_at_once(scope, receive, send):
    """Right: an exception on the lifespan scope says that there is no lifespan, and the server goes on."""
    if scope["type"] != "http":
        raise ValueError("HTTP only")
    await send(START)
    await send(END)


async def has_no_use_for_a_lifespan_without_state(scope, receive, send):
    """Right: raises before it asks for an event, where there is no place for what it would open."""
    expect(scope, "lifespan")
    state = scope["state"]
    await receive()
    state["pool"] = "the pool"
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def raises_on_startup(scope, receive, send):
    """Right: an exception after 'lifespan.startup' says the same as one before it."""
    expect(scope, "lifespan")
    await receive()
    raise LookupError("no database")


async def raises_on_shutdown(scope, receive, send):
    """Right: an exception instead of an answer to 'lifespan.shutdown' owes none any more."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    raise LookupError("the file is locked")


async def refuses_to_start(scope, receive, send):
    """Right: says why it does not start, and returns without waiting for a shutdown."""
    expect(scope, "lifespan")
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def refuses_without_a_word(scope, receive, send):
    """Right: the message of a refusal may be left out, or be empty."""
    expect(scope, "lifespan")
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError
    await send({"type": "lifespan.startup.failed"})


async def fails_to_stop(scope, receive, send):
    """Right: says that it did not stop well, and has stopped all the same."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("the file is locked")
    await send({"type": "lifespan.shutdown.failed", "message": ""})


async def works_before_it_is_asked(scope, receive, send):
    """Right: the work may begin before 'lifespan.startup', as long as the answer comes after it."""
    expect(scope, "lifespan")
    work = asyncio.create_task(asyncio.sleep(0.01))
    await receive()
    await work
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def loops_over_events(scope, receive, send):
    """Right: answers whatever comes by its name, and ends with the shutdown."""
    expect(scope, "lifespan")
    event = {}
    while event.get("type") != "lifespan.shutdown":
        event = await receive()
        await send({"type": event["type"] + ".complete"})


async def state_used_where_there_is_one(scope, receive, send):
    """Right: shares by 'state' what it has, and where there is none makes it anew for each request."""
    expect(scope, "lifespan", "http")
    if scope["type"] == "lifespan":
        await receive()
        scope.get("state", {})["words"] = ["hello"]
        await send(STARTED)
        await receive()
        await send(STOPPED)
    else:
        words = scope.get("state", {}).get("words", ["hello"])
        await send(START)
        await send({"type": "http.response.body", "body": content(scope, " ".join(words).encode())})


async def state_demanded(scope, receive, send):
    """Right: says clearly that it does not run without 'state', which is one of the two remedies."""
    expect(scope, "lifespan", "http")
    if "state" not in scope:
        raise RuntimeError("this application needs a server that supports lifespan state")
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["words"] = ["hello"]
        await send(STARTED)
        await receive()
        await send(STOPPED)
    else:
        await send(START)
        await send(
            {"type": "http.response.body", "body": content(scope, scope["state"]["words"][0].encode())}
        )


async def state_of_any_kind(scope, receive, send):
    """Right: what is in the state may be of any type, as long as it is there under a str."""
    expect(scope, "lifespan")
    await receive()
    if "state" in scope:
        scope["state"].update(lock=asyncio.Lock(), lookup={1: {2}}, scope=scope)
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def state_for_one_request(scope, receive, send):
    """Right: a request may add to its own copy of the state."""
    expect(scope, "http")
    scope.get("state", {})["request"] = object()
    await send(START)
    await send(END)


async def context_manager(scope, receive, send):
    """Right: what is opened at startup is closed at shutdown, and also if neither comes."""
    expect(scope, "lifespan")

    @asynccontextmanager
    async def pool():
        yield "the pool"

    await receive()
    async with pool():
        await send(STARTED)
        await receive()
    await send(STOPPED)


async def background_task(scope, receive, send):
    """Right: a task runs as long as the lifespan, and is cancelled at its end."""
    expect(scope, "lifespan")
    await receive()
    ticking = asyncio.create_task(asyncio.Event().wait())
    try:
        await send(STARTED)
        await receive()
    finally:
        ticking.cancel()
    await send(STOPPED)


async def slow_to_start(scope, receive, send):
    """Right: the startup takes as long as it takes."""
    expect(scope, "lifespan")
    await receive()
    await asyncio.sleep(0.1)
    await send(STARTED)
    await receive()
    await asyncio.sleep(0.01)
    await send(STOPPED)
