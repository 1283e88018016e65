"""Applications that break a clause of HTTP, or one on events of any protocol, whoever calls them."""

from datetime import UTC, datetime
from types import MappingProxyType

from .lawful import END, START, content, expect, left, read

# What an event is


async def event_that_is_a_list(scope, receive, send):
    """general.event.is-dict: sends a list of pairs, which would make a dict."""
    expect(scope, "http")
    await send([("type", "http.response.start"), ("status", 200)])
    await send(START)
    await send(END)


async def event_that_is_a_mapping(scope, receive, send):
    """general.event.is-dict: sends a mapping that only behaves like a dict."""
    expect(scope, "http")
    await send(MappingProxyType(START))
    await send(START)
    await send(END)


async def event_without_type(scope, receive, send):
    """general.event.type: sends an event that does not say what it is."""
    expect(scope, "http")
    await send({"status": 200})
    await send(START)
    await send(END)


async def event_type_in_bytes(scope, receive, send):
    """general.event.type: sends an event whose type is a byte string."""
    expect(scope, "http")
    await send({"type": b"http.response.start", "status": 200})
    await send(START)
    await send(END)


async def key_in_bytes(scope, receive, send):
    """general.keys.unicode: sends an event with a key that is a byte string."""
    expect(scope, "http")
    await send({**START, b"reason": "OK"})
    await send(END)


async def key_that_is_a_number(scope, receive, send):
    """general.keys.unicode: sends an event with a key that is a number."""
    expect(scope, "http")
    await send(START)
    await send({**END, 1: "one"})


async def set_in_an_event(scope, receive, send):
    """general.event.value.allowed-types: sends a set, which no encoding of events has."""
    expect(scope, "http")
    await send({**START, "labels": {"cold", "new"}})
    await send(END)


async def date_in_an_event(scope, receive, send):
    """general.event.value.allowed-types: sends a date, deep inside an event."""
    expect(scope, "http")
    await send({**START, "log": [{"at": datetime(2026, 1, 1, tzinfo=UTC)}]})
    await send(END)


async def exception_in_an_event(scope, receive, send):
    """general.event.value.allowed-types: sends an exception along, for whoever stands around it."""
    expect(scope, "http")
    await send({**START, "status": 500, "error": LookupError("no such thing")})
    await send(END)


async def number_too_large(scope, receive, send):
    """general.event.value.int64: sends a number of more than 64 bits."""
    expect(scope, "http")
    await send({**START, "serial": 2**63})
    await send(END)


async def number_too_small(scope, receive, send):
    """general.event.value.int64: sends a number below what 64 bits with a sign hold."""
    expect(scope, "http")
    await send({**START, "serials": [0, -(2**63) - 1]})
    await send(END)


async def infinite_number(scope, receive, send):
    """general.event.value.float-finite: sends an infinity, where it has no limit to name."""
    expect(scope, "http")
    await send({**START, "timeout": float("inf")})
    await send(END)


async def no_number(scope, receive, send):
    """general.event.value.float-finite: sends what is not a number, where it has measured nothing."""
    expect(scope, "http")
    await send({**START, "timing": {"database": float("nan")}})
    await send(END)


async def number_as_inner_key(scope, receive, send):
    """general.event.value.dict-keys: sends a dict in an event that is keyed by numbers."""
    expect(scope, "http")
    await send({**START, "counts": {1: "one"}})
    await send(END)


async def tuple_in_an_event(scope, receive, send):
    """general.event.value.tuples-as-lists: sends a tuple, which arrives as a list if it is encoded."""
    expect(scope, "http")
    await send({**START, "labels": ("cold", "new")})
    await send(END)


async def invented_event(scope, receive, send):
    """http.event.send-types: ends the response by an event that the protocol does not have."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await send({"type": "http.response.end"})


async def event_of_another_protocol(scope, receive, send):
    """http.event.send-types: sends a WebSocket message to a client of HTTP."""
    expect(scope, "http")
    await send(START)
    await send({"type": "websocket.send", "text": "hello"})
    await send(END)


async def event_that_is_for_receiving(scope, receive, send):
    """http.event.send-types: sends 'http.disconnect' to hang up, which only a server says."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await send({"type": "http.disconnect"})


