r"""A word before the answer: what the client will need anyway.

While you still work on a page, the client could already fetch its stylesheet. An early hint is a
response of its own, status 103, that leaves before the real one and carries nothing but links. It is an
extension: the server offers it, or there is none.

    scope http GET /raw/early_hints http_version='2' extensions={'http.response.early_hint': {}}
    send http.response.early_hint links=[b'</raw/early_hints/style.css>; rel=preload; as=style']
    send http.response.start status=200
        content-type: text/html; charset=utf-8
    send http.response.body body=b'<!doctype html>...'
    return

    scope http GET /raw/early_hints/style.css
    send http.response.start status=200
        content-type: text/css; charset=utf-8
    send http.response.body body=b'body { font: 2rem serif; color: seagreen }\n'
    return

Try it on a server that offers hints, and watch for 103:

    python -m servers hypercorn --tls
    curl -k --http2 -v https://localhost:8000/raw/early_hints
"""

import asyncio
from urllib.parse import quote


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"early_hints speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    root_path = scope.get("root_path", "")
    match scope["path"].removeprefix(root_path):
        case "" | "/":
            # `root_path` is decoded, as `path` is; a link holds it encoded.
            style = quote(f"{root_path}/style.css")
            # A hint belongs before the start: the specification was made clear about that in 2026,
            # and servers expected it there already. The client may ignore it, so the page names the
            # stylesheet too.
            offered = "http.response.early_hint" in (scope.get("extensions") or {})
            if offered and scope["method"] == "GET":
                links = [f"<{style}>; rel=preload; as=style".encode()]
                await send({"type": "http.response.early_hint", "links": links})
            # This is where the page would be made, and the time that the hint has won.
            await asyncio.sleep(0.1)
            page = f"<!doctype html><link rel=stylesheet href={style}><p>The style was here first.\n"
            status, kind, body = 200, b"text/html", page.encode()
        case "/style.css":
            status, kind, body = 200, b"text/css", b"body { font: 2rem serif; color: seagreen }\n"
        case _:
            status, kind, body = 404, b"text/plain", b"Not found\n"

    headers = [(b"content-type", kind + b"; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
