r"""An answer that nobody has asked for yet.

In HTTP/2 a server may promise a response before the client requests it. To the application it is one
event after the start: a path and the headers of the request that the client would have made. The server
then asks the application for it as if the client had, and sends both. Browsers have given push up, and
servers follow; the extension is still there, and this is how it works.

    scope http GET /raw/server_push http_version='2' extensions={'http.response.push': {}}
    send http.response.start status=200
        content-type: text/html; charset=utf-8
    send http.response.push path='/raw/server_push/style.css'
        accept: text/css
    send http.response.body body=b'<!doctype html>...'
    return

    scope http GET /raw/server_push http_version='1.1'
    send http.response.start status=200
        content-type: text/html; charset=utf-8
    send http.response.body body=b'<!doctype html>...'
    return

Try it with a client that still takes what it is given, on a server that still offers it:

    python -m servers hypercorn --tls
    nghttp -nv https://localhost:8000/raw/server_push
"""

from urllib.parse import quote


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"server_push speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    root_path = scope.get("root_path", "")
    style = f"{root_path}/style.css"
    match scope["path"].removeprefix(root_path):
        case "" | "/":
            page = f"<!doctype html><link rel=stylesheet href={quote(style)}><p>The style came along.\n"
            status, kind, body = 200, b"text/html", page.encode()
        case "/style.css":
            status, kind, body = 200, b"text/css", b"body { font: 2rem serif; color: seagreen }\n"
        case _:
            status, kind, body = 404, b"text/plain", b"Not found\n"

    headers = [(b"content-type", kind + b"; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})

    # The promise goes between the start and the end of the response it belongs to, before the link that
    # would make the client ask. Its path is decoded, as in a scope; the link is encoded. A pushed request
    # is answered by this same function, in a call of its own.
    offered = "http.response.push" in (scope.get("extensions") or {})
    if offered and kind == b"text/html" and scope["method"] == "GET":
        request = [(b"accept", b"text/css")]
        await send({"type": "http.response.push", "path": style, "headers": request})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