async def silent_to_unknown_scopes(scope, receive, send):
    """general.app.rejects-unknown-protocol: returns without a word from what it does not know."""
    if scope["type"] in ("websocket", "lifespan"):
        raise NotImplementedError(scope["type"])
    if scope["type"] == "http":
        await send(START)
        await send(END)


async def http_to_everybody(scope, receive, send):
    """general.app.rejects-unknown-protocol: takes what is neither WebSocket nor lifespan for HTTP."""
    if scope["type"] in ("websocket", "lifespan"):
        raise NotImplementedError(scope["type"])
    await send(START)
    await send(END)


# The order of a response


async def body_before_start(scope, receive, send):
    """http.response.start.before-body: sends the body, and no start before it."""
    expect(scope, "http")
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def start_after_body(scope, receive, send):
    """http.response.start.before-body: sends the body first, to know how long it is."""
    expect(scope, "http")
    await send({"type": "http.response.body", "body": content(scope, b"hello"), "more_body": True})
    await send(START)
    await send(END)


async def no_response(scope, receive, send):
    """http.response.start.once: returns without having sent anything."""
    expect(scope, "http")
    await read(receive)


async def two_starts(scope, receive, send):
    """http.response.start.once: corrects the status by a second start."""
    expect(scope, "http")
    await send(START)
    await send({**START, "status": 404})
    await send(END)


async def error_page_after_start(scope, receive, send):
    """http.response.start.once: starts an error page when the page it had started goes wrong."""
    expect(scope, "http")
    try:
        await send(START)
        raise LookupError("no such thing")
    except LookupError:
        await send({**START, "status": 500})
        await send(END)


async def second_response(scope, receive, send):
    """http.response.start.once, http.response.body.app-stops: answers twice."""
    expect(scope, "http")
    for _ in range(2):
        await send(START)
        await send(END)


async def start_alone(scope, receive, send):
    """http.response.start.needs-body: sends a start, and no body after it."""
    expect(scope, "http")
    await send({**START, "status": 204})


async def body_without_end(scope, receive, send):
    """http.response.body.final-required: leaves the body open when it returns."""
    expect(scope, "http")
    await send(START)
    for piece in (b"one", b"two"):
        await send({"type": "http.response.body", "body": content(scope, piece), "more_body": True})


async def body_after_the_end(scope, receive, send):
    """http.response.body.app-stops: sends a second body, and forgot to announce it in the first."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"hello, ")})
    await send({"type": "http.response.body", "body": content(scope, b"world")})


async def ended_twice(scope, receive, send):
    """http.response.body.app-stops: makes sure of the end by an empty body that nobody waits for."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"hello"), "more_body": False})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def goodbye_to_nobody(scope, receive, send):
    """http.disconnect.expect-send-error: ends the body when the client has left, as if it heard that."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"hello"), "more_body": True})
    await left(receive)
    await send(END)


async def disconnect_taken_for_the_end(scope, receive, send):
    """http.disconnect.expect-send-error: takes a disconnect, which has no 'more_body', for the end."""
    expect(scope, "http")
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, body)})


async def error_page_to_nobody(scope, receive, send):
    """http.disconnect.expect-send-error: tells a client that broke off its upload that it was broken off."""
    expect(scope, "http")
    status = 400 if await read(receive) is None else 201
    await send({**START, "status": status})
    await send(END)


async def upload_not_read(scope, receive, send):
    """http.request.more_body.wait: answers before it has read what was sent."""
    expect(scope, "http")
    await send({**START, "status": 413})
    await send(END)


# What a start says


async def no_status(scope, receive, send):
    """http.response.start.status.type: leaves the status out, as 200 goes without saying."""
    expect(scope, "http")
    await send({"type": "http.response.start", "headers": []})
    await send(END)


async def status_in_words(scope, receive, send):
    """http.response.start.status.type: gives the status as a str."""
    expect(scope, "http")
    await send({**START, "status": "200 OK"})
    await send(END)


async def status_as_float(scope, receive, send):
    """http.response.start.status.type: gives the status as a float."""
    expect(scope, "http")
    await send({**START, "status": 200.0})
    await send(END)


async def status_as_bool(scope, receive, send):
    """http.response.start.status.type: says that all went well, and not with which status."""
    expect(scope, "http")
    await send({**START, "status": True})
    await send(END)


async def headers_as_dict(scope, receive, send):
    """http.response.start.headers.shape: gives the headers as a dict."""
    expect(scope, "http")
    await send({**START, "headers": {b"content-type": b"text/plain"}})
    await send(END)


async def headers_none(scope, receive, send):
    """http.response.start.headers.shape: gives None for no headers."""
    expect(scope, "http")
    await send({**START, "headers": None})
    await send(END)


async def headers_as_lines(scope, receive, send):
    """http.response.start.headers.shape: gives each header as a line."""
    expect(scope, "http")
    await send({**START, "headers": [b"content-type: text/plain"]})
    await send(END)


async def headers_in_threes(scope, receive, send):
    """http.response.start.headers.shape: gives a third value with a header."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-type", b"text/html", b"text/plain")]})
    await send(END)


