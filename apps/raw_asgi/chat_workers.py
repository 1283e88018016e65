r"""A chat on several workers: a log for each room, and a place in it for each member.

The rooms of `chat` are in one process, and four workers have four of each. Here a room is a stream in Redis.
XADD gives a message its id, so Redis decides the order, and each process hears all of its rooms by one XREAD
that waits. Pub/sub would be heard in every process, too, but it forgets: who is away in that moment misses
it. A stream keeps the newest messages. So nobody needs a queue: a member who reads slowly, or comes back, is
only further behind in the log, until the log does not reach that far back.

The first thing that a member hears is the id of the place, and each message has its own:

    scope websocket /raw/chat_workers/tea member='Ann'
    receive websocket.connect
    send websocket.accept
    send websocket.send text='{"id": "..."}'
    receive websocket.receive text='{"text": "Hello!"}'
    send websocket.send text='{"id": "...", "from": "Ann", "text": "Hello!"}'
    receive websocket.disconnect code=1001 reason=''
    return

Who comes back with the id that was heard last goes on from there, on whatever worker. If that is no longer in
the log, or Redis has been restarted, perhaps with less than it knew, the member is told:

    scope websocket /raw/chat_workers/cake?after=0123abcd.7-0 member='Ann'
    receive websocket.connect
    send websocket.accept
    send websocket.send text='{"id": "...", "gap": "some of what was said here may be lost"}'
    receive websocket.disconnect code=1001 reason=''
    return

Without Redis there is nothing to share:

    scope websocket /raw/chat_workers/milk member='Ann'
    receive websocket.connect
    send websocket.accept
    send websocket.close code=1013 reason='start Redis, and this site with REDIS_URL=redis://localhost'
    return

Try it as two members, one of them in a private window. Kill a worker, and see its members come back:

    REDIS_URL=redis://localhost python -m servers uvicorn --workers 4
    http://localhost:8000/django/chat?by=chat_workers
"""

import asyncio
import json
import logging
import os
import re
from bisect import bisect
from contextlib import suppress
from urllib.parse import parse_qs, quote
from weakref import WeakValueDictionary

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

KEPT = 10_000  # messages of a room in its log, at least
HEARD = 1000  # messages of a room in each process, at least, once so many have been said
DAY = 86_400  # seconds after the last message for which the log of a room is kept
BLOCK = 200  # milliseconds that XREAD waits: a room that is new in a process is read from the next one on
PATIENCE = 5  # seconds for Redis to answer, and for a member to take the close
PAUSE = 0.05  # seconds from one message of a member to the next

AWAY = 1013, "Redis cannot be reached: come back later, with the last id"
GAP = "some of what was said here may be lost"
UNSET = 1013, "start Redis, and this site with REDIS_URL=redis://localhost"
PAGE = 'This is a WebSocket: <a href="{}">this page</a> speaks to it.\n'
START = 0, 0  # the place in a log before the first message

logger = logging.getLogger(__name__)
worker = None  # what the members in this process share, while there are any


def place_of(name):
    """The place in a log as a pair that can be compared: Redis writes it MILLISECONDS-NUMBER."""
    ms, number = name.split("-")
    return int(ms), int(number)


def name_of(place):
    return f"{place[0]}-{place[1]}"


class Room:
    """What this process has heard of a room: all that was said after the place `since`, up to `last`."""

    def __init__(self, last):
        self.members = 0
        self.since = self.last = last
        self.heard = []
        self.news = asyncio.Event()

    def hear(self, entries):
        """Add what Redis has answered, and wake who waits for it."""
        self.heard += [entry for entry in entries if entry[0] > self.last]
        self.last = entries[-1][0]
        if len(self.heard) > 2 * HEARD:
            self.since = self.heard[-HEARD - 1][0]
            del self.heard[:-HEARD]
        self.news.set()
        self.news = asyncio.Event()


