"""Applications that keep every clause of WebSocket, each in a way that surprises somebody."""

import asyncio
from contextlib import suppress

from .lawful import ACCEPT, CLOSE, GONE, expect, left, spec_version, stop


async def refuses(scope, receive, send):
    """Right: a close before the accept refuses the connection, with status 403."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close"})


async def refuses_with_a_code(scope, receive, send):
    """Right: a close before the accept may have a code, although the client gets none of it."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": 4403})


async def refuses_by_raising(scope, receive, send):
    """Right: an exception is an answer to 'websocket.connect', too."""
    expect(scope, "websocket")
    await receive()
    raise PermissionError("not you")


async def raises_while_open(scope, receive, send):
    """Right: an exception ends the connection, and owes no close any more."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    raise LookupError("no such room")


async def accepts_and_closes(scope, receive, send):
    """Right: a connection may be over as soon as it was accepted."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send(CLOSE)


async def accepts_with_all_keys(scope, receive, send):
    """Right: keys that may be left out may be there, with what stands for their absence."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await send({"type": "websocket.close", "code": 1000, "reason": None})


async def accepts_with_headers(scope, receive, send):
    """Right: headers go with an accept where the version announced has them."""
    expect(scope, "websocket")
    await receive()
    headers = [[b"set-cookie", b"room=1"], [b"set-cookie", b"seat=2"]]
    await send({**ACCEPT, "headers": headers} if spec_version(scope) >= "2.1" else ACCEPT)
    await send(CLOSE)


async def headers_from_a_generator(scope, receive, send):
    """Right: the headers of an accept may be readable only once."""
    expect(scope, "websocket")
    await receive()
    names = [b"x-a", b"x-b"] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": ((name, b"1") for name in names)})
    await send(CLOSE)


async def chooses_a_subprotocol(scope, receive, send):
    """Right: takes the last subprotocol that the client offers, if it offers any."""
    expect(scope, "websocket")
    await receive()
    chosen = [None, *scope.get("subprotocols", [])][-1]
    await send({"type": "websocket.accept", "subprotocol": chosen})
    await send(CLOSE)


async def closes_with_a_reason(scope, receive, send):
    """Right: a reason of 123 bytes fits, and goes with a close where the version announced has it."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    reason = "é" * 61 + "!" if spec_version(scope) >= "2.3" else ""
    await send({"type": "websocket.close", "code": 3000, "reason": reason})


async def closes_with_the_last_code(scope, receive, send):
    """Right: 4999 is a code that is free to mean anything, and the last one."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 4999})


async def closes_with_1014(scope, receive, send):
    """Right: 1014 is in no RFC, and in the registry of codes."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1014})


async def echoes_as_it_comes(scope, receive, send):
    """Right: sends back both keys as they came, also where one of them is None."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})


async def empty_messages(scope, receive, send):
    """Right: an empty text and empty bytes are messages like all others."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": ""})
    await send({"type": "websocket.send", "bytes": b"", "text": None})
    await send(CLOSE)


async def surrogates(scope, receive, send):
    """Right: a str that no UTF-8 can hold is a str, and what becomes of it is another matter."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": "\N{PILE OF POO}"})
    await send(CLOSE)


async def returns_when_the_client_has_left(scope, receive, send):
    """Right: a close is owed to nobody when the client has left."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await left(receive)


async def waits_before_it_accepts(scope, receive, send):
    """Right: the client may leave while the handshake goes on, and the accept races that."""
    expect(scope, "websocket")
    await receive()
    await asyncio.sleep(0.01)
    await send(ACCEPT)
    await left(receive)


async def never_answers(scope, receive, send):
    """Right: waits with its answer until the client has lost patience, and owes it none then."""
    expect(scope, "websocket")
    await left(receive)


async def waits_for_the_close(scope, receive, send):
    """Right: what the client says after the application's close may still be received."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send(CLOSE)
    await left(receive)


async def ticks_while_it_listens(scope, receive, send):
    """Right: a task that sends may be ahead of the disconnect that another one receives."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)

    async def tick():
        while True:
            await send({"type": "websocket.send", "text": "tick"})
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    await left(receive)
    await stop(ticking)


async def catches_the_error_of_send(scope, receive, send):
    """Right: an OSError from send means that the client has left, and nothing is wrong."""
    expect(scope, "websocket")
    await receive()
    with suppress(OSError):
        await send(ACCEPT)
        while (await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": "heard"})


async def closes_although_the_client_may_have_left(scope, receive, send):
    """Right: a close in a 'finally' races a disconnect that nobody has received."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    try:
        await asyncio.sleep(0.01)
    finally:
        await send(CLOSE)


async def receives_in_another_task(scope, receive, send):
    """Right: a task receives into a queue, so that the one that sends has not been told."""
    expect(scope, "websocket")
    queue = asyncio.Queue()

    async def pump():
        event = await receive()
        while event["type"] not in GONE:
            await queue.put(event)
            event = await receive()
        await queue.put(event)

    pumping = asyncio.create_task(pump())
    await queue.get()
    await send(ACCEPT)
    while (await queue.get())["type"] not in GONE:
        await send({"type": "websocket.send", "text": "heard"})
    await stop(pumping)


async def one_match_for_all(scope, receive, send):
    """Right: answers each event where it comes, and raises for those that it does not know."""
    expect(scope, "websocket")
    while True:
        match await receive():
            case {"type": "websocket.connect"}:
                await send(ACCEPT)
            case {"type": "websocket.receive", "text": str(text)} if text:
                await send({"type": "websocket.send", "text": text.upper()})
            case {"type": "websocket.receive"}:
                return await send({"type": "websocket.close", "code": 1003})
            case {"type": "websocket.disconnect"}:
                return None
            case event:
                raise ValueError(event["type"])


async def speaks_first(scope, receive, send):
    """Right: the application may speak before the client has said anything."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    for word in ("hello", "from", "here"):
        await send({"type": "websocket.send", "text": word})
    await left(receive)
