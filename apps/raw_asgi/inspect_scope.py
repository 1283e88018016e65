r"""The scope is everything the server knows before the first byte of the body.

It is a plain dict, made once for each connection: one HTTP request, or one WebSocket. Some values are
text and some are bytes, and that is no accident: `path` is percent-decoded and then read as UTF-8,
so it is text; `raw_path`, `query_string` and `headers` are the bytes that came over the wire, because
nobody but you knows which encoding they are in.

Here it comes back as JSON. What is bytes is marked `{"bytes": …}`, and what JSON cannot say at all
`{"repr": …}`. Ask this of several servers and compare.

    scope http GET /raw/inspect_scope?a=%C3%A9
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'...{\n  "type": "http",...'
    return

Try it:

    curl 'http://localhost:8000/raw/inspect_scope?a=%C3%A9'
    curl --http2-prior-knowledge http://localhost:8000/raw/inspect_scope
"""

import json


def mark(value):
    """Say in JSON what JSON has no word for."""
    if isinstance(value, bytes):
        # Latin-1 gives every byte a character, so nothing is lost and nothing can fail.
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, dict):
        return {str(key): mark(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mark(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return {"repr": repr(value)}


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"inspect_scope speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # A server may add keys of its own, and an older one may leave optional keys out. Nothing below
    # asks for a key by name, so all of them are shown, and none is missed.
    body = json.dumps(mark(scope), indent=2).encode() + b"\n"
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
