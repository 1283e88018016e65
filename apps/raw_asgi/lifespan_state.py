r"""What is opened once, used by every request, and closed at the end.

Before the first request and after the last, the server holds one more conversation: the lifespan. In it
you open what is costly to open, and put it into `scope["state"]`. Every connection then finds a shallow
copy of that dict in its own scope: the same objects, without a global variable.

    scope lifespan state={}
    receive lifespan.startup
    send lifespan.startup.complete
    receive lifespan.shutdown
    send lifespan.shutdown.complete
    return

A server without a lifespan gives no state either, and then there is nothing to count with:

    scope http GET /raw/lifespan_state
    send http.response.start status=503
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'No counter: this server runs no lifespan.\n'
    return

Try it, twice:

    curl http://localhost:8000/raw/lifespan_state
"""

import sqlite3


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        # Without `state` there is nowhere to put the counter. Raising before the first `receive` says
        # that you have no use for this conversation, and the server goes on without it.
        state = scope["state"]
        await receive()
        try:
            counter = sqlite3.connect(":memory:")
            counter.execute("CREATE TABLE visits AS SELECT 0 AS number")
        except sqlite3.Error as error:
            # An exception would only say that you do not do lifespan. This says that the server must not
            # start, and why.
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        # The dict is everybody's, so the name tells whose this is.
        state["lifespan_state.counter"] = counter
        await send({"type": "lifespan.startup.complete"})

        # The conversation stays open as long as the server runs. This line waits for days.
        try:
            await receive()
        finally:
            # A server that is in a hurry cancels you instead of saying `lifespan.shutdown`.
            counter.close()
        await send({"type": "lifespan.shutdown.complete"})
        return

    if scope["type"] != "http":
        raise ValueError(f"lifespan_state speaks lifespan and http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    counter = scope.get("state", {}).get("lifespan_state.counter")
    if counter is None:
        status, body = 503, b"No counter: this server runs no lifespan.\n"
    else:
        # A database in memory answers in microseconds. One on a disk or in a network would block the loop,
        # and would be asked in a thread or through an asynchronous driver.
        counter.execute("UPDATE visits SET number = number + 1")
        (visits,) = counter.execute("SELECT number FROM visits").fetchone()
        status, body = 200, f"visit {visits} since this process has started\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
