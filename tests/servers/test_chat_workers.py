"""The chat on several workers: in one order, with nothing missed, whoever dies."""

import asyncio
import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, suppress

import pytest
import websockets

from servers import LAUNCHERS, Options, running
from tests.servers.members import REDIS_URL, entered, members, need_redis

WORKERS = 4
MEMBERS = 100
SAYINGS = 50  # of each member


class Member:
    """Someone who comes to the next site, with the last id, whenever the connection is lost."""

    def __init__(self, name, cookie, room, sites):
        self.name, self.cookie, self.room, self.sites = name, cookie, room, sites
        self.id = ""
        self.heard = []
        self.comings = 0
        self.saying = None
        self.news = asyncio.Event()

    async def live(self):
        while True:
            try:
                await self.listen()
            except (OSError, websockets.WebSocketException):
                self.sites = [*self.sites[1:], self.sites[0]]

    async def listen(self):
        path = f"/raw/chat_workers/{self.room}?after={self.id}"
        async with entered(self.sites[0], path, self.cookie, open_timeout=30) as self.socket:
            self.comings += 1
            if self.saying:
                await self.socket.send(self.saying)
            while True:
                message = json.loads(await self.socket.recv())
                assert "gap" not in message
                self.id = message["id"]
                if "text" in message:
                    self.heard.append(message["text"])
                self.news.set()

    async def say(self, text):
        """Say something until it is heard: whether what was said to one who died was heard is not known."""
        self.saying = json.dumps({"text": text})
        with suppress(websockets.ConnectionClosed):
            await self.socket.send(self.saying)
        begun = len(self.heard)
        await self.until(lambda: text in self.heard[begun:])
        self.saying = None

    async def say_all(self):
        for n in range(SAYINGS):
            await self.say(f"{self.name} says {n}")

    async def until(self, condition):
        while not condition():
            self.news.clear()
            await self.news.wait()


@pytest.fixture
def log():
    """A function that reads the log of a room, which is nobody else's; the name of the room."""
    with need_redis() as client:
        room = f"test-{uuid.uuid4().hex}"
        yield lambda: client.xrange(f"chat:{room}"), room
        client.delete(f"chat:{room}")


@pytest.fixture
def sites(tmp_path, monkeypatch):
    """So many servers, each a process of its own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.sqlite3'}")
    monkeypatch.setenv("REDIS_URL", REDIS_URL)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        servers = [running(LAUNCHERS["uvicorn"], Options(), timeout=60) for _ in range(WORKERS)]
        yield list(pool.map(stack.enter_context, servers))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("is_killed", [False, True], ids=["all live", "one is killed"])
async def test_every_member_hears_every_message_once_in_one_order(log, sites, is_killed):
    read, room = log
    cookies = members(os.environ["DATABASE_URL"], *(f"m{n}" for n in range(MEMBERS)))
    everybody = [
        Member(name, cookie, room, sites[n % WORKERS :] + sites[: n % WORKERS])
        for n, (name, cookie) in enumerate(cookies.items())
    ]
    async with asyncio.timeout(180):
        lives = [asyncio.create_task(member.live()) for member in everybody]
        for member in everybody:
            await member.until(lambda member=member: member.comings)
        speakers = [asyncio.create_task(member.say_all()) for member in everybody]
        if is_killed:
            await everybody[1].until(lambda: len(everybody[1].heard) > MEMBERS * SAYINGS / 2)
            sites[0].process.kill()
        await asyncio.gather(*speakers)
        last, _ = read()[-1]
        for member in everybody:
            await member.until(lambda member=member: member.id.endswith(f".{last}"))
    for life in lives:
        life.cancel()
    await asyncio.wait(lives)

    said = [json.loads(fields["message"])["text"] for _, fields in read()]
    assert [member.name for member in everybody if member.heard != said] == []
    assert set(said) == {f"{member.name} says {n}" for member in everybody for n in range(SAYINGS)}
    # Those of the dead worker come again, and nobody else. What they had just said may have been in the log.
    again = [n for n, member in enumerate(everybody) if member.comings > 1]
    assert again == (list(range(0, MEMBERS, WORKERS)) if is_killed else [])
    assert len(said) - len(set(said)) <= len(again)


async def test_site_whose_chats_are_open_stops_in_time(tmp_path, monkeypatch, start, log):
    _, room = log
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.sqlite3'}")
    monkeypatch.setenv("REDIS_URL", REDIS_URL)
    [cookie] = members(os.environ["DATABASE_URL"], "Ann").values()
    site = start("uvicorn", Options())
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        for chat in ("/raw/chat", "/raw/chat_workers", "/django/chat"):
            socket = await stack.enter_async_context(entered(site, f"{chat}/{room}", cookie))
            await socket.send('{"text": "Hello!"}')
            while "Hello!" not in await socket.recv():
                pass
        assert await asyncio.to_thread(site.stop)
    assert "Traceback" not in site.output()
