"""A chat on several workers: what a member hears who comes back, or is slow, and what when Redis fails."""

import asyncio
import json
import uuid
from contextlib import AsyncExitStack, suppress

import pytest

from apps.raw_asgi import chat_workers
from asgiscope.testing import websocket
from tests.apps.chatting import hear, known, let_go, put, say
from tests.apps.nonsense import NONSENSE
from tests.conversation import answer, call, until
from tests.conversation import websocket as scope_of


@pytest.fixture(autouse=True)
async def nothing_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert chat_workers.worker is None


@pytest.fixture
def room(redis, monkeypatch):
    """A room that is nobody else's, in which one may talk fast."""
    monkeypatch.setenv("REDIS_URL", redis.url)
    monkeypatch.setattr(chat_workers, "PAUSE", 0)
    return uuid.uuid4().hex


@pytest.fixture
async def join():
    """Come into a room, with or without the last id, and return the member with the first message."""
    async with AsyncExitStack() as stack:

        async def join(room, after="", name="Ann", app=chat_workers.app):
            target = f"/{room}?after={after}"
            member = await stack.enter_async_context(websocket(known(name, app), target, timeout=60))
            return member, await member.receive_json()

        yield join


async def test_members_hear_everybody_in_one_order_with_rising_ids(join, room):
    (ann, _), (ben, _) = await join(room), await join(room, name="Ben")
    for n in range(20):
        await say(ann, f"a{n}")
        await say(ben, f"b{n}")
    heard = [[await member.receive_json() for _ in range(40)] for member in (ann, ben)]
    assert heard[0] == heard[1]
    for name in ("Ann", "Ben"):
        texts = [message["text"] for message in heard[0] if message["from"] == name]
        assert texts == [f"{name[0].lower()}{n}" for n in range(20)]
    places = [chat_workers.place_of(message["id"].partition(".")[2]) for message in heard[0]]
    assert places == sorted(set(places))


async def test_room_is_shared_with_other_processes_and_with_no_other_room(join, redis, room):
    (ann, _), (ben, _) = await join(room), await join(f"{room}2", name="Ben")
    put(redis, room, "from elsewhere")
    put(redis, f"{room}2", "to Ben")
    assert await hear(ann, 1) == ["from elsewhere"]
    assert await hear(ben, 1) == ["to Ben"]


async def test_who_comes_back_hears_what_was_missed_and_nothing_twice(join, redis, room):
    ann, _ = await join(room)
    await say(ann, "one", "two")
    first = await ann.receive_json()
    again, place = await join(room, after=first["id"])
    assert place == {"id": first["id"]}
    assert await hear(again, 1) == ["two"]
    put(redis, room, "three")
    assert await hear(again, 1) == ["three"]


async def test_who_heard_nothing_before_the_connection_was_lost_misses_nothing(join, redis, room):
    _, place = await join(room)
    put(redis, room, "one", "two")
    again, told = await join(room, after=place["id"])
    assert told == place
    assert await hear(again, 2) == ["one", "two"]


async def test_who_comes_without_an_id_hears_only_what_is_said_from_then_on(join, redis, room):
    put(redis, room, "before")
    ann, place = await join(room)
    assert "gap" not in place
    put(redis, room, "after")
    assert await hear(ann, 1) == ["after"]


async def test_member_is_told_of_the_gap_where_the_log_does_not_reach_so_far_back(join, redis, room):
    old, *rest = put(redis, room, *map(str, range(10)))
    redis.ask("XTRIM", f"chat:{room}", "MAXLEN", 5)
    _, place = await join(room)
    ann, told = await join(room, after=place["id"].replace(rest[-1], old))
    assert told["gap"] == chat_workers.GAP
    assert await hear(ann, 5) == ["5", "6", "7", "8", "9"]


@pytest.mark.parametrize(("count", "is_told"), [(2, False), (3, True)], ids=["not yet", "it is"])
async def test_who_left_an_empty_room_is_told_of_a_gap_once_its_log_is_full(
    redis, room, monkeypatch, count, is_told
):
    monkeypatch.setattr(chat_workers, "KEPT", 3)
    async with websocket(known("Ann", chat_workers.app), f"/{room}") as ann:
        place = await ann.receive_json()
    put(redis, room, *map(str, range(count)))
    async with websocket(known("Ann", chat_workers.app), f"/{room}?after={place['id']}") as ann:
        assert ("gap" in await ann.receive_json()) == is_told
        assert await hear(ann, 2) == ["0", "1"]


