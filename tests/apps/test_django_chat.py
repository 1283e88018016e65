"""The chat by Channels: the same messages as the raw one, and what its channel layers do not promise."""

import asyncio
import threading
import time
import uuid
from contextlib import AsyncExitStack, suppress

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels_redis.core import BoundedQueue, RedisChannelLayer

from apps.django_site import consumers
from apps.django_site.asgi import websockets
from asgiscope.testing import WebSocketClosed, websocket
from tests.apps.chatting import hear, known, say
from tests.apps.nonsense import NONSENSE
from tests.apps.stores import store
from tests.conversation import call
from tests.conversation import websocket as scope_of

# Before each message, Channels looks at the connections to the database.
pytestmark = pytest.mark.django_db(transaction=True)


def in_redis(url):
    """The setting that the site has with REDIS_URL."""
    host = {"address": url, "socket_timeout": None}
    return {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}}


@pytest.fixture(params=["in memory", "in Redis"])
async def layer(request, settings):
    """Each of the two channel layers that the site may have."""
    if request.param == "in Redis":
        settings.CHANNEL_LAYERS = in_redis(request.getfixturevalue("redis").url)
    else:
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    yield get_channel_layer()
    if request.param == "in Redis":
        await get_channel_layer().close_pools()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(consumers, "PAUSE", 0)


@pytest.fixture
async def join():
    async with AsyncExitStack() as stack:

        async def join(room, name="Ann", app=websockets):
            return await stack.enter_async_context(websocket(known(name, app), f"/chat/{room}", timeout=60))

        yield join


async def test_members_of_a_room_hear_each_other_and_no_other_room(layer, join):
    (ann, ben), cid = [await join("tea", name) for name in ("Ann", "Ben")], await join("milk")
    await say(ben, "Hello!")
    for member in (ann, ben):
        assert await member.receive_json() == {"from": "Ben", "text": "Hello!"}
    await say(cid, "Alone?")
    assert await hear(cid, 1) == ["Alone?"]


@pytest.mark.parametrize(("message", "code"), NONSENSE)
async def test_connection_ends_for_the_member_who_says_what_is_no_message(join, message, code):
    ben = await join("tea", "Ben")
    async with call(known("Ann", websockets), scope_of("/chat/tea")) as server:
        await server.says("websocket.connect")
        assert (await server.hears())["type"] == "websocket.accept"
        await server.says("websocket.receive", **message)
        close = await server.hears()
        assert (close["type"], close["code"]) == ("websocket.close", code)
        await server.says("websocket.disconnect", code=code)
        assert await server.returns() == []
    await say(ben, "Bye")
    assert await hear(ben, 1) == ["Bye"]


@pytest.mark.parametrize("text", ["", "x" * 2000, "Grüße", '"\\', "\ud800", "</script>", "\0"], ids=ascii)
async def test_any_text_arrives_as_it_was(layer, join, text):
    ann = await join("tea")
    await say(ann, text)
    assert await hear(ann, 1) == [text]


async def test_others_are_heard_while_somebody_talks_on_several_connections(join, monkeypatch):
    monkeypatch.setattr(consumers, "PAUSE", 0.05)
    ann, *loud = await join("tea"), await join("tea", "Loud"), await join("tea", "Loud")
    for n in range(200):
        await say(loud[n % 2], str(n))
    await hear(ann, 1)
    await say(ann, "May I?")
    assert "May I?" in await hear(ann, 10)


@pytest.mark.parametrize(
    "path", ["/", "/chat", "/chat/", "/chat/a/b", "/chat/" + "x" * 41, "/chat/a b", "/chat/é", "/hello"]
)
async def test_path_without_a_room_is_refused(path):
    async with call(known("Ann", websockets), scope_of(path)) as server:
        await server.says("websocket.connect")
        assert await server.hears() == {"type": "websocket.close"}
        await server.says("websocket.disconnect", code=1006)
        assert await server.returns() == []


async def test_channel_leaves_the_group_though_the_server_cancels_the_consumer():
    async with call(known("Ann", websockets), scope_of("/chat/tea")) as server:
        await server.says("websocket.connect")
        await server.hears()
        assert get_channel_layer().groups["chat.tea"]
        server.task.cancel()
        with suppress(asyncio.CancelledError):
            await server.returns()
    assert "chat.tea" not in get_channel_layer().groups


async def test_redis_that_is_away_lets_the_member_go_with_a_line_in_the_log(tmp_path, settings, caplog):
    with store(tmp_path) as own:
        settings.CHANNEL_LAYERS = in_redis(own.url)
        async with websocket(known("Ann", websockets), "/chat/tea", timeout=60) as ann:
            own.kill()
            for reached in (ann, await websocket(known("Ben", websockets), "/chat/tea").__aenter__()):
                with pytest.raises(WebSocketClosed) as closed:
                    await reached.receive()
                assert (closed.value.code, closed.value.reason[:23]) == (1013, "Redis cannot be reached")
                await reached.close()
        await get_channel_layer().close_pools()
    assert [line for line in caplog.messages if "lets Ann go" in line or "lets Ben go" in line] != []


