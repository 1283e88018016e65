r"""A chat: many conversations that speak to each other, and one slow member who must not stop them.

Each member has a queue. Whoever says something puts it into the queues of the room and goes on; each
member's own connection empties its queue at its own speed. The queue has a bound, because memory has one:
when it is full, the member is too slow for this room, and is told so and let go. Nobody else waits.

Who it is, somebody in front of this application has to say: on this site, Django does, by its session cookie.

    scope websocket /raw/chat/tea member='Ann'
    receive websocket.connect
    send websocket.accept
    receive websocket.receive text='{"text": "Hello!"}'
    send websocket.send text='{"from": "Ann", "text": "Hello!"}'
    receive websocket.disconnect code=1001 reason=''
    return

What is no message ends the connection, with the code that says what was wrong with it:

    scope websocket /raw/chat/tea member='Ann'
    receive websocket.connect
    send websocket.accept
    receive websocket.receive text='Hello!'
    send websocket.close code=1007 reason='a message is JSON: {"text": "..."}, 2000 characters at most'
    return

Browsers let any page open a WebSocket to any site, and only the `origin` header tells which page it was:

    scope websocket /raw/chat/tea member='Ann'
        origin: https://elsewhere.example
    receive websocket.connect
    send websocket.close
    return

Try it as two members, one of them in a private window:

    http://localhost:8000/django/chat?by=chat
"""

import asyncio
import json
from contextlib import suppress
from urllib.parse import quote
from weakref import WeakValueDictionary

PAUSE = 0.05  # seconds from one message of a member to the next
BACKLOG = 32  # messages that may wait for one member
GOODBYE = 5  # seconds to take the close, for a member who was too slow for everything else

# Who is in which room, in this process: a queue for each member, and a future that is set when it is full.
rooms = {}
# Whose turn it is to speak in a room: when many speak in one moment, one after the other.
turns = {}
# And which of the connections of one member: on several one can say no more than on one.
paces = WeakValueDictionary()

PAGE = 'This is a WebSocket: <a href="{}">this page</a> speaks to it.\n'


def tell(room, message):
    """Put a message into every queue of the room. It waits for nobody, so all get the same order."""
    for outbox, is_slow in rooms[room].items():
        try:
            outbox.put_nowait(message)
        except asyncio.QueueFull:
            if not is_slow.done():
                is_slow.set_result(True)


def text_of(event):
    """The text that a member says, or None if the event holds no such thing."""
    try:
        text = json.loads(event["text"])["text"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return text if isinstance(text, str) and len(text) <= 2000 else None


async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        if scope["http_version"] in ("1.0", "1.1"):
            headers += [(b"connection", b"upgrade"), (b"upgrade", b"websocket")]
        body = PAGE.format(quote(f"{scope.get('root_path', '')}/../../django/chat") + "?by=chat").encode()
        await send({"type": "http.response.start", "status": 426, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return
    if scope["type"] != "websocket":
        raise ValueError(f"chat speaks websocket and http, not {scope['type']}")

    await receive()
    room = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    name = scope.get("member")
    headers = {key.lower(): value for key, value in scope["headers"]}
    # Programs send no origin. A page without one of its own, in a sandbox, sends "null": that is foreign.
    origin = headers.get(b"origin")
    is_foreign = origin is not None and origin.partition(b"://")[2] != headers.get(b"host")
    if is_foreign or name is None or not 1 <= len(room) <= 40:
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})

    outbox = asyncio.Queue(maxsize=BACKLOG)
    is_slow = asyncio.get_running_loop().create_future()
    rooms.setdefault(room, {})[outbox] = is_slow
    turn = turns.setdefault(room, asyncio.Lock())
    pace = paces.setdefault(name, asyncio.Lock())

    async def listen():
        """Pass on what the member says; return why the connection has to end, or None if it has."""
        while (event := await receive())["type"] != "websocket.disconnect":
            if event.get("text") is None:
                return 1003, "a message is text, not bytes"
            text = text_of(event)
            if text is None:
                return 1007, 'a message is JSON: {"text": "..."}, 2000 characters at most'
            # Who talks without end is heard no faster than this, on however many connections.
            async with pace:
                # Let the others take it before the next one comes, from whomever: many who talk in one moment
                # fill nobody's queue.
                async with turn:
                    tell(room, json.dumps({"from": name, "text": text}))
                    await asyncio.sleep(0)
                await asyncio.sleep(PAUSE)
        return None

    async def write():
        """Send what is in the queue, as fast as this member reads and no faster."""
        # The client may have left, and `send` may know it before `receive` does.
        with suppress(OSError):
            while True:
                await send({"type": "websocket.send", "text": await outbox.get()})

    # Two tasks, for a member may be silent while others talk. Whichever ends first ends the other.
    listener, writer = asyncio.ensure_future(listen()), asyncio.ensure_future(write())
    try:
        await asyncio.wait({listener, writer, is_slow}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        del rooms[room][outbox]
        if not rooms[room]:
            del rooms[room], turns[room]
        listener.cancel()
        writer.cancel()
        await asyncio.wait({listener, writer})

    # A task that has not been cancelled has ended by itself: this is why, or here is what it raised.
    ending = 1013, "you read more slowly than the others write"
    if not writer.cancelled():
        ending = writer.result()
    elif not listener.cancelled():
        ending = listener.result()
    if ending is None:
        return
    code, reason = ending
    close = {"type": "websocket.close", "code": code}
    # The key `reason` came with version 2.3 of the specification, and an older server may not know it.
    if tuple(map(int, scope["asgi"].get("spec_version", "2.0").split("."))) >= (2, 3):
        close["reason"] = reason
    # A member too slow even for this, or gone, is left to the server: it closes the socket when you return.
    # A TimeoutError, too, is an OSError.
    with suppress(OSError):
        await asyncio.wait_for(send(close), GOODBYE)