class Worker:
    """What the members in this process share: opened for the first of them, closed after the last."""

    def __init__(self, url):
        # So many connections, for however many members. And no command is repeated when its connection
        # breaks: it may have been done, and then a message would be heard twice.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=8,
            timeout=PATIENCE,
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self.redis = Redis.from_pool(pool)
        self.run = self.reader = None
        self.members = 0
        self.rooms = {}
        self.paces = WeakValueDictionary()

    async def ask(self, answer):
        """What Redis answers. Raises RedisError if it does not in time."""
        # The client has a time limit of its own. But it waits by asyncio.wait_for, and that can lose a
        # cancellation on Python 3.11.
        try:
            async with asyncio.timeout(PATIENCE):
                return await answer
        except TimeoutError:
            raise RedisError(f"Redis has not answered in {PATIENCE} seconds") from None

    def told(self, name, fields):
        """A message of a log: its place, and what a member is sent."""
        return place_of(name), json.dumps({"id": f"{self.run}.{name}", **json.loads(fields["message"])})

    async def enter(self, name):
        """Read this room, too, and return it with the place of its newest message."""
        async with self.redis.pipeline(transaction=False) as pipe:
            info, newest = await self.ask(pipe.info("server").xrevrange(f"chat:{name}", count=1).execute())
        if self.reader is None:
            # Another Redis, or the same one restarted, has another of these. Ids alone do not show that.
            self.run = info["run_id"][:8]
            self.reader = asyncio.create_task(self.read())
        if self.run != info["run_id"][:8]:
            raise RedisError("it has been restarted")
        place = place_of(newest[0][0]) if newest else START
        room = self.rooms.setdefault(name, Room(place))
        room.members += 1
        return room, place

    def leave(self, name):
        self.rooms[name].members -= 1
        if not self.rooms[name].members:
            del self.rooms[name]

    async def read(self):
        """Hear what is said in all rooms, until Redis fails: then everybody is to come again."""
        try:
            # A connection of its own, which the client does not replace by one to a Redis that was restarted.
            async with self.redis.client() as redis:
                if (await self.ask(redis.info("server")))["run_id"][:8] != self.run:
                    raise RedisError("it has been restarted")
                while True:
                    places = {f"chat:{name}": name_of(room.last) for name, room in self.rooms.items()}
                    if not places:
                        await asyncio.sleep(BLOCK / 1000)
                        continue
                    for key, entries in await self.ask(redis.xread(places, count=HEARD, block=BLOCK)):
                        if room := self.rooms.get(key.removeprefix("chat:")):
                            room.hear([self.told(*entry) for entry in entries])
        except RedisError as error:
            logger.warning("Redis has failed, and all members are let go: %s", error)

    async def look_up(self, name, place):
        """What follows a place in the log, as far as it fits in one answer, and whether that is all."""
        page = await self.ask(self.redis.xrange(f"chat:{name}", min=name_of(place), count=HEARD))
        entries = [self.told(*entry) for entry in page]
        # A log is cut off at its beginning. What still has the place has all that follows.
        is_whole = bool(entries) and entries[0][0] == place
        if place == START:
            is_whole = await self.ask(self.redis.xlen(f"chat:{name}")) < KEPT
        return entries[is_whole and place != START :], is_whole

    async def close(self):
        if self.reader:
            self.reader.cancel()
            await asyncio.wait({self.reader})
        await self.redis.aclose()


