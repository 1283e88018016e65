"""Applications that are right with one lawful server and wrong with another, as where a key is absent."""

import asyncio
import logging

from .lawful import (
    ACCEPT,
    CLOSE,
    END,
    GONE,
    START,
    STARTED,
    STOPPED,
    content,
    expect,
    left,
    offers,
    stop,
)

logger = logging.getLogger(__name__)


# What the scope of every protocol has


async def version_taken_for_granted(scope, receive, send):
    """general.scope.asgi.version.default: reads 'version', which may be missing."""
    expect(scope, "http")
    version = scope["asgi"]["version"]
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, f"ASGI {version[0]}".encode())})


async def spec_version_taken_for_granted(scope, receive, send):
    """http.scope.asgi.spec-version.default: reads 'spec_version', which may be missing."""
    expect(scope, "http")
    raises = scope["asgi"]["spec_version"] >= "2.4"
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"raises" if raises else b"hangs")})


async def extensions_taken_for_granted(scope, receive, send):
    """general.extensions.none: looks into 'extensions', which may be missing."""
    expect(scope, "http")
    hints = "http.response.early_hint" in scope["extensions"]
    if hints:
        await send({"type": "http.response.early_hint", "links": []})
    await send(START)
    await send(END)


async def extensions_none(scope, receive, send):
    """general.extensions.none: knows that 'extensions' may be missing, and not that it may be None."""
    expect(scope, "websocket")
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 403})
        await send({"type": "websocket.http.response.body"})
    else:
        await send(CLOSE)


async def keys_spelled_out(scope, receive, send):
    """general.app.tolerates-extra-keys: unpacks the event into a function that knows the keys of today."""
    expect(scope, "http")

    def request(type, body=b"", more_body=False):
        return body, more_body

    more = True
    while more:
        event = await receive()
        if event["type"] in GONE:
            return
        _, more = request(**event)
    await send(START)
    await send(END)


async def keys_counted(scope, receive, send):
    """general.app.tolerates-extra-keys: expects a disconnect to be what it is today, and nothing more."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    event = await receive()
    while event["type"] == "websocket.receive":
        event = await receive()
    if not set(event) <= {"type", "code", "reason"}:
        raise ValueError(f"what kind of a disconnect is {event}?")


# The scope of HTTP


async def scheme_taken_for_granted(scope, receive, send):
    """http.scope.scheme.default: reads 'scheme', which may be missing."""
    expect(scope, "http")
    location = f"{scope['scheme']}://example.org/".encode()
    await send({**START, "status": 307, "headers": [(b"location", location)]})
    await send(END)


async def raw_path_taken_for_granted(scope, receive, send):
    """http.scope.raw_path.default: reads 'raw_path', which may be missing."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, scope["raw_path"])})


async def raw_path_split(scope, receive, send):
    """http.scope.raw_path.default: knows that 'raw_path' may be missing, and not that it may be None."""
    expect(scope, "http")
    depth = len(scope.get("raw_path", b"/").split(b"/"))
    await send({**START, "headers": [(b"x-depth", str(depth).encode())]})
    await send(END)


async def root_path_taken_for_granted(scope, receive, send):
    """http.scope.root_path.default: reads 'root_path', which may be missing."""
    expect(scope, "http")
    path = scope["path"].removeprefix(scope["root_path"])
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, path.encode())})


async def client_taken_for_granted(scope, receive, send):
    """http.scope.client.default: reads 'client', which may be missing."""
    expect(scope, "http")
    address = scope["client"]
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, str(address).encode())})


async def client_unpacked(scope, receive, send):
    """http.scope.client.default: knows that 'client' may be missing, and not that it may be None."""
    expect(scope, "http")
    host, _port = scope.get("client", ("unknown", 0))
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, host.encode())})


async def server_taken_for_granted(scope, receive, send):
    """http.scope.server.default: reads 'server', which may be missing, or None."""
    expect(scope, "http")
    port = scope["server"][1]
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, str(port).encode())})


async def state_taken_for_granted(scope, receive, send):
    """http.scope.state.absent: reads 'state', which a server need not support."""
    expect(scope, "http", "lifespan")
    if scope["type"] == "lifespan":
        await receive()
        if "state" in scope:
            scope["state"]["greeting"] = b"hello"
        await send(STARTED)
        await receive()
        await send(STOPPED)
    else:
        greeting = scope["state"].get("greeting", b"")
        await send(START)
        await send({"type": "http.response.body", "body": content(scope, greeting)})


