r"""A thread for each request, made or lent.

What is not async would stop the event loop. So `sync_to_async` of asgiref calls it in a thread, and all that
is called within one `ThreadSensitiveContext` in the same one: what a call leaves on its thread, as a
connection to a database, the next call shall find there. Django opens such a context around every request.

asgiref makes the thread when it is first needed, and ends it with the context. Or the context is given an
executor, and uses that: then threads can be kept for the requests to come. And as long as a request only
waits, it may need none. Here are requests that call something, wait until all the others are there, too, and
call something again; then there are as many once more. A word is a request, a letter the thread of a call:

    scope http GET /raw/threads?requests=3
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'made for each request  aa bb cc  dd ee ff  threads: 6\n' more_body=True
    send http.response.body body=b'lent to each request   aa bb cc  aa bb cc  threads: 3\n' more_body=True
    send http.response.body body=b'lent for each call     aa aa aa  aa aa aa  threads: 1\n' more_body=True
    send http.response.body
    return

Whether a thread may be lent for a single call is for you to know: the last line is right only where no call
leaves anything on its thread.

Try it:

    curl 'http://localhost:8000/raw/threads?requests=8'
"""

import asyncio
import inspect
import string
import threading
from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from asgiref.sync import ThreadSensitiveContext, sync_to_async

LENDS = "executor" in inspect.signature(ThreadSensitiveContext).parameters


class Threads:
    """Idle threads, each of them an executor of one."""

    def __init__(self):
        self.idle = deque()

    def take(self):
        return self.idle.popleft() if self.idle else ThreadPoolExecutor(1)

    def end(self):
        for thread in self.idle:
            thread.shutdown()


@asynccontextmanager
async def to_each_request(threads):
    """A context with a thread that goes back when the request has ended."""
    thread = threads.take()
    try:
        async with ThreadSensitiveContext(executor=thread):
            yield
    finally:
        threads.idle.append(thread)


class Lent(Executor):
    """An executor that takes a thread for each call. Calls at the same time would be on several."""

    def __init__(self, threads):
        self.threads = threads

    def submit(self, function, /, *args):
        thread = self.threads.take()
        call = thread.submit(function, *args)
        call.add_done_callback(lambda _: self.threads.idle.append(thread))
        return call


WAYS = {
    "made for each request": lambda threads: ThreadSensitiveContext(),
    "lent to each request": to_each_request,
    "lent for each call": lambda threads: ThreadSensitiveContext(executor=Lent(threads)),
}


async def request(context, opened, go_on):
    """Call something, wait, and call something again: the threads in which that was."""
    async with context:
        first = await sync_to_async(threading.current_thread)()
        opened.set()
        await go_on.wait()
        return first, await sync_to_async(threading.current_thread)()


async def crowd(count, way, threads):
    """So many requests, open at the same time: the threads of each."""
    found = []
    async with asyncio.TaskGroup() as group:
        requests = []
        for _ in range(count):
            opened, go_on = asyncio.Event(), asyncio.Event()
            requests.append((group.create_task(request(way(threads), opened, go_on)), go_on))
            await opened.wait()
        for task, go_on in requests:
            go_on.set()
            found.append(await task)
    return found


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"threads speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    status, complaint = 200, b""
    count = query.get("requests", "3")
    if count not in [str(n) for n in range(1, 14)]:
        status, complaint = 400, b"requests is 1 to 13\n"
    elif not LENDS:
        status, complaint = 501, b"asgiref before 3.13 takes no executor\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if status != 200 or scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else complaint})
        return

    for name, way in WAYS.items():
        threads = Threads()
        try:
            crowds = [await crowd(int(count), way, threads) for _ in range(2)]
        finally:
            threads.end()
        # Threads are told apart by the order in which they appear. Python may use the number of one that has
        # ended for another, so it is the objects that are kept.
        seen = list(dict.fromkeys(thread for crowd in crowds for request in crowd for thread in request))
        words = [
            " ".join("".join(string.ascii_letters[seen.index(t)] for t in request) for request in crowd)
            for crowd in crowds
        ]
        line = f"{name:21}  {words[0]}  {words[1]}  threads: {len(seen)}\n"
        await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
    await send({"type": "http.response.body"})
