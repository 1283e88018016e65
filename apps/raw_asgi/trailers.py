r"""Headers that come after the body, for what is only known at its end.

A checksum of a body that is made while it is sent cannot stand above it. HTTP lets you send it below.
In ASGI this is an extension: the server says in `scope["extensions"]` that it can, and only then may you
announce trailers in the start. Once announced, they have to follow.

    scope http GET /raw/trailers extensions={'http.response.trailers': {}}
        te: trailers
    send http.response.start status=200 trailers=True
        content-type: text/plain; charset=utf-8
        trailer: content-digest
    send http.response.body body=b'What is only known at the end\n' more_body=True
    send http.response.body body=b'is said at the end.\n'
    send http.response.trailers
        content-digest: sha-256=:...=:
    return

Without it, the same body goes out without the checksum:

    scope http GET /raw/trailers
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'What is only known at the end\n' more_body=True
    send http.response.body body=b'is said at the end.\n'
    return

Try it on a server that offers trailers. A client has to say that it wants them:

    python -m servers hypercorn --tls
    curl -k --http2 -H 'TE: trailers' -v https://localhost:8000/raw/trailers
"""

import base64
import hashlib


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"trailers speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    start = {"type": "http.response.start", "status": 200}
    start["headers"] = [(b"content-type", b"text/plain; charset=utf-8")]
    if scope["method"] == "HEAD":
        await send(start)
        await send({"type": "http.response.body"})
        return

    # `extensions` may be missing or None; both mean that there are none.
    offered = "http.response.trailers" in (scope.get("extensions") or {})
    if offered:
        start["trailers"] = True
        # The server does not write this header for you: it does not know yet what will come.
        start["headers"].append((b"trailer", b"content-digest"))
    await send(start)

    sha256 = hashlib.sha256()
    pieces = [b"What is only known at the end\n", b"is said at the end.\n"]
    for piece in pieces[:-1]:
        sha256.update(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    sha256.update(pieces[-1])
    await send({"type": "http.response.body", "body": pieces[-1]})

    # With `trailers` in the start, the last piece of the body is not yet the end of the response. Whether
    # the client gets to see the trailers is the server's concern: it should be given them only if it has
    # sent `te: trailers`.
    if offered:
        digest = b"sha-256=:" + base64.b64encode(sha256.digest()) + b":"
        headers = [(b"content-digest", digest)]
        await send({"type": "http.response.trailers", "headers": headers})