async def names_in_lower_case(scope, receive, send):
    """http.scope.headers.app-case-insensitive: looks for a header in lower case, and for nothing else."""
    expect(scope, "http")
    host = dict(scope["headers"]).get(b"host", b"")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, host)})


async def values_in_ascii(scope, receive, send):
    """http.scope.headers.app-decodes: decodes all headers as ASCII."""
    expect(scope, "http")
    headers = {name.lower(): value.decode("ascii") for name, value in scope["headers"]}
    await send({**START, "headers": [(b"x-count", str(len(headers) > 0).encode())]})
    await send(END)


async def values_in_utf_8(scope, receive, send):
    """http.scope.headers.app-decodes: decodes all headers as UTF-8."""
    expect(scope, "http")
    headers = {name.lower(): value.decode() for name, value in scope["headers"]}
    await send({**START, "headers": [(b"x-count", str(len(headers) > 0).encode())]})
    await send(END)


async def first_cookie_alone(scope, receive, send):
    """http.headers.cookie-h2-split: reads one header for the cookies, where HTTP/2 may send several."""
    expect(scope, "http")
    cookies = next((value for name, value in scope["headers"] if name.lower() == b"cookie"), b"")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, cookies)})


async def last_cookie_alone(scope, receive, send):
    """http.headers.cookie-h2-split: makes a dict of the headers, which keeps the last cookie."""
    expect(scope, "http")
    headers = {name.lower(): value for name, value in scope["headers"]}
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, headers.get(b"cookie", b""))})


# The events of HTTP


async def body_taken_for_granted(scope, receive, send):
    """http.request.body.default: reads 'body', which may be missing."""
    expect(scope, "http")
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body, more = body + event["body"], event.get("more_body", False)
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def more_body_taken_for_granted(scope, receive, send):
    """http.request.more_body.default: reads 'more_body', which may be missing."""
    expect(scope, "http")
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body, more = body + event.get("body", b""), event["more_body"]
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def first_piece_alone(scope, receive, send):
    """http.request.body.concatenate: takes the first piece of the body for all of it."""
    expect(scope, "http")
    event = await receive()
    if event["type"] == "http.request":
        await send(START)
        await send({"type": "http.response.body", "body": content(scope, event.get("body", b""))})


async def last_piece_alone(scope, receive, send):
    """http.request.body.concatenate: reads to the end of the body, and keeps its last piece."""
    expect(scope, "http")
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body, more = event.get("body", b""), event.get("more_body", False)
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def pieces_decoded(scope, receive, send):
    """http.request.body.concatenate: decodes each piece as UTF-8, and one may end within a character."""
    expect(scope, "http")
    text, more = "", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        text += event.get("body", b"").decode()
        more = event.get("more_body", False)
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, text.encode())})


async def tries_again(scope, receive, send):
    """http.disconnect.send-error-first: takes an OSError for a hiccup, and tries again for ever."""
    expect(scope, "http")
    await send(START)
    listener = asyncio.create_task(left(receive))
    try:
        while True:
            try:
                await send({"type": "http.response.body", "more_body": True})
                if listener.done():
                    return
            except OSError:
                await asyncio.sleep(0)
    finally:
        await stop(listener)


# The scope of WebSocket


async def http_version_taken_for_granted(scope, receive, send):
    """websocket.scope.http_version.default: reads 'http_version', which may be missing."""
    expect(scope, "websocket")
    version = scope["http_version"]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": version})
    await send(CLOSE)


async def ws_scheme_taken_for_granted(scope, receive, send):
    """websocket.scope.scheme.default: reads 'scheme', which may be missing."""
    expect(scope, "websocket")
    scheme = scope["scheme"]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": scheme})
    await send(CLOSE)


async def ws_raw_path_taken_for_granted(scope, receive, send):
    """websocket.scope.raw_path.default: reads 'raw_path', which may be missing."""
    expect(scope, "websocket")
    path = scope["raw_path"]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "bytes": path})
    await send(CLOSE)


async def ws_query_taken_for_granted(scope, receive, send):
    """websocket.scope.query_string.default: reads 'query_string', which may be missing."""
    expect(scope, "websocket")
    query = scope["query_string"]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "bytes": query or b""})
    await send(CLOSE)


async def ws_query_decoded(scope, receive, send):
    """websocket.scope.query_string.default: copes with a missing 'query_string', and not with None."""
    expect(scope, "websocket")
    query = scope.get("query_string", b"").decode("latin-1")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": query})
    await send(CLOSE)


