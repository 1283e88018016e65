r"""A word for the tests, which never reaches the wire.

A test wants to know more than the client does: which template was used, which view was chosen. With the
extension `http.response.debug` a test client offers to take it: one event, before the start, that holds a
dict. Servers do not offer it, so none of it can ever leave by accident.

    scope http GET /raw/debug_info extensions={'http.response.debug': {}}
    send http.response.debug info={'handled_by': 'apps.raw_asgi.debug_info', 'greeting': 'Hello'}
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'Hello\n'
    return

    scope http GET /raw/debug_info
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'Hello\n'
    return

Try it; from a server, you see the second of the two:

    curl -i http://localhost:8000/raw/debug_info
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"debug_info speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    greeting = "Hello"
    # The values stay in the process, so they may be what events elsewhere may not hold: any Python object.
    if "http.response.debug" in (scope.get("extensions") or {}):
        info = {"handled_by": __name__, "greeting": greeting}
        await send({"type": "http.response.debug", "info": info})

    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    body = greeting.encode() + b"\n"
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