async def test_log_and_memory_have_bounds(join, redis, room, monkeypatch):
    monkeypatch.setattr(chat_workers, "KEPT", 100)
    monkeypatch.setattr(chat_workers, "HEARD", 10)
    ann, _ = await join(room)
    for n in range(300):
        await say(ann, str(n))
        await hear(ann, 1)
    # Redis cuts off whole blocks, of a hundred messages as it comes.
    assert redis.ask("XLEN", f"chat:{room}") <= 200
    assert len(chat_workers.worker.rooms[room].heard) <= 20
    assert 0 < redis.ask("TTL", f"chat:{room}") <= chat_workers.DAY


@pytest.mark.parametrize("is_cut", [False, True], ids=["to the last word", "up to the gap"])
async def test_member_who_reads_slowly_hears_all_that_the_log_keeps(join, redis, room, monkeypatch, is_cut):
    monkeypatch.setattr(chat_workers, "HEARD", 5)
    may_read = asyncio.Event()

    async def unread(scope, receive, send):
        async def send_slowly(event):
            if "text" in json.loads(event.get("text") or "{}"):
                await may_read.wait()
            await send(event)

        await chat_workers.app(scope, receive, send_slowly)

    slow, _ = await join(room, app=unread)
    texts = [str(n) for n in range(60)]
    put(redis, room, texts[0])
    reader = chat_workers.worker.rooms[room]
    await until(lambda: reader.heard)
    for text in texts[1:]:
        put(redis, room, text)
    last = put(redis, room, "last")[0]
    await until(lambda: reader.last == chat_workers.place_of(last))
    if is_cut:
        redis.ask("XTRIM", f"chat:{room}", "MAXLEN", 20)
    may_read.set()
    heard = [await slow.receive_json()]
    while heard[-1].get("text") != "last":
        heard.append(await slow.receive_json())
    told = [message["text"] for message in heard if "text" in message]
    gaps = [message["gap"] for message in heard if "gap" in message]
    assert gaps == [chat_workers.GAP] * is_cut
    assert told == ["0", *texts[-19:], "last"] if is_cut else [*texts, "last"]


async def test_restart_of_redis_lets_all_come_again_and_tells_them_of_the_gap(join, own_redis, caplog):
    room = uuid.uuid4().hex
    (ann, _), (ben, _) = await join(room), await join(room, name="Ben")
    await say(ann, "before")
    last = await ann.receive_json()
    own_redis.kill()
    assert await let_go(ann) == chat_workers.AWAY
    assert await let_go(ben) == chat_workers.AWAY
    async with websocket(known("Ann", chat_workers.app), f"/{room}") as early:
        assert await let_go(early) == chat_workers.AWAY

    own_redis.start()
    again, told = await join(room, after=last["id"])
    assert told["gap"] == chat_workers.GAP
    await say(again, "after")
    assert await hear(again, 1) == ["after"]
    # Once it has been told, it is not told again.
    _, told = await join(room, after=told["id"], name="Ben")
    assert "gap" not in told
    assert len([line for line in caplog.messages if "all members are let go" in line]) == 1


async def test_member_is_told_of_the_gap_when_somebody_has_emptied_redis(join, own_redis):
    room = uuid.uuid4().hex
    ann, _ = await join(room)
    await say(ann, "before")
    last = await ann.receive_json()
    own_redis.ask("FLUSHALL")
    _, told = await join(room, after=last["id"], name="Ben")
    assert told["gap"] == chat_workers.GAP


async def test_redis_that_breaks_a_connection_costs_nothing_but_a_coming_again(join, own_redis):
    room = uuid.uuid4().hex
    ann, place = await join(room)
    own_redis.ask("CLIENT", "KILL", "TYPE", "normal")
    assert await let_go(ann) == chat_workers.AWAY
    put(own_redis, room, "meanwhile")
    again, told = await join(room, after=place["id"])
    assert told == place
    assert await hear(again, 1) == ["meanwhile"]


async def test_redis_that_does_not_answer_is_given_up(join, own_redis, monkeypatch, caplog):
    monkeypatch.setattr(chat_workers, "PATIENCE", 0.5)
    ann, _ = await join("tea")
    with own_redis.hung():
        assert await let_go(ann) == chat_workers.AWAY
        async with websocket(known("Ben", chat_workers.app), "/tea", timeout=60) as ben:
            assert await let_go(ben) == chat_workers.AWAY
    assert "Redis has not answered in 0.5 seconds" in caplog.text