async def header_names_in_text(scope, receive, send):
    """http.response.start.headers.bytes: gives header names as str."""
    expect(scope, "http")
    await send({**START, "headers": [("content-type", b"text/plain")]})
    await send(END)


async def header_values_in_text(scope, receive, send):
    """http.response.start.headers.bytes: gives header values as str."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-type", "text/plain")]})
    await send(END)


async def length_as_number(scope, receive, send):
    """http.response.start.headers.bytes: gives the content-length as an int."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", 0)]})
    await send(END)


async def header_name_in_title_case(scope, receive, send):
    """http.response.start.headers.lowercase: writes header names as HTTP/1.1 likes them."""
    expect(scope, "http")
    await send({**START, "headers": [(b"Content-Type", b"text/plain")]})
    await send(END)


async def middleware_that_adds_a_title_case_name(scope, receive, send):
    """http.response.start.headers.lowercase: adds a header to what an inner application sends."""
    expect(scope, "http")

    async def sending(event):
        if event["type"] == "http.response.start":
            event = {**event, "headers": [*event["headers"], (b"X-Frame-Options", b"DENY")]}
        await send(event)

    await sending({**START, "headers": [(b"content-type", b"text/plain")]})
    await sending(END)


async def status_as_header(scope, receive, send):
    """http.response.start.headers.no-pseudo: repeats the status as HTTP/2 has it."""
    expect(scope, "http")
    await send({**START, "headers": [(b":status", b"200")]})
    await send(END)


async def trailers_as_number(scope, receive, send):
    """http.response.start.trailers.type: gives 0 for no trailers."""
    expect(scope, "http")
    await send({**START, "trailers": 0})
    await send(END)


async def trailers_none(scope, receive, send):
    """http.response.start.trailers.type: gives None for no trailers."""
    expect(scope, "http")
    await send({**START, "trailers": None})
    await send(END)


# What a body says


async def body_in_text(scope, receive, send):
    """http.response.body.body.type: sends the body as str."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": ""})


async def body_in_a_buffer(scope, receive, send):
    """http.response.body.body.type: sends the body as the bytearray that it was collected in."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": bytearray(content(scope, b"hello"))})


async def body_in_a_view(scope, receive, send):
    """http.response.body.body.type: sends a view of a larger buffer, in order not to copy."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": memoryview(b"hello")[:0]})


async def body_none(scope, receive, send):
    """http.response.body.body.type: sends None for no body."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": None})


async def body_in_pieces(scope, receive, send):
    """http.response.body.body.type: sends a list of pieces at once."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": [b"one", b"two"]})


async def more_body_none(scope, receive, send):
    """http.response.body.more_body.type: sends None for no more."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "more_body": None})


