r"""A file, whole or in part, and the three ways of handing it over.

A response about a file says more than its bytes: when it last changed, a tag that changes with it, and
that parts of it can be asked for. A client that has the file asks only whether it is still the same (304);
one that has half of it asks for the rest (206).

    scope http GET /raw/files/hello.py
        range: bytes=4-13
    send http.response.start status=206
        content-type: text/plain; charset=utf-8
        last-modified: ...
        etag: "..."
        accept-ranges: bytes
        content-range: bytes 4-13/...
        content-length: 10
    send http.response.body body=b'A response' more_body=False
    return

Where the server offers it, the bytes never pass through Python: `http.response.pathsend` gives it the
path of the file, `http.response.zerocopysend` an open file and which part of it.

    scope http GET /raw/files/hello.py extensions={'http.response.pathsend': {}}
    send http.response.start status=200
        ...
    send http.response.pathsend path='...hello.py'
    return

    scope http GET /raw/files/hello.py extensions={'http.response.zerocopysend': {}}
        range: bytes=-4
    send http.response.start status=206
        ...
    send http.response.zerocopysend file=<...> offset=... count=4
    return

Try it:

    curl http://localhost:8000/raw/files
    curl -i -r 0-99 http://localhost:8000/raw/files/hello.py
    curl -i --path-as-is http://localhost:8000/raw/files/../hello.py
"""

import asyncio
import os
import re
from email.utils import formatdate
from pathlib import Path

CHUNK = 64 * 1024  # bytes
# What may be served: the gallery itself.
FILES = {path.name: path for path in Path(__file__).resolve().parent.glob("*.py")}


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"files speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    is_head = scope["method"] == "HEAD"

    # The name is looked up among the files that may be served, and no path is ever made from it. There
    # is no "..", no encoded slash to think of: what is not in the list is not there.
    name = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    if name not in FILES:
        status, text = (404, "Not found\n") if name else (200, "\n".join(sorted(FILES)) + "\n")
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if is_head else text.encode()})
        return

    asked = {name.lower(): value for name, value in scope["headers"]}
    # A disk has no event loop: opening and reading block, so a thread does it.
    file = await asyncio.to_thread(FILES[name].open, "rb")
    try:
        # Asked of the open file, so that size and content belong together whatever happens to its name.
        stat = os.fstat(file.fileno())
        size = stat.st_size
        etag = f'"{stat.st_mtime_ns:x}-{size:x}"'.encode()
        modified = formatdate(stat.st_mtime, usegmt=True).encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"last-modified", modified),
            (b"etag", etag),
            (b"accept-ranges", b"bytes"),
        ]

        # Asked for this very version, a client that gets another had better get none.
        version = asked.get(b"if-match", b"*").strip()
        if version != b"*" and etag not in re.findall(rb'(?:W/)?"[^"]*"', version):
            headers = [(b"etag", etag), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 412, "headers": headers})
            await send({"type": "http.response.body"})
            return

        # A tag is a better witness than a date, so the date counts only without one (RFC 9110, 13.2.2).
        # It is compared as text, for a client usually sends the date that it was given. Any other one
        # costs no more than the whole file.
        tags = asked.get(b"if-none-match")
        if tags is None:
            unchanged = asked.get(b"if-modified-since") == modified
        else:
            unchanged = tags.strip() == b"*" or etag in re.findall(rb'"[^"]*"', tags)
        if unchanged:
            await send({"type": "http.response.start", "status": 304, "headers": headers[1:]})
            await send({"type": "http.response.body"})
            return

        # A range counts for GET, and after `if-range` only if the file is still the one the client has
        # begun with. Several ranges would need a multipart body; answering with all of it is allowed.
        status, first, last = 200, 0, size - 1
        wanted = asked.get(b"range", b"")
        is_same = asked.get(b"if-range", etag) in (etag, modified)
        if wanted.startswith(b"bytes=") and b"," not in wanted and is_same and not is_head:
            status = 206
            match = re.fullmatch(rb"bytes=(\d{0,99})-(\d{0,99})", wanted)
            if match and match[1]:
                first, last = int(match[1]), min(int(match[2] or last), last)
            elif match and match[2]:
                first = max(size - int(match[2]), 0)
            else:
                first = size
            # What cannot be read as a range, and what lies behind the end of the file, cannot be had.
            if first > last:
                headers = [(b"content-range", b"bytes */%d" % size), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 416, "headers": headers})
                await send({"type": "http.response.body"})
                return
            headers.append((b"content-range", b"bytes %d-%d/%d" % (first, last, size)))
        count = last - first + 1
        headers.append((b"content-length", b"%d" % count))
        await send({"type": "http.response.start", "status": status, "headers": headers})

        # An extension is asked for before it is used. A path stands for the whole file, so a part of it
        # goes by one of the other ways.
        extensions = scope.get("extensions") or {}
        if is_head:
            await send({"type": "http.response.body"})
        elif "http.response.pathsend" in extensions and status == 200:
            await send({"type": "http.response.pathsend", "path": str(FILES[name])})
        elif "http.response.zerocopysend" in extensions:
            event = {"type": "http.response.zerocopysend", "file": file}
            await send({**event, "offset": first, "count": count})
        else:
            file.seek(first)
            more_body = True
            while more_body:
                body = await asyncio.to_thread(file.read, min(CHUNK, count))
                count -= len(body)
                # A file that has become shorter meanwhile has no more to give. The server will notice
                # that less came than `content-length` has promised.
                more_body = count > 0 and body != b""
                await send({"type": "http.response.body", "body": body, "more_body": more_body})
    finally:
        file.close()
