"""Applications that keep every clause of HTTP, each in a way that surprises somebody."""

import asyncio
import functools
import secrets
from contextlib import aclosing, suppress
from http import HTTPStatus

from .lawful import END, START, content, expect, header, left, read, stop

# What may be left out, and what may be there


async def length_without_body_for_head(scope, receive, send):
    """Right: the content-length of HEAD is that of GET, and no body has to be of that length."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def not_modified_with_length(scope, receive, send):
    """Right: the content-length of 304 is that of the page which it does not send."""
    expect(scope, "http")
    await send({**START, "status": 304, "headers": [(b"content-length", b"5"), (b"etag", b'"1"')]})
    await send(END)


async def no_content(scope, receive, send):
    """Right: status 204 has no content-length, and still its one body event."""
    expect(scope, "http")
    await send({**START, "status": 204})
    await send(END)


async def reset_content(scope, receive, send):
    """Right: status 205 says with its content-length that nothing follows."""
    expect(scope, "http")
    await send({**START, "status": 205, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def nothing_but_types(scope, receive, send):
    """Right: a start has to have a status, and a body event need have nothing."""
    expect(scope, "http")
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})


async def defaults_spelled_out(scope, receive, send):
    """Right: what may be left out may be there, with the value that stands for its absence."""
    expect(scope, "http")
    await send({**START, "headers": [], "trailers": False})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def keys_of_ones_own(scope, receive, send):
    """Right: an event may have keys that nobody knows, with values of any type that events have."""
    expect(scope, "http")
    await send({**START, "house": {"labels": ["cold", None, True], "ratio": 0.5, "serial": 2**63 - 1}})
    await send({**END, "checksum": b"\x00\xff"})


async def body_behind_many_empty_ones(scope, receive, send):
    """Right: an empty body event is one like any other, before, between and after the rest."""
    expect(scope, "http")
    await send(START)
    for piece in (b"", content(scope, b"hello"), b""):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def byte_by_byte(scope, receive, send):
    """Right: a body may come in pieces of one byte, and its length is that of all of them."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5")]})
    for byte in content(scope, b"hello"):
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
    await send(END)


# Status


async def status_of_an_enumeration(scope, receive, send):
    """Right: a member of http.HTTPStatus is an int."""
    expect(scope, "http")
    await send({**START, "status": HTTPStatus.IM_A_TEAPOT})
    await send(END)


async def status_that_nobody_has_registered(scope, receive, send):
    """Right: 299 is a status without a name, and 2xx is what it means."""
    expect(scope, "http")
    await send({**START, "status": 299})
    await send(END)


async def status_599(scope, receive, send):
    """Right: 599 is the last status of a class, and is sent as any other."""
    expect(scope, "http")
    await send({**START, "status": 599})
    await send(END)


# Headers


async def pairs_as_lists(scope, receive, send):
    """Right: a header may be a list of two, and the headers a tuple."""
    expect(scope, "http")
    await send({**START, "headers": ([b"content-type", b"text/plain"], [b"x-a", b"1"])})
    await send(END)


async def headers_from_a_generator(scope, receive, send):
    """Right: headers are any iterable, also one that can be read only once."""
    expect(scope, "http")
    headers = {"content-type": "text/plain", "content-length": "5"}
    await send({**START, "headers": ((name.encode(), value.encode()) for name, value in headers.items())})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def headers_from_a_dict(scope, receive, send):
    """Right: the items of a dict are pairs."""
    expect(scope, "http")
    await send({**START, "headers": {b"content-type": b"text/plain", b"x-a": b"1"}.items()})
    await send(END)


async def headers_from_a_set(scope, receive, send):
    """Right: a set is an iterable too, and the order of headers with different names means nothing."""
    expect(scope, "http")
    await send({**START, "headers": {(b"content-type", b"text/plain"), (b"x-a", b"1")}})
    await send(END)


