r"""Who runs when: coroutines, tasks and futures tell it themselves, while they run.

An event loop runs one thing at a time. What runs is left alone until it awaits something that is not there
yet; then comes the next in line. The order is no accident, and this transcript is the same every time:

    scope http GET /raw/event_loop?stay=0.01
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'1. A coroutine runs when awaited, not when called.\n' more_body=True
    send http.response.body body=b'main: called double, and nothing of it has run\n' more_body=True
    send http.response.body body=b'double: runs in the task of main\n' more_body=True
    send http.response.body body=b'main: has 42\n' more_body=True
    send http.response.body body=b'2. Tasks take turns: each runs up to its next wait.\n' more_body=True
    send http.response.body body=b'main: made two tasks, and neither has run\n' more_body=True
    send http.response.body body=b'a: first step\n' more_body=True
    send http.response.body body=b'b: first step\n' more_body=True
    send http.response.body body=b'a: second step\n' more_body=True
    send http.response.body body=b'b: second step\n' more_body=True
    send http.response.body body=b'3. A future is a result that somebody else will set.\n' more_body=True
    send http.response.body body=b'reader: awaits a future\n' more_body=True
    send http.response.body body=b'main: sets its result, and goes on\n' more_body=True
    send http.response.body body=b'main: waits, and only now is it the turn of reader\n' more_body=True
    send http.response.body body=b"reader: has 'tea'\n" more_body=True
    send http.response.body body=b'4. A group ends whole: one fails, and all end.\n' more_body=True
    send http.response.body body=b'steady: waits\n' more_body=True
    send http.response.body body=b'hasty: raises\n' more_body=True
    send http.response.body body=b'steady: cancelled where it waits\n' more_body=True
    send http.response.body body=b'main: the group raises what hasty has raised\n' more_body=True
    send http.response.body body=b'5. A time limit cancels, and says TimeoutError.\n' more_body=True
    send http.response.body body=b'slow: waits\n' more_body=True
    send http.response.body body=b'slow: cancelled where it waits\n' more_body=True
    send http.response.body body=b'main: TimeoutError\n' more_body=True
    send http.response.body body=b'6. A shield keeps the work when the wait is cancelled.\n' more_body=True
    send http.response.body body=b'save: begins\n' more_body=True
    send http.response.body body=b'main: its wait is cancelled\n' more_body=True
    send http.response.body body=b'save: ends, all the same\n' more_body=True
    send http.response.body body=b'7. Who leaves cancels what was done for them.\n' more_body=True
    send http.response.body body=b'main: leave now, or stay for 0.01 s\n' more_body=True
    send http.response.body body=b'main: you have stayed\n' more_body=True
    send http.response.body body=b'main: finally, puts its things away\n' more_body=True
    send http.response.body
    return

Whoever leaves cannot be told what became of the last wait. The next one can:

    scope http GET /raw/event_loop/left
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'...\n'
    return

Try it, end the first with Ctrl-C, and ask for the rest:

    curl -N http://localhost:8000/raw/event_loop
    curl http://localhost:8000/raw/event_loop/left
"""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qsl

# What could not be told any more to the last who left, in this process.
left = ["Nobody has left yet.\n"]


async def forever(name, tell):
    tell(f"{name}: waits")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        # A cancellation is an exception that is raised at the `await`. Whoever catches it passes it on.
        tell(f"{name}: cancelled where it waits")
        raise


async def coroutines(tell):
    tell("1. A coroutine runs when awaited, not when called.")

    async def double(n):
        tell("double: runs in the task of main")
        return 2 * n

    coroutine = double(21)
    tell("main: called double, and nothing of it has run")
    tell(f"main: has {await coroutine}")


async def tasks(tell):
    tell("2. Tasks take turns: each runs up to its next wait.")

    async def walk(name):
        tell(f"{name}: first step")
        await asyncio.sleep(0)
        tell(f"{name}: second step")

    a, b = asyncio.create_task(walk("a")), asyncio.create_task(walk("b"))
    tell("main: made two tasks, and neither has run")
    await asyncio.gather(a, b)


async def futures(tell):
    tell("3. A future is a result that somebody else will set.")

    async def read():
        tell("reader: awaits a future")
        tell(f"reader: has {await news!r}")

    news = asyncio.get_running_loop().create_future()
    # If you are cancelled between a task's beginning and its end, who ends it? A group does.
    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        await asyncio.sleep(0)
        tell("main: sets its result, and goes on")
        news.set_result("tea")
        tell("main: waits, and only now is it the turn of reader")


async def groups(tell):
    tell("4. A group ends whole: one fails, and all end.")

    async def fail():
        tell("hasty: raises")
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever("steady", tell))
            group.create_task(fail())
    except* ValueError:
        tell("main: the group raises what hasty has raised")


async def limits(tell):
    tell("5. A time limit cancels, and says TimeoutError.")
    try:
        async with asyncio.timeout(0.01):
            await forever("slow", tell)
    except TimeoutError:
        tell("main: TimeoutError")


async def shields(tell):
    tell("6. A shield keeps the work when the wait is cancelled.")

    async def save():
        tell("save: begins")
        await may_end.wait()
        tell("save: ends, all the same")

    may_end = asyncio.Event()
    saving = asyncio.create_task(save())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await asyncio.shield(saving)
        tell("main: its wait is cancelled")
    finally:
        # What is shielded from others is yours to end.
        may_end.set()
        await saving


async def leaving(tell, stay):
    tell("7. Who leaves cancels what was done for them.")
    tell(f"main: leave now, or stay for {stay:g} s")
    try:
        await asyncio.sleep(stay)
        tell("main: you have stayed")
    except asyncio.CancelledError:
        tell("main: cancelled where it waits, for you have left")
        raise
    finally:
        tell("main: finally, puts its things away")


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"event_loop speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    status, body = 200, None
    try:
        stay = float(query.get("stay", "10"))
        if not 0.01 <= stay <= 60:
            raise ValueError
    except ValueError:
        status, body = 400, "stay is 0.01 to 60 seconds\n"
    else:
        match scope["path"].removeprefix(scope.get("root_path", "")).strip("/"):
            case "left":
                body = "".join(left)
            case "":
                pass
            case _:
                status, body = 404, "There is: left\n"
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if body is not None or scope["method"] == "HEAD":
        body = b"" if scope["method"] == "HEAD" else body.encode()
        await send({"type": "http.response.body", "body": body})
        return

    # Nobody who tells something waits for the client to hear it, or the client would have a say in the order.
    # The queue holds all there is to tell.
    told = asyncio.Queue(maxsize=64)

    def tell(line):
        told.put_nowait(f"{line}\n")

    async def play():
        try:
            for act in (coroutines, tasks, futures, groups, limits, shields):
                await act(tell)
            await leaving(tell, stay)
        finally:
            told.put_nowait("")

    async def write():
        # The client may have left, and `send` may know it before `receive` does.
        with suppress(OSError):
            while line := await told.get():
                await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
            await send({"type": "http.response.body"})

    player, writer = asyncio.create_task(play()), asyncio.create_task(write())
    gone = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({writer, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # To cancel is to ask, and to wait until it is done. It may take asking twice: before Python 3.13, a
        # group that fails in the very moment in which its own task is cancelled forgets about it.
        gone.cancel()
        while not (player.done() and writer.done()):
            player.cancel()
            writer.cancel()
            await asyncio.wait({player, writer}, timeout=0.1)
    if player.cancelled():
        left[:] = [told.get_nowait() for _ in range(told.qsize())]
    else:
        player.result()
