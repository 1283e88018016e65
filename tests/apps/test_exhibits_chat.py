"""A chat: who hears what, who is let go, who is not let in, and that rooms are empty afterwards."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from apps.raw_asgi import chat
from asgiscope.testing import WebSocketClosed
from tests.apps.nonsense import NONSENSE
from tests.conversation import answer, call, until, websocket


@pytest.fixture(autouse=True)
async def nothing_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert chat.rooms == {}
    assert chat.turns == {}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Members may talk as fast as they like, where it is not about that."""
    monkeypatch.setattr(chat, "PAUSE", 0)


def known(app, name):
    """The application behind somebody who knows who is there."""

    async def wrapped(scope, receive, send):
        await app({**scope, "member": name}, receive, send)

    return wrapped


@pytest.fixture
async def join(asgi_websocket):
    """Come into a room, which whoever is still there leaves in the end."""
    async with AsyncExitStack() as stack:

        async def join(name, room="tea", app=chat.app):
            return await stack.enter_async_context(asgi_websocket(known(app, name), f"/{room}"))

        yield join


async def hear(member):
    """Who says what."""
    message = await member.receive_json()
    return message["from"], message["text"]


async def speak(member, text):
    await member.send_json({"text": text})


async def let_go(member):
    """How a member is let go, who hears nothing else."""
    with pytest.raises(WebSocketClosed) as closed:
        await member.receive()
    return closed.value.code, closed.value.reason


async def enter(stack, app):
    """Come into a room, and return the server's end of that."""
    server = await stack.enter_async_context(call(app, websocket("/tea", member="somebody")))
    await server.says("websocket.connect")
    assert await server.hears() == {"type": "websocket.accept"}
    return server


def unread(app, accepts_close=True):
    """The application with a client that reads no message, so that `send` waits for room for ever."""
    stuck = {"websocket.send"} if accepts_close else {"websocket.send", "websocket.close"}

    async def wrapped(scope, receive, send):
        async def send_slowly(event):
            if event["type"] in stuck:
                await asyncio.Event().wait()
            await send(event)

        await app(scope, receive, send_slowly)

    return wrapped


def breaking(app, error):
    """The application on a server whose `send` raises once the handshake is over."""

    async def wrapped(scope, receive, send):
        async def send_or_raise(event):
            if event["type"] != "websocket.accept":
                raise error
            await send(event)

        await app(scope, receive, send_or_raise)

    return wrapped


async def test_chat_members_hear_everybody_in_the_same_order(join):
    ann, ben = await join("Ann"), await join("Ben")
    for n in range(20):
        await speak(ann, f"a{n}")
        await speak(ben, f"b{n}")
    heard = [[await hear(member) for _ in range(40)] for member in (ann, ben)]
    assert heard[0] == heard[1]
    for name, letter in (("Ann", "a"), ("Ben", "b")):
        assert [text for who, text in heard[0] if who == name] == [f"{letter}{n}" for n in range(20)]


async def test_chat_takes_no_one_for_slow_because_many_speak_in_one_moment(join):
    count = 2 * chat.BACKLOG
    members = [await join(f"m{n}") for n in range(count)]
    for member in members:
        await speak(member, "Hello!")
    heard = [[await hear(member) for _ in range(count)] for member in members]
    assert all(each == heard[0] for each in heard)


async def test_chat_rooms_hear_nothing_of_each_other(join):
    ann, ben = await join("Ann", "tea"), await join("Ben", "milk")
    await speak(ann, "tea")
    await speak(ben, "milk")
    assert await hear(ann) == ("Ann", "tea")
    assert await hear(ben) == ("Ben", "milk")


async def test_chat_lets_a_slow_member_go_and_holds_up_nobody_else(join):
    ann, slow = await join("Ann"), await join("Slow", app=unread(chat.app))
    # One message is on its way to the slow member, the queue holds as many more, and one is too much.
    for n in range(1 + chat.BACKLOG + 1):
        assert len(chat.rooms["tea"]) == 2
        await speak(ann, str(n))
        assert await hear(ann) == ("Ann", str(n))
    assert await let_go(slow) == (1013, "you read more slowly than the others write")
    await speak(ann, "still here")
    assert await hear(ann) == ("Ann", "still here")


async def test_chat_keeps_all_who_read_when_somebody_talks_fast(join):
    ann, ben, slow = await join("Ann"), await join("Ben"), await join("Slow", app=unread(chat.app))
    said = [("Ann", str(n)) for n in range(10 * chat.BACKLOG)]
    for _, text in said:
        await speak(ann, text)
    for member in (ann, ben):
        assert [await hear(member) for _ in said] == said
    assert (await let_go(slow))[0] == 1013


async def test_chat_hears_others_while_somebody_talks_without_end_on_several_connections(join, monkeypatch):
    monkeypatch.setattr(chat, "PAUSE", 0.05)
    ann, *loud = await join("Ann"), await join("Loud"), await join("Loud")
    for n in range(200):
        await speak(loud[n % 2], str(n))
    assert (await hear(ann))[0] == "Loud"
    await speak(ann, "May I?")
    assert ("Ann", "May I?") in [await hear(ann) for _ in range(5)]


async def test_chat_lets_a_member_go_who_hears_not_even_that(monkeypatch):
    monkeypatch.setattr(chat, "GOODBYE", 0.01)
    async with AsyncExitStack() as stack:
        deaf = await enter(stack, unread(chat.app, accepts_close=False))
        for _ in range(1 + chat.BACKLOG + 1):
            await deaf.says("websocket.receive", text='{"text": "x"}')
        assert await deaf.returns() == []


