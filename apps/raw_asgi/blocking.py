r"""Eight ways to take a second, and whom each of them holds up.

One thread runs the event loop, and every coroutine runs in it. While one computes, or sleeps without `await`,
no other request moves, nor does the server. What blocks belongs into other threads, and there have to be
enough of them; what computes belongs into other processes, for the threads of a process take turns.

Each way says where it was and when, by a clock that all processes of the machine share:

    scope http GET /raw/blocking/async?seconds=0.01
    receive http.request
    send http.response.start status=200
        content-type: application/json
        cache-control: no-store
    send http.response.body body=b'{"way": "async", ... "held": false, "began": ..., "ended": ...}\n'
    return

The threads and processes are opened once, in the lifespan. A server without one has none:

    scope http GET /raw/blocking/pool
    receive http.request
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
        cache-control: no-store
    send http.response.body body=b'No pool: this server runs no lifespan.\n'
    return

Try it. A single request takes its second whichever way it goes; twenty at once, which the site sends you as a
drawing, tell the ways apart:

    curl http://localhost:8000/raw/blocking
    curl http://localhost:8000/raw/blocking/wrong
    curl 'http://localhost:8000/raw/blocking/waterfall.svg?way=wrong' > wrong.svg

Or in a browser, one beside the other: http://localhost:8000/raw/blocking/waterfall
"""

import asyncio
import json
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from urllib.parse import parse_qsl

WAYS = {
    "async": "await asyncio.sleep: holds nobody up",
    "wrong": "time.sleep in a coroutine: holds the event loop, and so everybody",
    "one_thread": "time.sleep in one thread for all: one after the other, but the loop is free",
    "to_thread": "asyncio.to_thread(time.sleep): as many at once as Python has threads for the whole program",
    "pool": "time.sleep in a pool of twenty threads: twenty at once",
    "cpu": "computing in a coroutine: holds the event loop",
    "cpu_thread": "computing in the pool of threads: they take turns, and the loop is one of them",
    "cpu_process": "computing in a pool of processes: as many at once as there are processors",
}
POOLED = {"one_thread", "pool", "cpu_thread", "cpu_process"}


def report(began, held=True):
    """Where this was, when, and whether the thread could do nothing else meanwhile."""
    where = {"process": os.getpid(), "thread": threading.current_thread().name}
    return {**where, "held": held, "began": began, "ended": time.monotonic()}


def sleep(seconds):
    began = time.monotonic()
    time.sleep(seconds)
    return report(began)


def compute(seconds):
    began = time.monotonic()
    # Seconds of a processor, not of the clock: who has to share it takes longer.
    enough = time.thread_time() + seconds
    while time.thread_time() < enough:
        pass
    return report(began)


def begin_process():
    """What each process of the pool does first: see to it that it ends with the server, and not before."""
    # Ctrl-C reaches every process of the terminal. And a server that is killed can close no pool.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(
        target=lambda: multiprocessing.parent_process().join() or os._exit(1), daemon=True
    ).start()


async def take(way, seconds, pools):
    """Take that many seconds in this way, and return the report."""
    in_pool = asyncio.get_running_loop().run_in_executor
    match way:
        case "async":
            began = time.monotonic()
            await asyncio.sleep(seconds)
            return report(began, held=False)
        case "wrong":
            return sleep(seconds)
        case "one_thread":
            return await in_pool(pools["one_thread"], sleep, seconds)
        case "to_thread":
            return await asyncio.to_thread(sleep, seconds)
        case "pool":
            return await in_pool(pools["pool"], sleep, seconds)
        case "cpu":
            return compute(seconds)
        case "cpu_thread":
            return await in_pool(pools["pool"], compute, seconds)
        case "cpu_process":
            # Made when it is first asked for. Its processes are spawned: to fork one that has threads copies
            # their locks, locked as they may be, and no thread to unlock them.
            if "processes" not in pools:
                pools["processes"] = ProcessPoolExecutor(
                    min(os.cpu_count() or 1, 8), multiprocessing.get_context("spawn"), begin_process
                )
            return await in_pool(pools["processes"], compute, seconds)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        state = scope["state"]
        await receive()
        pools = {"one_thread": ThreadPoolExecutor(1, "one"), "pool": ThreadPoolExecutor(20, "pool")}
        state["blocking.pools"] = pools
        await send({"type": "lifespan.startup.complete"})
        try:
            await receive()
        finally:
            # What is being done takes a second at most, and what still waits is not begun.
            for pool in pools.values():
                pool.shutdown(cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})
        return

    if scope["type"] != "http":
        raise ValueError(f"blocking speaks lifespan and http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    way = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    pools = (scope.get("state") or {}).get("blocking.pools")
    status, kind, body = 200, b"application/json", b""
    try:
        seconds = float(query.get("seconds", "1"))
        # Twenty times as long is how long a careless twenty stop the whole site.
        if not 0.01 <= seconds <= 1:
            raise ValueError
    except ValueError:
        status, body = 400, b"seconds is 0.01 to 1\n"
    else:
        if way == "":
            body = json.dumps(WAYS, indent=2).encode() + b"\n"
        elif way not in WAYS:
            status, body = 404, f"Ways are {', '.join(WAYS)}\n".encode()
        elif way in POOLED and pools is None:
            status, body = 503, b"No pool: this server runs no lifespan.\n"
        elif way == "cpu_process" and multiprocessing.current_process().daemon:
            # As hypercorn does with its workers; a daemon of multiprocessing may have no children.
            status, body = (
                503,
                b"No processes: this server has made its worker a daemon, which starts none.\n",
            )
        elif scope["method"] == "GET":
            work = asyncio.ensure_future(take(way, seconds, pools))
            gone = asyncio.ensure_future(receive())
            try:
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # If the client has left, what still waits for its turn loses it. What a thread has begun it
                # ends: nobody can stop a thread.
                gone.cancel()
                work.cancel()
                await asyncio.wait({work})
            if work.cancelled():
                return
            body = json.dumps({"way": way, **work.result()}).encode() + b"\n"
    if status != 200:
        kind = b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
