"""The transport: what httpx.ASGITransport does, and what a server decides."""

import anyio
import httpx
import httpx2
import pytest

from asgiscope.testing import ASGITransport
from tests.asgiscope.testing.applications import OK, answering, echo, hello, noting, saying
from tests.asgiscope.testing.loops import on_both_loops


async def reading(scope, receive, send):
    """Reads the request to its end, and then what comes next."""
    while (await receive()).get("more_body"):
        pass
    await hello(scope, receive, send)
    await receive()


async def failing(scope, receive, send):
    raise ValueError("broken")


async def failing_later(scope, receive, send):
    await send(OK)
    await send({"type": "http.response.body", "body": b"one ", "more_body": True})
    raise ValueError("broken")


async def failing_at_last(scope, receive, send):
    await hello(scope, receive, send)
    raise ValueError("broken")


@on_both_loops
async def test_response_is_what_the_application_sends(client_of):
    async with client_of(answering(b"made", 201, [(b"x-a", b"1"), (b"x-a", b"2")])) as client:
        response = await client.get("/")
    assert (response.status_code, response.content, response.http_version) == (201, b"made", "HTTP/1.1")
    assert response.headers.get_list("x-a") == ["1", "2"]
    assert response.elapsed.total_seconds() >= 0


@pytest.mark.parametrize("named", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_positional_arguments_are_those_of_httpx(named):
    theirs = named.ASGITransport(hello, False, "/sub", ("10.0.0.1", 1))
    ours = ASGITransport(hello, False, "/sub", ("10.0.0.1", 1))
    for name in ("raise_app_exceptions", "root_path", "client"):
        assert getattr(ours, name) == getattr(theirs, name)


@pytest.mark.parametrize(
    ("method", "options", "pieces"),
    [
        ("GET", {}, [(b"", False)]),
        ("POST", {}, [(b"", False)]),
        ("POST", {"content": b"body"}, [(b"body", False)]),
        ("POST", {"json": {"a": 1}}, [(b'{"a":1}', False)]),
        ("POST", {"data": {"a": "1"}}, [(b"a=1", False)]),
        ("POST", {"content": b"x" * 100_000}, [(b"x" * 65_536, True), (b"x" * 34_464, False)]),
    ],
    ids=["nothing", "empty", "bytes", "json", "form", "large"],
)
@on_both_loops
async def test_body_that_is_there_as_a_whole_has_no_event_too_many(client_of, method, options, pieces):
    app, _, events = noting(reading)
    async with client_of(app) as client:
        await client.request(method, "/", **options)
    assert [(event.get("body"), event.get("more_body")) for event in events] == [*pieces, (None, None)]
    assert events[-1] == {"type": "http.disconnect"}


@on_both_loops
async def test_body_of_known_length_ends_with_its_last_byte(client_of):
    async def body():
        yield b"one "
        yield b""
        yield b"two"

    app, _, events = noting(reading)
    async with client_of(app) as client:
        await client.post("/", content=body(), headers={"content-length": "7"})
    assert [(event["body"], event["more_body"]) for event in events[:-1]] == [
        (b"one ", True),
        (b"two", False),
    ]


@on_both_loops
async def test_body_of_unknown_length_ends_with_an_empty_piece(client_of):
    async def body():
        yield b"one "
        yield b"two"

    app, _, events = noting(reading)
    async with client_of(app) as client:
        await client.post("/", content=body())
    assert [event["body"] for event in events[:-1]] == [b"one ", b"two", b""]
    assert [event["more_body"] for event in events[:-1]] == [True, True, False]


@pytest.mark.parametrize("length", [1, 8])
@on_both_loops
async def test_body_has_to_be_as_long_as_its_content_length(client_of, library, length):
    async def body():
        yield b"one "

    app, _, events = noting(reading)
    async with client_of(app) as client:
        with pytest.raises(library.LocalProtocolError, match="content-length"):
            await client.post("/", content=body(), headers={"content-length": str(length)})
    assert events[-1] == {"type": "http.disconnect"}


@on_both_loops
async def test_file_is_uploaded(client_of):
    async with client_of(echo) as client:
        response = await client.post("/", files={"file": ("a.txt", b"in the file")})
    assert b"in the file" in response.content


@on_both_loops
async def test_answer_to_head_has_no_body(client_of):
    async with client_of(hello) as client:
        response = await client.head("/")
    assert (response.status_code, response.content) == (200, b"")


@on_both_loops
async def test_application_that_raises_nothing_has_ended_when_its_body_has(client_of):
    done = []

    async def working_on(scope, receive, send):
        await hello(scope, receive, send)
        assert await receive() == {"type": "http.disconnect"}
        done.append(scope["path"])

    async with client_of(working_on) as client:
        await client.get("/read")
        async with client.stream("GET", "/streamed") as response:
            assert [chunk async for chunk in response.aiter_bytes()] == [b"Hello, World!"]
            assert done == ["/read", "/streamed"]


@on_both_loops
async def test_application_that_goes_on_for_long_behind_its_response_is_named(client_of):
    may_end = anyio.Event()

    async def working_on(scope, receive, send):
        await hello(scope, receive, send)
        await anyio.sleep(50)
        await may_end.wait()

    async with client_of(working_on) as client:
        with pytest.raises(TimeoutError, match=r"GET / is still running after 60 seconds, at .*working_on"):
            await client.get("/")
        may_end.set()
        await client.get("/")


@pytest.mark.parametrize("app", [failing, failing_later, failing_at_last])
@on_both_loops
async def test_exception_of_the_application_is_raised(client_of, app):
    async with client_of(app) as client:
        with pytest.raises(ValueError, match="broken"):
            await client.get("/")


@pytest.mark.parametrize(
    ("app", "status", "body"),
    [(failing, 500, b""), (failing_later, 200, b"one "), (failing_at_last, 200, b"Hello, World!")],
)
@on_both_loops
async def test_exception_of_the_application_is_answered(client_of, app, status, body):
    async with client_of(app, raise_app_exceptions=False) as client:
        response = await client.get("/")
    assert (response.status_code, response.content) == (status, body)


@on_both_loops
async def test_assertion_in_an_application_is_raised_whatever_is_asked(client_of):
    async def failing_test(scope, receive, send):
        pytest.fail("in the application")

    async with client_of(failing_test, raise_app_exceptions=False) as client:
        with pytest.raises(pytest.fail.Exception, match="in the application"):
            await client.get("/")


@pytest.mark.parametrize(
    ("app", "how"),
    [
        (saying(), "without a response"),
        (saying(OK), "in the middle of its response"),
        (saying(OK, {"type": "http.response.body", "more_body": True}), "in the middle of its response"),
    ],
)
@on_both_loops
async def test_response_that_is_not_whole_is_an_error_of_the_protocol(client_of, library, app, how):
    async with client_of(app) as client:
        with pytest.raises(library.RemoteProtocolError, match=how):
            await client.get("/")


@on_both_loops
async def test_subclass_of_a_request_is_a_request(client_of, library):
    class Request(library.Request):
        pass

    async with client_of(hello) as client:
        response = await client.send(Request("GET", "http://testserver/"))
    assert isinstance(response, library.Response)


@on_both_loops
async def test_conversations_are_kept(client_of):
    async with client_of(hello) as client:
        response = await client.get("/a")
        for _ in range(3):
            await client.get("/b")
    asgi = response.extensions["asgi"]
    kept = asgi.calls.conversations
    assert [conversation.scope["path"] for conversation in kept] == ["/a", "/b", "/b", "/b"]
    assert asgi.conversation is kept[0]
    assert [event.type for event in kept[0].events] == ["http.response.start", "http.response.body"]


@on_both_loops
async def test_conversation_in_which_something_is_broken_is_kept_for_good(client_of):
    async def shouting(scope, receive, send):
        headers = [(b"X-A", b"1")] if scope["path"] == "/broken" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    async with client_of(shouting) as client:
        response = await client.get("/broken")
        for _ in range(200):
            await client.get("/")
    calls = response.extensions["asgi"].calls
    assert len(calls.conversations) == 100
    assert [conversation.scope["path"] for conversation in calls.broken] == ["/broken"]


@on_both_loops
async def test_redirects_cookies_and_auth_are_those_of_the_client(client_of):
    async def app(scope, receive, send):
        headers = dict(scope["headers"])
        if scope["path"] == "/login":
            extra = [(b"location", b"/home"), (b"set-cookie", b"session=1; Path=/")]
            await answering(status=303, headers=extra)(scope, receive, send)
        else:
            await answering(headers[b"cookie"] + b" " + headers[b"authorization"])(scope, receive, send)

    async with client_of(app) as client:
        response = await client.post("/login", data={"a": "b"}, auth=("u", "p"), follow_redirects=True)
    assert response.text == "session=1 Basic dTpw"
    assert [one.status_code for one in response.history] == [303]


@on_both_loops
async def test_encoded_response_is_decoded(client_of):
    import gzip

    headers = [(b"content-encoding", b"gzip")]
    async with client_of(answering(gzip.compress(b"text"), headers=headers)) as client:
        assert (await client.get("/")).text == "text"