async def test_connections_to_redis_are_few_and_closed_after_the_last_member(join, own_redis):
    def connections():
        return own_redis.ask("CLIENT", "LIST").count("id=") - 1

    async with AsyncExitStack() as stack:
        for n in range(30):
            member = await stack.enter_async_context(
                websocket(known(f"m{n}", chat_workers.app), f"/{n}", timeout=60)
            )
            await member.receive()
        assert 1 <= connections() <= 8
    assert connections() == 0


async def test_without_redis_it_says_what_to_start(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    async with websocket(known("Ann", chat_workers.app), "/tea") as ann:
        assert await let_go(ann) == chat_workers.UNSET


@pytest.mark.parametrize(("message", "code"), NONSENSE)
async def test_connection_ends_for_the_member_who_says_what_is_no_message(join, room, message, code):
    ben, _ = await join(room, name="Ben")
    async with call(known("Ann", chat_workers.app), scope_of(f"/{room}")) as server:
        await server.says("websocket.connect")
        await server.says("websocket.receive", **message)
        close = (await server.returns())[-1]
    assert (close["type"], close["code"]) == ("websocket.close", code)
    await say(ben, "Bye")
    assert await hear(ben, 1) == ["Bye"]


@pytest.mark.parametrize("text", ["", "x" * 2000, "Grüße", '"\\', "\ud800", "</script>", "\0"], ids=ascii)
async def test_any_text_arrives_as_it_was(join, room, text):
    ann, _ = await join(room)
    await say(ann, text)
    assert await hear(ann, 1) == [text]


@pytest.mark.parametrize(
    ("target", "changes"),
    [
        pytest.param("/tea", {"member": None}, id="nobody"),
        pytest.param("/", {}, id="no room"),
        pytest.param("/" + "x" * 41, {}, id="a long name"),
        pytest.param("/tea?after=1-0", {}, id="half an id"),
        pytest.param("/tea?after=0123abcd.1-0-0", {}, id="more than an id"),
        pytest.param("/tea?after=0123abcd.-1-0", {}, id="a negative number"),
        pytest.param("/tea?after=0123abcd." + "9" * 5000 + "-0", {}, id="more digits than Python reads"),
        pytest.param("/tea", {"headers": [(b"host", b"a"), (b"origin", b"http://b")]}, id="a foreign page"),
        pytest.param("/tea", {"headers": [(b"host", b"a"), (b"origin", b"null")]}, id="a sandbox"),
    ],
)
async def test_handshake_is_refused(target, changes):
    scope = scope_of(target, **{"member": "Ann", **changes})
    assert await answer(chat_workers.app, scope, {"type": "websocket.connect"}) == [
        {"type": "websocket.close"}
    ]


async def test_others_are_heard_while_somebody_talks_on_several_connections(join, room, monkeypatch):
    monkeypatch.setattr(chat_workers, "PAUSE", 0.05)
    (ann, _), *loud = await join(room), await join(room, name="Loud"), await join(room, name="Loud")
    for n in range(200):
        await say(loud[n % 2][0], str(n))
    await hear(ann, 1)
    await say(ann, "May I?")
    assert "May I?" in await hear(ann, 10)


async def test_nothing_is_left_behind_when_the_server_cancels_it(room):
    async with call(known("Ann", chat_workers.app), scope_of(f"/{room}")) as server:
        await server.says("websocket.connect")
        await server.hears()
        await server.hears()
        server.task.cancel()
        with suppress(asyncio.CancelledError):
            await server.returns()
    assert chat_workers.worker is None


@pytest.mark.parametrize("error", [BrokenPipeError(), RuntimeError("a bug in the server")], ids=repr)
async def test_only_that_the_client_has_left_ends_quietly(room, error):
    async def breaking(scope, receive, send):
        async def send_or_raise(event):
            if event["type"] == "websocket.send":
                raise error
            await send(event)

        await chat_workers.app(scope, receive, send_or_raise)

    async with call(known("Ann", breaking), scope_of(f"/{room}")) as server:
        await server.says("websocket.connect")
        await server.hears()
        if isinstance(error, OSError):
            assert await server.returns() == []
        else:
            with pytest.raises(RuntimeError, match="a bug in the server"):
                await server.returns()
