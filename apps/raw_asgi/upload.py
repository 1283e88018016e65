r"""An upload with a limit, and a second request that watches it grow.

The body comes in pieces, and nothing forces you to keep them: this one counts and hashes, and forgets.
The limit is kept twice. A `content-length` that is too large is refused before a byte of the body is
read: a client that sent `expect: 100-continue` need not even have begun to send it. A body that does
not say how long it is gets refused at the byte that is too much.

    scope http POST /raw/upload
        content-length: 6
    receive http.request body=b'abc' more_body=True
    receive http.request body=b'def'
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'{"received": 6, "sha256": "bef57ec7f53a6d40beb640a780a639c83bc29ac8...'
    return

    scope http POST /raw/upload
        content-length: 10000001
    send http.response.start status=413
        content-type: text/plain; charset=utf-8
        connection: close
    send http.response.body body=b'an upload has at most 10000000 bytes\n'
    return

Another request sees how far the uploads are, because both run in the same loop of the same process:

    scope http GET /raw/upload
    send http.response.start status=200
        content-type: application/json
        cache-control: no-store
    send http.response.body body=b'{"uploads": []}\n'
    return

Try it, in two terminals:

    head -c 9000000 /dev/zero | curl --limit-rate 1M -T - -X POST http://localhost:8000/raw/upload
    curl http://localhost:8000/raw/upload
    head -c 11000000 /dev/zero | curl -i -T - -X POST http://localhost:8000/raw/upload
"""

import hashlib
import json

LIMIT = 10_000_000  # bytes

# The uploads that are under way: each a dict that the request which owns it keeps up to date. Two of them
# may hold the same numbers, so each has a key of its own.
uploads = {}


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"upload speaks http, not {scope['type']}")

    if scope["method"] in ("GET", "HEAD"):
        body = json.dumps({"uploads": list(uploads.values())}).encode() + b"\n"
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return
    if scope["method"] != "POST":
        headers = [(b"allow", b"GET, HEAD, POST"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # Servers reject a content-length that is not a number before they call you, but nothing in the
    # specification says that they have to. Twenty digits of it are
    # enough to refuse: Python raises at some thousands.
    declared = {name.lower(): value for name, value in scope["headers"]}.get(b"content-length", b"")
    upload = {"received": 0, "of": int(declared[:20]) if declared.isdigit() else None}
    sha256 = hashlib.sha256()
    uploads[id(upload)] = upload
    try:
        more_body = True
        while more_body and max(upload["received"], upload["of"] or 0) <= LIMIT:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            sha256.update(event.get("body", b""))
            upload["received"] += len(event.get("body", b""))
            more_body = event.get("more_body", False)
    finally:
        del uploads[id(upload)]

    if max(upload["received"], upload["of"] or 0) > LIMIT:
        # The rest of the body is still on its way. The one way in HTTP/1.1 to say that nobody will read
        # it is to close the connection. HTTP/2 has streams that end on their own, and forbids the header.
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        if scope["http_version"] in ("1.0", "1.1"):
            headers.append((b"connection", b"close"))
        body = f"an upload has at most {LIMIT} bytes\n".encode()
        await send({"type": "http.response.start", "status": 413, "headers": headers})
    else:
        headers = [(b"content-type", b"application/json")]
        answer = {"received": upload["received"], "sha256": sha256.hexdigest()}
        body = json.dumps(answer).encode() + b"\n"
        await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