async def test_connections_to_redis_are_closed_with_the_site(redis, settings):
    settings.CHANNEL_LAYERS = in_redis(redis.url)
    before = redis.ask("CLIENT", "LIST").count("id=")
    async with consumers.layer({}):
        async with websocket(known("Ann", websockets), "/chat/tea", timeout=60) as ann:
            await say(ann, "x")
            assert await hear(ann, 1) == ["x"]
        assert redis.ask("CLIENT", "LIST").count("id=") > before
    assert redis.ask("CLIENT", "LIST").count("id=") == before


# What is not promised.


async def test_slow_member_is_not_let_go_and_does_not_hear_what_is_too_much(join):
    may_read = asyncio.Event()

    async def unread(scope, receive, send):
        async def send_slowly(event):
            if event["type"] == "websocket.send":
                await may_read.wait()
            await send(event)

        await websockets(scope, receive, send_slowly)

    ann, slow = await join("tea"), await join("tea", "Slow", unread)
    capacity = get_channel_layer().capacity
    for n in range(2 * capacity):
        await say(ann, str(n))
        await hear(ann, 1)
    may_read.set()
    # One was on its way, and the channel holds as many more.
    assert await hear(slow, 1 + capacity) == [str(n) for n in range(1 + capacity)]
    await say(ann, "last")
    assert await hear(slow, 1) == ["last"]


async def test_all_members_of_a_process_share_what_waits_in_redis(redis):
    sender = RedisChannelLayer(hosts=[redis.url], prefix=uuid.uuid4().hex)
    reader = RedisChannelLayer(hosts=[redis.url], prefix=sender.prefix)
    channels = [await reader.new_channel() for _ in range(2)]
    # The second is in another group, and what is said there fills the list of both.
    for group, channel in zip(("tea", "milk"), channels, strict=True):
        await sender.group_add(group, channel)
    for n in range(sender.capacity):
        await sender.group_send("milk", {"type": "x", "n": n})
    await sender.group_send("tea", {"type": "x", "n": "dropped"})
    heard = [await reader.receive(channels[1]) for _ in range(sender.capacity)]
    assert [message["n"] for message in heard] == list(range(sender.capacity))
    await sender.group_send("tea", {"type": "x", "n": "next"})
    assert (await reader.receive(channels[0]))["n"] == "next"
    await asyncio.gather(sender.close_pools(), reader.close_pools())


async def test_order_in_redis_is_that_of_the_clocks_of_those_who_send(redis):
    layer = RedisChannelLayer(hosts=[redis.url], prefix=uuid.uuid4().hex)
    channel = await layer.new_channel()
    await layer.group_add("tea", channel)
    before = time.time()
    await layer.group_send("tea", {"type": "x"})
    # What waits is a sorted set, and this is what it is sorted by.
    waiting = layer.prefix + layer.non_local_name(channel)
    assert redis.ask("ZCOUNT", waiting, before, time.time()) == 1
    await layer.close_pools()


def test_from_a_full_queue_in_a_process_the_oldest_message_is_taken():
    queue = BoundedQueue(2)
    for n in range(3):
        queue.put_nowait(n)
    assert [queue.get_nowait() for _ in range(queue.qsize())] == [1, 2]


async def test_every_message_waits_for_the_thread_that_the_database_is_used_in(join):
    ann, may_go_on = await join("tea"), threading.Event()
    busy = asyncio.ensure_future(sync_to_async(may_go_on.wait)())
    await say(ann, "x")
    hearing = asyncio.ensure_future(hear(ann, 1))
    done, _ = await asyncio.wait({hearing}, timeout=0.1)
    assert not done
    may_go_on.set()
    assert await busy
    assert await hearing == ["x"]


async def test_what_was_said_while_a_member_was_away_is_gone(layer, join):
    ann, ben = await join("tea"), await join("tea", "Ben")
    await ben.close()
    await say(ann, "missed")
    await hear(ann, 1)
    again = await join("tea", "Ben")
    await say(ann, "heard")
    assert await hear(again, 1) == ["heard"]


async def test_quiet_room_in_redis_stays_open_longer_than_redis_py_waits(redis, settings):
    settings.CHANNEL_LAYERS = in_redis(redis.url)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    hearing = asyncio.create_task(layer.receive(channel))
    done, _ = await asyncio.wait({hearing}, timeout=layer.brpop_timeout + 1)
    assert not done
    await layer.send(channel, {"type": "x"})
    assert await hearing == {"type": "x"}
    await layer.close_pools()
