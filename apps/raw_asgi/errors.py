r"""Three ways to fail, and what is left for the server to say.

Before the response has started, a server can still turn your exception into a 500. After the start,
the status has left and cannot be taken back: all the server can do is to break the connection, so
that the client knows the body is not whole. Returning without an answer is a breach of the protocol,
and most servers treat it as a failure before the start. Not every server does its part, as
`python -m servers --list` tells: then the client waits.

    scope http GET /raw/errors/before
    raise RuntimeError: raised before the response started

    scope http GET /raw/errors/after
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'so far, so good\n' more_body=True
    raise RuntimeError: raised after the response started

    scope http GET /raw/errors/silent
    return

Try it, with a limit to your patience, and look at the server's log too: the client never gets to see
the traceback.

    curl -i -m 10 http://localhost:8000/raw/errors/before
    curl -i -m 10 http://localhost:8000/raw/errors/after
    curl -i -m 10 http://localhost:8000/raw/errors/silent
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"errors speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    # `path` is the whole path of the request. It begins with `root_path`, the part that led to you; what
    # comes after that is yours.
    match scope["path"].removeprefix(scope.get("root_path", "")):
        case "/before":
            raise RuntimeError("raised before the response started")

        case "/after":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            piece = b"" if scope["method"] == "HEAD" else b"so far, so good\n"
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            # In HTTP/1.1 the server closes the connection without a last chunk, in HTTP/2 it resets the
            # stream. Either way the client can tell that this was not the end.
            raise RuntimeError("raised after the response started")

        case "/silent":
            return

        case "" | "/":
            status, body = 200, b"before\nafter\nsilent\n"
        case _:
            status, body = 404, b"There is: before, after, silent\n"
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
