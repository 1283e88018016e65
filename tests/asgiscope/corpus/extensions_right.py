"""Applications that use extensions where they are offered, in ways that surprise somebody.

They keep every clause of these.
"""

# ruff: noqa: ASYNC230 -- the files are small, and opening them is not the subject

import os
from pathlib import Path

from .lawful import CLOSE, END, START, content, expect, offers, takes_files

COPY, PATH, DENIAL = "http.response.zerocopysend", "http.response.pathsend", "websocket.http.response"
HERE = Path(__file__).read_bytes()


async def file_without_a_copy(scope, receive, send):
    """Right: a zero copy send is the body, and its length was announced."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", str(len(HERE)).encode())]})
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file})
    else:
        await send({"type": "http.response.body", "body": content(scope, HERE)})


async def file_in_ranges(scope, receive, send):
    """Right: parts of a file may follow one another, with bodies between them, and with None for no limit."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with open(__file__, "rb", buffering=0) as file:
            await send({"type": COPY, "file": file, "offset": 3, "count": 12, "more_body": True})
            await send({"type": "http.response.body", "body": b"\n", "more_body": True})
            await send({"type": COPY, "file": file, "offset": 0, "count": None, "more_body": True})
    await send(END)


async def file_from_a_descriptor(scope, receive, send):
    """Right: a file is what has a descriptor, also the end of a pipe."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        reader, writer = os.pipe()
        with open(writer, "wb") as into, open(reader, "rb") as out:
            into.write(b"hello")
            into.flush()
            await send({"type": COPY, "file": out, "count": 5, "more_body": True})
    await send(END)


async def path_of_a_file(scope, receive, send):
    """Right: a path is the whole body, and no body event follows."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", str(len(HERE)).encode())]})
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": str(Path(__file__))})
    else:
        await send({"type": "http.response.body", "body": content(scope, HERE)})


async def path_then_trailers(scope, receive, send):
    """Right: trailers come after the body, also after one that is a path."""
    expect(scope, "http")
    trailers = offers(scope, "http.response.trailers")
    await send({**START, "headers": [(b"content-type", b"text/x-python")], "trailers": trailers})
    await send({"type": PATH, "path": __file__} if takes_files(scope, PATH) else END)
    if trailers:
        await send({"type": "http.response.trailers", "headers": []})


async def hints_before_start(scope, receive, send):
    """Right: hints come before the start, as often as there is something to hint at."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        for name in (b"style.css", b"script.js"):
            await send({"type": "http.response.early_hint", "links": [b"</" + name + b">; rel=preload"]})
    await send(START)
    await send(END)


async def hints_from_a_generator(scope, receive, send):
    """Right: links are any iterable, also none at all."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        await send(
            {"type": "http.response.early_hint", "links": (link for link in (b"</a.css>; rel=preload",))}
        )
        await send({"type": "http.response.early_hint", "links": ()})
    await send(START)
    await send(END)


async def hint_in_the_body(scope, receive, send):
    """Right: a hint after the start is late, and worth a note, as the specification once asked for it."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    if offers(scope, "http.response.early_hint"):
        await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    await send(END)


async def trailers_announced(scope, receive, send):
    """Right: names its trailers in any case, and sends them in two events after the body."""
    expect(scope, "http")
    if not offers(scope, "http.response.trailers"):
        raise NotImplementedError("this needs trailers")
    await send({**START, "headers": [(b"trailer", b"Server-Timing, ETag")], "trailers": True})
    await send(END)
    for name, more in ((b"server-timing", True), (b"etag", False)):
        await send({"type": "http.response.trailers", "headers": [(name, b"1")], "more_trailers": more})


async def trailers_without_any(scope, receive, send):
    """Right: trailers that were promised may turn out to be none, and are sent as such."""
    expect(scope, "http")
    trailers = offers(scope, "http.response.trailers")
    await send({**START, "headers": [(b"trailer", b"server-timing")], "trailers": trailers})
    await send(END)
    if trailers:
        await send({"type": "http.response.trailers", "headers": (), "more_trailers": False})


async def announced_and_not_promised(scope, receive, send):
    """Right: a 'trailer' header is only a header, and promises the server nothing."""
    expect(scope, "http")
    await send({**START, "headers": [(b"trailer", b"server-timing")], "trailers": False})
    await send(END)


async def pushes(scope, receive, send):
    """Right: a push comes while the response is open; it has a decoded path, and headers, be they none."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({"type": "http.response.push", "path": "/é?a=1", "headers": ((b"accept", b"text/css"),)})
        await send({"type": "http.response.body", "more_body": True})
        await send({"type": "http.response.push", "path": "/script.js", "headers": []})
    await send(END)


async def debugs(scope, receive, send):
    """Right: what is told for debugging may hold objects of any type, which other events may not."""
    expect(scope, "http")
    if offers(scope, "http.response.debug"):
        info = {"template": Path(__file__), "context": {"numbers": {1, 2}, "self": object()}}
        await send({"type": "http.response.debug", "info": info})
    await send(START)
    await send(END)


async def debugs_and_hints(scope, receive, send):
    """Right: a hint may come after what is told for debugging, as the response has not started."""
    expect(scope, "http")
    if offers(scope, "http.response.debug") and offers(scope, "http.response.early_hint"):
        await send({"type": "http.response.debug", "info": {}})
        await send({"type": "http.response.early_hint", "links": []})
    await send(START)
    await send(END)


async def hints_and_raises(scope, receive, send):
    """Right: a hint commits to nothing."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
    raise LookupError("no such thing")


async def whatever_is_offered(scope, receive, send):
    """Right: an event that has the name of an extension which is offered is that extension's business."""
    expect(scope, "http")
    for name in scope.get("extensions") or {}:
        if name.startswith("http.acme."):
            await send({"type": name})
    await send(START)
    await send(END)


async def certificate_read(scope, receive, send):
    """Right: reads what TLS has to say, where it has something to say."""
    expect(scope, "http")
    tls = (scope.get("extensions") or {}).get("tls", {})
    said = (tls.get("client_cert_name"), tls.get("client_cert_error"), *tls.get("client_cert_chain", ()))
    await send({**START, "headers": [(b"x-certified", str(any(said)).encode())]})
    await send(END)


async def denies_by_a_response(scope, receive, send):
    """Right: a denial response is an answer to 'websocket.connect', and no close follows."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 401, "headers": [(b"www-authenticate", b"Basic")]})
        await send({"type": f"{DENIAL}.body", "body": b"who ", "more_body": True})
        await send({"type": f"{DENIAL}.body", "body": b"are you?"})
    else:
        await send(CLOSE)


async def denies_without_a_word(scope, receive, send):
    """Right: the body of a denial may be nothing, in an event without keys."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 404})
        await send({"type": f"{DENIAL}.body"})
    else:
        raise PermissionError("not you")


async def denies_and_raises(scope, receive, send):
    """Right: an exception in the midst of a denial owes no end of it."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 500})
    raise LookupError("no such room")


async def redirects_a_socket(scope, receive, send):
    """Right: a denial may have any status, and so redirect."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 307, "headers": [[b"location", b"/elsewhere"]]})
        await send({"type": f"{DENIAL}.body", "body": b"", "more_body": False})
    else:
        await send(CLOSE)