async def test_chat_member_who_leaves_while_too_slow_is_sent_nothing_more(asgi_websocket):
    async with asgi_websocket(known(unread(chat.app), "Slow"), "/tea") as slow:
        for n in range(1 + chat.BACKLOG):
            await speak(slow, str(n))
        [(outbox, _)] = chat.rooms["tea"].items()
        await until(outbox.full)
    assert slow.conversation.events[-1].type == "websocket.disconnect"


@pytest.mark.parametrize(("message", "code"), NONSENSE)
async def test_chat_ends_for_the_member_who_says_what_is_no_message(join, message, code):
    async with AsyncExitStack() as stack:
        ann, ben = await enter(stack, chat.app), await join("Ben")
        await ann.says("websocket.receive", **message)
        [close] = await ann.returns()
        assert (close["type"], close["code"]) == ("websocket.close", code)
        assert len(close["reason"].encode()) <= 123
        await speak(ben, "Bye")
        assert await hear(ben) == ("Ben", "Bye")


@pytest.mark.parametrize("text", ["", "x" * 2000, "Grüße", '"\\', "\ud800", "</script>", "\0"], ids=ascii)
async def test_chat_passes_on_any_text_as_it_was(join, text):
    ann = await join("Ann")
    await speak(ann, text)
    assert await hear(ann) == ("Ann", text)


HOST = (b"host", b"testserver")


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        pytest.param([HOST], True, id="no browser"),
        pytest.param([HOST, (b"origin", b"http://testserver")], True, id="a page of this site"),
        pytest.param([HOST, (b"origin", b"https://testserver")], True, id="a page of this site, encrypted"),
        pytest.param([(b"Host", b"a:1"), (b"Origin", b"http://a:1")], True, id="this site, case kept"),
        pytest.param([HOST, (b"origin", b"http://elsewhere.example")], False, id="a page of another site"),
        pytest.param([HOST, (b"Origin", b"http://elsewhere.example")], False, id="another site, case kept"),
        pytest.param([HOST, (b"origin", b"http://testserver:81")], False, id="another port"),
        pytest.param([HOST, (b"origin", b"http://testserver.example")], False, id="a longer name"),
        pytest.param([HOST, (b"origin", b"http://a.testserver")], False, id="a name below"),
        pytest.param([HOST, (b"origin", b"null")], False, id="a page in a sandbox"),
        pytest.param([HOST, (b"origin", b"")], False, id="nothing"),
        pytest.param([HOST, (b"origin", b"testserver")], False, id="no scheme"),
        pytest.param([HOST, (b"origin", b"http://[")], False, id="what is no URL"),
        pytest.param([(b"origin", b"http://testserver")], False, id="no host to compare with"),
        pytest.param([(b"origin", b"null")], False, id="a sandbox, and no host to compare with"),
    ],
)
async def test_chat_lets_in_browsers_only_from_its_own_pages(headers, let_in):
    async with call(chat.app, websocket("/tea", member="Ann") | {"headers": headers}) as server:
        await server.says("websocket.connect")
        assert (await server.hears())["type"] == ("websocket.accept" if let_in else "websocket.close")
        await server.says("websocket.disconnect")
        assert await server.returns() == []


@pytest.mark.parametrize(
    ("target", "member"),
    [
        pytest.param("", "Ann", id="no room"),
        pytest.param("/", "Ann", id="a slash"),
        pytest.param("//", "Ann", id="slashes"),
        pytest.param("/" + "x" * 41, "Ann", id="a long name"),
        pytest.param("/tea", None, id="nobody"),
        pytest.param("/tea?name=Ann&member=Ann", None, id="who says so himself"),
    ],
)
async def test_chat_refuses_a_room_that_is_none_and_whom_nobody_knows(target, member):
    scope = websocket(f"/raw/chat{target}", root_path="/raw/chat", member=member)
    events = await answer(chat.app, scope, {"type": "websocket.connect"})
    assert events == [{"type": "websocket.close"}]


@pytest.mark.parametrize("error", [BrokenPipeError(), ConnectionResetError()], ids=repr)
async def test_chat_ends_quietly_when_send_knows_first_that_the_client_has_left(join, error):
    async with AsyncExitStack() as stack:
        gone, ann = await enter(stack, breaking(chat.app, error)), await join("Ann")
        await speak(ann, "x")
        assert await hear(ann) == ("Ann", "x")
        assert await gone.returns() == []


async def test_chat_ends_quietly_when_the_client_leaves_before_it_hears_why_it_must():
    async with AsyncExitStack() as stack:
        gone = await enter(stack, breaking(chat.app, BrokenPipeError()))
        await gone.says("websocket.receive", bytes=b"")
        assert await gone.returns() == []


async def test_chat_does_not_swallow_what_else_goes_wrong(join):
    ann = await join("Ann", app=breaking(chat.app, RuntimeError("a bug in the server")))
    await speak(ann, "x")
    with pytest.raises(RuntimeError, match="a bug in the server"):
        await ann.receive()


@pytest.mark.parametrize("wrap", [lambda app: app, unread], ids=["while it waits", "while it sends"])
async def test_chat_leaves_nothing_behind_when_the_server_cancels_it(wrap):
    async with AsyncExitStack() as stack:
        ann = await enter(stack, wrap(chat.app))
        await ann.says("websocket.receive", text='{"text": "x"}')
        [(outbox, _)] = chat.rooms["tea"].items()
        await until(outbox.empty)
        ann.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ann.returns()
        assert chat.rooms == {}
