"""Applications that keep to the contract where only the running call could show that they do not."""

import asyncio
import contextvars
import functools
import threading

from asgiref.sync import sync_to_async

from .lawful import ACCEPT, CLOSE, END, GONE, START, STARTED, STOPPED, content, expect, left, read

REQUESTS = contextvars.ContextVar("requests", default=0)
BACKGROUND = set()


# What an application may be


class Greeting:
    async def __call__(self, scope, receive, send):
        expect(scope, "http")
        await send(START)
        await send(END)

    async def method(self, scope, receive, send):
        """Right: a bound method is an application, if it is called with three arguments."""
        await self(scope, receive, send)

    @staticmethod
    async def static(scope, receive, send):
        """Right: a static method is an application, too."""
        expect(scope, "http")
        await send(START)
        await send(END)


instance = Greeting()
instance.__doc__ = "Right: an object whose '__call__' is a coroutine function is an application."
method = Greeting().method
static = Greeting.static


def hands_on_the_coroutine(scope, receive, send):
    """Right: a plain function that returns the awaitable of an application is called as one, and awaited."""
    return instance(scope, receive, send)


async def any_names(conversation, listen, say):
    """Right: the three arguments are positional, and may be called anything."""
    expect(conversation, "http")
    if await read(listen) is not None:
        await say(START)
        await say(END)


async def defaults(scope=None, receive=None, send=None, *more, **options):
    """Right: an application may take more arguments than three, if it does not need them."""
    expect(scope, "http")
    await send(START)
    await send(END)


# Middleware


def around(app):
    """The application in middleware that copies the scope, adds to it, and changes what is sent."""

    @functools.wraps(app)
    async def wrapped(scope, receive, send):
        async def sending(event):
            if event["type"] == "http.response.start":
                event = {**event, "headers": [*event.get("headers", ()), (b"x-wrapped", b"1")]}
            await send(event)

        copy = {**scope, "user": "anonymous"}
        if "headers" in scope:
            copy["headers"] = [*scope["headers"], (b"x-wrapped", b"1")]
        await app(copy, receive, sending)

    return wrapped


@around
async def wrapped(scope, receive, send):
    """Right: middleware passes on a copy of the scope that has more in it."""
    expect(scope, "http")
    if await read(receive) is not None:
        await send(START)
        await send({"type": "http.response.body", "body": content(scope, scope["user"].encode())})


@around
@around
@around
async def wrapped_again(scope, receive, send):
    """Right: middleware may stand around middleware."""
    expect(scope, "http", "websocket")
    if scope["type"] == "http":
        await send(START)
        await send(END)
    else:
        await receive()
        await send(CLOSE)


async def changes_its_own_copy(scope, receive, send):
    """Right: a copy of the scope is the application's own, and so are copies of what it holds."""
    expect(scope, "http")
    scope = {**scope, "headers": list(scope["headers"]), "asgi": {**scope["asgi"], "house": "1.0"}}
    scope["headers"].clear()
    scope["path"] = "/elsewhere"
    await send(START)
    await send(END)


async def adds_to_the_state(scope, receive, send):
    """Right: what 'state' holds is there to be added to, also by middleware."""
    expect(scope, "http", "lifespan")
    if "state" in scope:
        scope["state"]["house"] = {"name": "of cards"}
    if scope["type"] == "lifespan":
        await receive()
        await send(STARTED)
        await receive()
        await send(STOPPED)
    else:
        await send(START)
        await send(END)


async def replays_the_body(scope, receive, send):
    """Right: middleware may read the whole body, and give the inner application a receive of its own."""
    expect(scope, "http")
    body = await read(receive)
    events = [{"type": "http.disconnect"}]
    if body is not None:
        events.append({"type": "http.request", "body": body, "more_body": False})

    async def receiving():
        return events.pop() if events else await receive()

    if await read(receiving) == body is not None:
        await send(START)
        await send(END)