async def more_body_as_number(scope, receive, send):
    """http.response.body.more_body.type: sends how many bytes are left."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "more_body": 0})


# What HTTP demands of what is sent


async def body_too_long(scope, receive, send):
    """http.semantics.content-length: sends more than it has announced."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def body_too_short(scope, receive, send):
    """http.semantics.content-length: sends less than it has announced."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"500")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def characters_counted(scope, receive, send):
    """http.semantics.content-length: counts the characters of the body, and sends more bytes."""
    expect(scope, "http")
    text = "naïve café"
    await send({**START, "headers": [(b"content-length", str(len(text)).encode())]})
    await send({"type": "http.response.body", "body": content(scope, text.encode())})


async def middleware_that_changes_the_body(scope, receive, send):
    """http.semantics.content-length: changes the body on its way, and not its announced length."""
    expect(scope, "http")

    async def sending(event):
        body = event.get("body", b"").replace(b"world", b"everybody")
        await send({**event, "body": body} if "body" in event else event)

    await sending({**START, "headers": [(b"content-length", b"12")]})
    await sending({"type": "http.response.body", "body": content(scope, b"hello, world")})


async def two_lengths(scope, receive, send):
    """http.semantics.content-length.one: adds a content-length to the one that is there."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5"), (b"content-length", b"6")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def length_in_words(scope, receive, send):
    """http.semantics.content-length.digits: gives a length that is no number."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"unknown")]})
    await send(END)


async def length_with_unit(scope, receive, send):
    """http.semantics.content-length.digits: gives the length with its unit."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5 bytes")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def length_of_nothing(scope, receive, send):
    """http.semantics.content-length.forbidden: says with status 204 that the body has 0 bytes."""
    expect(scope, "http")
    await send({**START, "status": 204, "headers": [(b"content-length", b"0")]})
    await send(END)


async def body_for_head(scope, receive, send):
    """http.semantics.head-body: sends the body to whoever asks, also to HEAD."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def no_content_with_content(scope, receive, send):
    """http.semantics.bodiless-status: sends a body with status 204."""
    expect(scope, "http")
    await send({**START, "status": 204})
    await send({"type": "http.response.body", "body": content(scope, b"deleted")})


async def not_modified_with_body(scope, receive, send):
    """http.semantics.bodiless-status: sends the whole page with status 304."""
    expect(scope, "http")
    await send({**START, "status": 304, "headers": [(b"etag", b'"1"')]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def early_hints_as_status(scope, receive, send):
    """http.semantics.status.final: sends 103 as the status of its response."""
    expect(scope, "http")
    await send({**START, "status": 103, "headers": [(b"link", b"</style.css>; rel=preload")]})
    await send(END)


async def switched_protocols(scope, receive, send):
    """http.semantics.status.final: agrees to switch protocols, as no application can."""
    expect(scope, "http")
    await send({**START, "status": 101, "headers": [(b"upgrade", b"websocket")]})
    await send(END)


async def status_zero(scope, receive, send):
    """http.semantics.status.range: sends 0, the exit code for success."""
    expect(scope, "http")
    await send({**START, "status": 0})
    await send(END)


async def status_of_four_digits(scope, receive, send):
    """http.semantics.status.range: sends a status of its own, with a digit too many."""
    expect(scope, "http")
    await send({**START, "status": 4041})
    await send(END)


async def status_of_no_class(scope, receive, send):
    """http.semantics.status.range: sends a status of its own, in a sixth class of its own."""
    expect(scope, "http")
    await send({**START, "status": 999})
    await send(END)


async def space_in_a_name(scope, receive, send):
    """http.semantics.header.name: writes a space into the name of a header."""
    expect(scope, "http")
    await send({**START, "headers": [(b"request id", b"1")]})
    await send(END)


async def colon_in_a_name(scope, receive, send):
    """http.semantics.header.name: leaves the colon of the header line in its name."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-type:", b"text/plain")]})
    await send(END)


async def empty_name(scope, receive, send):
    """http.semantics.header.name: sends a header without a name."""
    expect(scope, "http")
    await send({**START, "headers": [(b"", b"1")]})
    await send(END)


async def line_feed_in_a_value(scope, receive, send):
    """http.semantics.header.value: folds a long value, as HTTP once allowed."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-security-policy", b"default-src 'self';\r\n img-src *")]})
    await send(END)


async def nul_in_a_value(scope, receive, send):
    """http.semantics.header.value: ends a value as C ends a string."""
    expect(scope, "http")
    await send({**START, "headers": [(b"x-name", b"hello\0")]})
    await send(END)