def text_of(event):
    """The text that a member says, or None if the event holds no such thing."""
    try:
        text = json.loads(event["text"])["text"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return text if isinstance(text, str) and len(text) <= 2000 else None


async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        if scope["http_version"] in ("1.0", "1.1"):
            headers += [(b"connection", b"upgrade"), (b"upgrade", b"websocket")]
        page = quote(f"{scope.get('root_path', '')}/../../django/chat") + "?by=chat_workers"
        body = b"" if scope["method"] == "HEAD" else PAGE.format(page).encode()
        await send({"type": "http.response.start", "status": 426, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    if scope["type"] != "websocket":
        raise ValueError(f"chat_workers speaks websocket and http, not {scope['type']}")

    await receive()
    name = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    query = parse_qs((scope.get("query_string") or b"").decode("latin-1"))
    after = re.fullmatch("(?:([0-9a-f]{8})[.]([0-9]+-[0-9]+))?", query.get("after", [""])[0][:60])
    headers = {key.lower(): value for key, value in scope["headers"]}
    # As in `chat`: pages of another site, and whom nobody in front of this application knows, stay outside.
    origin = headers.get(b"origin")
    is_foreign = origin is not None and origin.partition(b"://")[2] != headers.get(b"host")
    if is_foreign or scope.get("member") is None or not 1 <= len(name) <= 40 or not after:
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})

    ending = UNSET
    if url := os.environ.get("REDIS_URL"):
        global worker
        if worker is None or (worker.reader and worker.reader.done()):
            worker = Worker(url)
        here = worker
        here.members += 1
        try:
            ending = await converse(here, name, after, scope["member"], receive, send)
        except RedisError as error:
            logger.warning("Redis has failed, and %s is let go: %s", scope["member"], error)
            ending = AWAY
        finally:
            here.members -= 1
            if not here.members:
                worker = None if worker is here else worker
                await here.close()
    if ending is None:
        return
    code, reason = ending
    close = {"type": "websocket.close", "code": code}
    # The key `reason` came with version 2.3 of the specification, and an older server may not know it.
    if tuple(map(int, scope["asgi"].get("spec_version", "2.0").split("."))) >= (2, 3):
        close["reason"] = reason
    # A member who does not take even this, or has gone, is left to the server.
    with suppress(OSError):
        await asyncio.wait_for(send(close), PATIENCE)


async def converse(here, name, after, member, receive, send):
    """Let a member hear and speak; return why the connection has to end, or None if it has."""
    room, newest = await here.enter(name)
    pace = here.paces.setdefault(member, asyncio.Lock())

    async def listen():
        while (event := await receive())["type"] != "websocket.disconnect":
            if event.get("text") is None:
                return 1003, "a message is text, not bytes"
            text = text_of(event)
            if text is None:
                return 1007, 'a message is JSON: {"text": "..."}, 2000 characters at most'
            message = json.dumps({"from": member, "text": text})
            # Who talks without end is heard no faster than this, on however many connections.
            async with pace:
                async with here.redis.pipeline(transaction=False) as pipe:
                    pipe.xadd(f"chat:{name}", {"message": message}, maxlen=KEPT)
                    await here.ask(pipe.expire(f"chat:{name}", DAY).execute())
                await asyncio.sleep(PAUSE)
        return None

    async def write():
        place, is_whole, is_told = newest, True, False
        if after[0]:
            # A run of Redis knows what it knew, unless somebody has emptied it, and then the id is too high.
            place = min(place_of(after[2]), newest)
            is_whole = after[1] == here.run and place_of(after[2]) == place
        # The client may have left, and `send` may know it before `receive` does.
        with suppress(OSError):
            while True:
                news = room.news
                if place < room.since:
                    entries, is_kept = await here.look_up(name, place)
                    is_whole = is_whole and is_kept
                    if not entries:
                        place = room.since
                else:
                    entries = room.heard[bisect(room.heard, place, key=lambda entry: entry[0]) :]
                if not (is_told and is_whole):
                    message = {"id": f"{here.run}.{name_of(place)}"}
                    if not is_whole:
                        message["gap"] = GAP
                    await send({"type": "websocket.send", "text": json.dumps(message)})
                    is_told = is_whole = True
                for _, text in entries:
                    await send({"type": "websocket.send", "text": text})
                if entries:
                    place = entries[-1][0]
                elif place >= room.since:
                    await news.wait()

    # Two tasks, for a member may be silent while others talk, and the reader is everybody's.
    listener, writer = asyncio.ensure_future(listen()), asyncio.ensure_future(write())
    try:
        await asyncio.wait({listener, writer, here.reader}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        here.leave(name)
        listener.cancel()
        writer.cancel()
        await asyncio.wait({listener, writer})
    # A task that has not been cancelled has ended by itself: this is why, or here is what it raised.
    for task in (writer, listener):
        if not task.cancelled():
            return task.result()
    here.reader.result()
    return AWAY