async def two_cookies(scope, receive, send):
    """Right: each cookie is set by a header of its own, and so the name is there twice."""
    expect(scope, "http")
    await send({**START, "headers": [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2")]})
    await send(END)


async def value_in_latin_1(scope, receive, send):
    """Right: a header value may hold bytes above ASCII, and what they mean is for the client to know."""
    expect(scope, "http")
    name = "naïve.txt".encode("latin-1")
    await send({**START, "headers": [(b"content-disposition", b'attachment; filename="' + name + b'"')]})
    await send(END)


async def empty_value(scope, receive, send):
    """Right: a header value may be empty, and may hold a tab."""
    expect(scope, "http")
    await send({**START, "headers": [(b"x-empty", b""), (b"x-columns", b"a\tb")]})
    await send(END)


async def name_of_all_marks(scope, receive, send):
    """Right: a token may hold many a mark beside letters."""
    expect(scope, "http")
    await send({**START, "headers": [(b"x-!#$%&'*+.^_`|~-9", b"1")]})
    await send(END)


async def same_length_twice(scope, receive, send):
    """Right: a content-length that is there twice is one, if both are the same."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"5"), (b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello")})


async def transfer_encoding(scope, receive, send):
    """Right: 'transfer-encoding' is the server's business, which ignores the application's."""
    expect(scope, "http")
    await send({**START, "headers": [(b"transfer-encoding", b"chunked")]})
    await send({"type": "http.response.body", "body": content(scope, b"hello"), "more_body": True})
    await send(END)


# The request


async def answers_unread(scope, receive, send):
    """Right: an application need not read the request, and may never call receive."""
    expect(scope, "http")
    await send({**START, "status": 404})
    await send({"type": "http.response.body", "body": content(scope, b"not found")})


async def answers_while_it_reads(scope, receive, send):
    """Right: a response may start before the request has ended, and echo it piece by piece."""
    expect(scope, "http")
    await send(START)
    while (event := await receive())["type"] == "http.request":
        more = event.get("more_body", False)
        piece = content(scope, event.get("body", b""))
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        if not more:
            return


async def reads_when_it_has_answered(scope, receive, send):
    """Right: what is left of a request may be read after the response, which gives a disconnect."""
    expect(scope, "http")
    await send(START)
    await send(END)
    await left(receive)


async def listens_once_more(scope, receive, send):
    """Right: an application may hear of the same disconnect twice."""
    expect(scope, "http")
    await send(START)
    await left(receive)
    await left(receive)


async def whatever_the_method(scope, receive, send):
    """Right: a method is any token in upper case, and an application need know none of them."""
    expect(scope, "http")
    if await read(receive) is not None:
        await send({**START, "headers": [(b"x-method", scope["method"].encode())]})
        await send(END)


async def cookies_in_any_number(scope, receive, send):
    """Right: joins the cookies that HTTP/2 has split, whatever case their name is in."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, header(scope, b"cookie"))})


async def keys_by_get(scope, receive, send):
    """Right: reads all that is optional, and has an answer where it is not there."""
    expect(scope, "http")
    optional = ("scheme", "raw_path", "root_path", "client", "server", "extensions", "state")
    await send(START)
    await send(
        {"type": "http.response.body", "body": content(scope, repr([*map(scope.get, optional)]).encode())}
    )


async def different_each_time(scope, receive, send):
    """Right: no two answers are the same, whatever is asked."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, secrets.token_bytes(16))})


async def sees_no_cookies_over_http_2(scope, receive, send):
    """Right: what a request is answered may depend on all that it says, also on the version of HTTP."""
    expect(scope, "http")
    status = 200 if scope["http_version"] == "1.1" else 505
    await send({**START, "status": status})
    await send(END)


async def counts_the_pieces(scope, receive, send):
    """Right: tells how the body came, which is the truth, and no misunderstanding of it."""
    expect(scope, "http")
    events = [await receive()]
    while events[-1]["type"] == "http.request" and events[-1].get("more_body"):
        events.append(await receive())
    if events[-1]["type"] == "http.request":
        await send({**START, "headers": [(b"x-pieces", str(len(events)).encode())]})
        await send(END)


async def demands_a_length(scope, receive, send):
    """Right: answers 411 to an upload without a content-length, and 400 to a request without a host."""
    expect(scope, "http")
    names = {name.lower() for name, _ in scope["headers"]}
    status = 400 if b"host" not in names else 411 if b"content-length" not in names else 200
    await send({**START, "status": status})
    await send(END)


# Errors


async def always_raises(scope, receive, send):
    """Right: an exception is for the server to answer, and breaks no clause."""
    raise LookupError(f"nothing is here for {scope['type']!r}")


async def raises_after_start(scope, receive, send):
    """Right: an exception after the start cuts the response off, and owes no body any more."""
    expect(scope, "http")
    await send({**START, "headers": [(b"content-length", b"500")]})
    raise LookupError("no such thing")


async def raises_in_mid_body(scope, receive, send):
    """Right: an exception in the body is the only way to say that it does not end well."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"hello, "), "more_body": True})
    raise ConnectionError("the database has gone")


async def raises_after_the_end(scope, receive, send):
    """Right: an exception after the response is for the log."""
    expect(scope, "http")
    await send(START)
    await send(END)
    raise LookupError("the statistics could not be written")


async def error_page_before_start(scope, receive, send):
    """Right: a response of its own to an exception, as nothing had been sent yet."""
    expect(scope, "http")
    try:
        raise LookupError("no such thing")
    except LookupError:
        await send({**START, "status": 500})
        await send(END)


# A client that leaves


async def long_poll(scope, receive, send):
    """Right: has nothing to say until the client has left, and returns without a response."""
    expect(scope, "http")
    await left(receive)


async def long_poll_that_has_started(scope, receive, send):
    """Right: owes no end of the body to a client that has left."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"wait"), "more_body": True})
    await left(receive)


async def endless_events(scope, receive, send):
    """Right: sends without end, and a task of its own listens for the end."""
    expect(scope, "http")
    listener = asyncio.create_task(left(receive))
    try:
        await send({**START, "headers": [(b"content-type", b"text/event-stream")]})
        while not listener.done():
            await send(
                {"type": "http.response.body", "body": content(scope, b"data: \n\n"), "more_body": True}
            )
            await asyncio.sleep(0.001)
    finally:
        await stop(listener)


async def endless_events_in_a_task(scope, receive, send):
    """Right: the task that sends may be ahead of the one that listens, when the client has left."""
    expect(scope, "http")

    async def stream():
        await send(START)
        while True:
            await send(
                {"type": "http.response.body", "body": content(scope, b"data: \n\n"), "more_body": True}
            )
            await asyncio.sleep(0.001)

    streaming = asyncio.create_task(stream())
    await left(receive)
    await stop(streaming)


async def task_group(scope, receive, send):
    """Right: two tasks in a group, of which the one that has heard of the disconnect ends the other."""
    expect(scope, "http")

    async def stream():
        await send(START)
        while True:
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            await asyncio.sleep(0.001)

    async with asyncio.TaskGroup() as group:
        streaming = group.create_task(stream())
        await left(receive)
        streaming.cancel()


async def catches_the_error_of_send(scope, receive, send):
    """Right: an OSError from send means that the client has left, and nothing is wrong."""
    expect(scope, "http")
    with suppress(OSError):
        await send(START)
        for _ in range(50):
            await send({"type": "http.response.body", "body": content(scope, b"tick\n"), "more_body": True})
        await send(END)


async def lets_the_error_of_send_pass(scope, receive, send):
    """Right: an OSError from send may leave the application, and the server knows what it is."""
    expect(scope, "http")
    await send(START)
    for _ in range(50):
        await send({"type": "http.response.body", "body": content(scope, b"tick\n"), "more_body": True})
    await send(END)


async def wraps_the_error_of_send(scope, receive, send):
    """Right: an exception of a framework's own in place of the OSError is the framework's own business."""
    expect(scope, "http")
    try:
        await send(START)
        await send(END)
    except OSError as error:
        raise RuntimeError("the client has left") from error


async def says_it_all_whoever_listens(scope, receive, send):
    """Right: a response that is short may be sent to its end, and nobody need listen for a disconnect."""
    expect(scope, "http")
    pieces = [{"type": "http.response.body", "body": content(scope, b"tick\n"), "more_body": True}] * 20
    for event in (START, *pieces, END):
        with suppress(OSError):
            await send(event)


async def generator_of_pieces(scope, receive, send):
    """Right: the pieces come from an async generator, which is closed when the client has left."""
    expect(scope, "http")

    async def pieces():
        for number in range(3):
            yield content(scope, f"{number}\n".encode())

    await send(START)
    async with aclosing(pieces()) as numbered:
        async for piece in numbered:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send(END)


async def read_ahead(scope, receive, send):
    """Right: a task reads the request into a queue, and another one answers from there."""
    expect(scope, "http")
    queue = asyncio.Queue(1)

    async def pump():
        while (event := await receive())["type"] != "http.disconnect":
            await queue.put(event)
        await queue.put(event)

    pumping = asyncio.create_task(pump())
    body = await read(queue.get)
    if body is not None:
        await send(START)
        await send({"type": "http.response.body", "body": content(scope, body)})
    await stop(pumping)


async def cleans_up_for_a_while(scope, receive, send):
    """Right: what is to be cleaned up may take its time after the disconnect."""
    expect(scope, "http")
    await send(START)
    await left(receive)
    await asyncio.sleep(0.01)


async def shielded_from_cancellation(scope, receive, send):
    """Right: finishes what it has begun when it is cancelled, and ends then."""
    expect(scope, "http")
    work = asyncio.create_task(asyncio.sleep(0.01))
    try:
        await asyncio.shield(work)
        await send(START)
        await send(END)
    finally:
        await work


async def unknown_path_alone(scope, receive, send):
    """Right: raises for every path but one, as some do that stand behind a router."""
    expect(scope, "http")
    if scope["path"] != "/":
        raise LookupError(scope["path"])
    await send(START)
    await send(END)


async def greeting(word, scope, receive, send):
    """An application, but for its first argument."""
    expect(scope, "http")
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, word)})


partial = functools.partial(greeting, b"hello")
partial.__doc__ = "Right: a partial of a coroutine function is an async callable of three arguments."


async def unavailable_without_an_address(scope, receive, send):
    """Right: says by 503 that it cannot serve where it is not told its own address."""
    expect(scope, "http")
    if scope.get("server") is None:
        await send({**START, "status": 503})
        await send({"type": "http.response.body", "body": content(scope, b"Tell it where it is.")})
        return
    await send(START)
    await send({"type": "http.response.body", "body": content(scope, b"Here.")})


async def fails_late_and_soon(scope, receive, send):
    """Right: what it asks never answers, which it finds out soon or late, as it happens."""
    expect(scope, "http")
    event = await receive()
    gone = asyncio.create_task(left(receive))
    try:
        await asyncio.wait({gone}, timeout=1.2 if "body" in event else 0)
        if not gone.done():
            await send({**START, "status": 502})
            await send(END)
    finally:
        await stop(gone)