async def ws_root_path_taken_for_granted(scope, receive, send):
    """websocket.scope.root_path.default: reads 'root_path', which may be missing."""
    expect(scope, "websocket")
    path = scope["path"].removeprefix(scope["root_path"])
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": path})
    await send(CLOSE)


async def ws_names_in_lower_case(scope, receive, send):
    """websocket.scope.headers.app-case-insensitive: looks for a header in lower case alone."""
    expect(scope, "websocket")
    host = dict(scope["headers"]).get(b"host", b"")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "bytes": host})
    await send(CLOSE)


async def ws_client_taken_for_granted(scope, receive, send):
    """websocket.scope.client.default: reads 'client', which may be missing, or None."""
    expect(scope, "websocket")
    host = scope["client"][0]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": host})
    await send(CLOSE)


async def ws_server_taken_for_granted(scope, receive, send):
    """websocket.scope.server.default: reads 'server', which may be missing, or None."""
    expect(scope, "websocket")
    host = scope["server"][0]
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": host})
    await send(CLOSE)


async def subprotocols_taken_for_granted(scope, receive, send):
    """websocket.scope.subprotocols.default: reads 'subprotocols', which may be missing."""
    expect(scope, "websocket")
    chosen = next(iter(scope["subprotocols"]), None)
    await receive()
    await send({"type": "websocket.accept", "subprotocol": chosen})
    await send(CLOSE)


async def ws_state_taken_for_granted(scope, receive, send):
    """websocket.scope.state.absent: reads 'state', which a server need not support."""
    expect(scope, "websocket")
    greeting = scope["state"].get("greeting", "hello")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": greeting})
    await send(CLOSE)


# The events of WebSocket


async def text_taken_for_granted(scope, receive, send):
    """websocket.receive.missing-is-none: reads 'text', which may be missing from a message of bytes."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        if event["text"] is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})


async def text_looked_for(scope, receive, send):
    """websocket.receive.missing-is-none: looks whether 'text' is there, and it may be there as None."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        said = event["text"].encode() if "text" in event else event["bytes"]
        await send({"type": "websocket.send", "bytes": said})


async def reason_taken_for_granted(scope, receive, send):
    """websocket.disconnect.reason.default: reads 'reason', which may be missing."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        pass
    logger.info("left with %d, %s", event["code"], event["reason"] or "for no reason")


async def reason_without_words(scope, receive, send):
    """websocket.disconnect.reason.default: copes with a missing 'reason', and not with None."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    while (event := await receive())["type"] == "websocket.receive":
        pass
    logger.info("left with %d, %s", event["code"], event.get("reason", "").capitalize())


async def ws_tries_again(scope, receive, send):
    """websocket.disconnect.send-error-first: takes an OSError for a hiccup, and tries again for ever."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    listener = asyncio.create_task(left(receive))
    try:
        while True:
            try:
                await send({"type": "websocket.send", "text": "tick"})
                if listener.done():
                    return
            except OSError:
                await asyncio.sleep(0)
    finally:
        await stop(listener)


# Lifespan


async def lifespan_state_taken_for_granted(scope, receive, send):
    """lifespan.scope.state.absent: puts something into 'state', which a server need not support."""
    expect(scope, "lifespan")
    await receive()
    scope["state"]["pool"] = "the pool"
    await send(STARTED)
    await receive()
    await send(STOPPED)


# TLS


async def chain_taken_for_granted(scope, receive, send):
    """tls.client_cert_chain.default: reads the client's certificates, of which there may be none."""
    expect(scope, "http")
    certificates = list(scope["extensions"]["tls"]["client_cert_chain"]) if offers(scope, "tls") else []
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, str(len(certificates)).encode())})


async def name_taken_for_granted(scope, receive, send):
    """tls.client_cert_name.default: reads the client's name, which may be missing."""
    expect(scope, "http")
    name = scope["extensions"]["tls"]["client_cert_name"] if offers(scope, "tls") else None
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, str(name).encode())})


async def error_taken_for_granted(scope, receive, send):
    """tls.client_cert_error.default: reads what was wrong with the client's certificate, if anything was."""
    expect(scope, "http")
    error = scope["extensions"]["tls"]["client_cert_error"] if offers(scope, "tls") else None
    await send({**START, "status": 403 if error else 200})
    await send(END)
