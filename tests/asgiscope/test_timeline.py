"""The timeline of a conversation, as a terminal shows it."""

import asyncio
import re
from pathlib import Path

import pytest

from asgiscope.check.scenario import Request, Scenario, body, connection
from asgiscope.check.server import Server
from asgiscope.conversation import Conversation, Cut, Opaque
from asgiscope.recorder import Recorder
from asgiscope.timeline import render, short

HEADERS = [(b"content-type", b"text/plain"), (b"set-cookie", b"sessionid=abc; Path=/")]


async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"hello"})


async def held(app, request="GET /", **scenario):
    """A conversation about a request."""
    asked = Request.parse(request, ["authorization: Bearer abc"])
    scenario = Scenario("", "", connection("http", asked), body(b"a"), **scenario)
    return (await Server(scenario).hold(app, 5)).conversation


@pytest.fixture
def here(monkeypatch):
    """The directory of this file, from which its path is its name."""
    monkeypatch.chdir(Path(__file__).parent)


@pytest.mark.usefixtures("here")
async def test_timeline_says_what_was_said_and_by_which_line():
    text = render(await held(app, "GET /items?page=2"), width=90)
    first = app.__code__.co_firstlineno
    text = re.sub(r"^ +[\d.]+ ms(?=  )", "TIME", text, flags=re.MULTILINE)
    assert re.sub(r" +(?=test_timeline.py)", " at ", text).splitlines() == [
        "GET /items?page=2",
        "         HTTP/1.1  offers debug, early_hint, pathsend, push, trailers, zerocopysend",
        "         host: localhost:8000",
        "         user-agent: asgiscope",
        "         accept: */*",
        "         cookie: first=***; second=***",
        "         authorization: Bearer ***",
        f"TIME  → receive  http.request  body=b'a'  more_body=False at test_timeline.py:{first + 1} in app",
        f"TIME  ← send     http.response.start  status=200 at test_timeline.py:{first + 2} in app",
        "                       content-type: text/plain",
        "                       set-cookie: sessionid=***; Path=/",
        f"TIME  ← send     http.response.body  body=b'hello' at test_timeline.py:{first + 3} in app",
        "TIME  ■ returned",
    ]


async def test_secrets_are_shown_to_whoever_asks_for_them():
    text = render(await held(app, "GET /?token=abc"), secrets=True)
    assert "GET /?token=abc" in text
    assert "authorization: Bearer abc" in text
    assert "set-cookie: sessionid=abc" in text