async def outer_timeout(scope, receive, send):
    """Right: an application that takes too long may be cancelled from within, and answered for."""
    expect(scope, "http")
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        await send({**START, "status": 504})
        await send(END)


async def router(scope, receive, send):
    """Right: each protocol, and each path, is an application of its own behind one callable."""
    apps = {"http": instance, "websocket": refuse, "lifespan": lives}
    await apps[scope["type"]](dict(scope), receive, send)


async def refuse(scope, receive, send):
    """Right: copes with a scope that was copied, and with nothing else."""
    expect(scope, "websocket")
    if (await receive())["type"] not in GONE:
        await send(CLOSE)


async def lives(scope, receive, send):
    """Right: waits in receive as long as the server runs."""
    expect(scope, "lifespan")
    while (event := await receive())["type"] != "lifespan.shutdown":
        await send({"type": event["type"] + ".complete"})
    await send(STOPPED)


# Tasks and threads


async def sends_from_a_task(scope, receive, send):
    """Right: any task of the call may send, as long as the call lasts."""
    expect(scope, "http")
    await asyncio.gather(send(START))
    await asyncio.create_task(send({"type": "http.response.body", "body": content(scope, b"hello")}))


async def receives_in_a_task(scope, receive, send):
    """Right: any task of the call may receive, also with a limit of time on it."""
    expect(scope, "http")
    event = await asyncio.wait_for(receive(), 10)
    if event["type"] == "http.request":
        await send(START)
        await send(END)


async def gives_up_listening(scope, receive, send):
    """Right: a receive that was awaited may be cancelled before it has given anything."""
    expect(scope, "http")
    if await read(receive) is None:
        return
    listening = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    listening.cancel()
    await asyncio.wait({listening})
    if listening.cancelled():
        await send(START)
        await send(END)


async def asks_a_thread(scope, receive, send):
    """Right: work that blocks is done by a thread, and the answer is sent from here."""
    expect(scope, "http")
    body = await asyncio.to_thread(lambda: threading.current_thread().name.encode())
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def asks_a_thread_as_django_does(scope, receive, send):
    """Right: a synchronous view runs in a thread by way of asgiref."""
    expect(scope, "http")

    def view(path):
        return path.encode()

    body = await sync_to_async(view)(scope["path"])
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def sends_on_behalf_of_a_thread(scope, receive, send):
    """Right: a thread may wait for what the loop sends for it."""
    expect(scope, "http")
    loop = asyncio.get_running_loop()

    def view():
        asyncio.run_coroutine_threadsafe(send(START), loop).result()
        asyncio.run_coroutine_threadsafe(send(END), loop).result()

    await asyncio.to_thread(view)


async def background_task(scope, receive, send):
    """Right: a task may outlive its response, if it is meant to: that is worth a note, and no more."""
    expect(scope, "http")
    task = asyncio.create_task(asyncio.sleep(0.05))
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)
    await send(START)
    await send(END)


async def work_after_the_response(scope, receive, send):
    """Right: the call may go on for a while when the response is complete."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await asyncio.sleep(0.02)


async def context_of_the_call(scope, receive, send):
    """Right: what a call sets in its context is seen by its own tasks, and by no other call."""
    expect(scope, "http")
    REQUESTS.set(REQUESTS.get() + 1)
    seen = await asyncio.create_task(asyncio.sleep(0, REQUESTS.get()))
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, str(seen).encode())})


async def sends_the_same_event_again(scope, receive, send):
    """Right: when send has returned, the event is the application's again, to be changed and sent anew."""
    expect(scope, "http")
    await send(START)
    event = {"type": "http.response.body", "more_body": True}
    for piece in (b"one", b"two"):
        event["body"] = content(scope, piece)
        await send(event)
    await send(END)


async def forgets_the_client(scope, receive, send):
    """Right: two tasks wait for the same disconnect, and both are told."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await asyncio.gather(left(receive), left(receive))


async def cancels_itself(scope, receive, send):
    """Right: a call that is cancelled owes nothing."""
    expect(scope, "http")
    await send(START)
    raise asyncio.CancelledError