async def test_violation_stands_below_its_event():
    async def text_as_body(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": "hello"})

    _, after = render(await held(text_as_body)).split("body='hello'")
    assert [line.strip() for line in after.splitlines()[1:7]] == [
        "must http.response.body.body.type",
        "'body' of 'http.response.body' is 'hello' (str), not a byte string.",
        "The clause: The 'body' of 'http.response.body' is a byte string, where it",
        "is given. (www.rst: Response Body - send event)",
        "Instead: encode the text, or turn the buffer into bytes with `bytes()`,",
        "before you send it.",
    ]


async def test_clause_that_an_event_breaks_several_times_is_told_once():
    async def shouting(scope, receive, send):
        headers = [(b"A", b""), (b"B", b""), (b"C", b"")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    text = render(await held(shouting))
    assert text.count("http.response.start.headers.lowercase") == 1
    assert text.count("is not lower-case") == 3


async def test_what_was_left_unsaid_stands_at_the_end():
    async def silent(scope, receive, send):
        await receive()

    _, after = render(await held(silent)).split("■ returned\n")
    assert after.startswith("                       must http.response.start.once\n")


async def test_exception_is_shown_with_the_frames_of_the_application():
    async def failing(scope, receive, send):
        raise KeyError("item")

    _, after = render(await held(failing)).split("■ raised KeyError: 'item'\n")
    lines = [line.strip() for line in after.splitlines()]
    assert lines[0] == "Traceback (most recent call last):"
    assert "test_timeline.py" in lines[1]
    assert lines[2:] == ['raise KeyError("item")', "KeyError: 'item'"]


async def test_events_that_are_alike_are_counted():
    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        for _ in range(20):
            await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        await send({"type": "http.response.body"})

    text = render(await held(stream))
    assert text.count("body=b'12345'") == 4
    assert "...        16 more of these; 100 bytes in all" in text


async def test_what_took_long_is_told():
    async def long_poll(scope, receive, send):
        await receive()
        await receive()

    text = render(await held(long_poll, patience=0.05), width=120)
    assert re.search(r"receive  http.disconnect  waited \d+", text)


async def test_tasks_are_named_where_there_are_several():
    async def two_tasks(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await asyncio.create_task(send({"type": "http.response.body"}), name="the other")

    text = render(await held(two_tasks), width=120)
    assert re.search(
        r"http.response.start  \[Task-\d+\]  status=200 .*\n.*http.response.body  \[the other\]", text
    )
    assert "[Task-" not in render(await held(app))


async def test_send_that_raises_is_shown_with_what_it_raised():
    assert "raised ClientLeft: the client has left" in render(await held(app, fails=2))


async def test_stacked_recorders_are_lanes_and_what_is_between_them_is_told():
    def middleware(app):
        async def outer(scope, receive, send):
            async def changed(event):
                await send({**event, "status": 404} if "status" in event else event)

            await app(scope, receive, changed)

        return outer

    text = render(await held(middleware(Recorder(app, name="shop"))))
    titles = [line.strip("- ") for line in text.splitlines() if line.startswith("--")]
    assert titles[1:] == ["lane 2 of 2: shop", "from lane to lane"]
    assert "'status' 200 -> 404" in text
    assert "recorder.py" not in text


async def test_conversation_that_goes_on_can_be_shown():
    seen = []

    async def watched(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        seen.append(render(conversations[0]))
        await send({"type": "http.response.body"})

    conversations = []

    async def send(event):
        seen.append(render(conversations[0]))

    await Recorder(watched, conversations.append)(connection("http", Request()), None, send)
    assert "and waits" in seen[0]
    assert "■ goes on" in seen[0]
    assert "and waits" not in seen[1]


async def test_application_without_lifespan_is_not_shown_as_a_failure():
    async def no_lifespan(scope, receive, send):
        raise NotImplementedError(scope["type"])

    scenario = Scenario("", "", {"type": "lifespan", "asgi": {"version": "3.0"}})
    text = render((await Server(scenario).hold(no_lifespan, 5)).conversation)
    assert "raised NotImplementedError: lifespan" in text
    assert "That is how an application says that it has no lifespan." in text
    assert "Traceback" not in text


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_lines_fit_where_words_do(width):
    text = render(await held(app), width=width)
    assert all(len(line) <= width for line in text.splitlines())


async def test_colours_are_there_only_if_asked_for():
    conversation = await held(app)
    assert "\x1b" not in render(conversation)
    assert re.sub(r"\x1b\[[\d;]*m", "", render(conversation, colour=True)) == render(conversation)


async def test_nothing_in_a_conversation_is_obeyed_by_the_terminal():
    async def evil(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"\x1b[2J")]})
        await send({"type": "http.response.\x1b[2J", "a\x1b[2Jb": "\x1b[2J"})
        raise ValueError("\x1b[2J")

    assert "\x1b" not in render(await held(evil, "GET /\x1b[2J"))


async def test_recorded_conversation_is_shown_as_it_was():
    conversation = await held(app)
    assert render(Conversation.from_json(conversation.to_json())) == render(conversation)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"x" * 48, repr(b"x" * 48)),
        (b"x" * 49, f"{b'x' * 48!r}... (49 bytes)"),
        ("x" * 1234, f"{'x' * 48!r}... (1,234 characters)"),
        (Cut(b"xyz", 70_000), "b'xyz'... (70,000 bytes)"),
        (Opaque("File", "<file>"), "<file>"),
        (None, "None"),
    ],
)
def test_value_is_shown_in_a_line(value, text):
    assert short(value) == text
