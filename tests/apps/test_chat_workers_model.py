"""Whatever members do, each hears the log of the room from the first coming on."""

import asyncio
import uuid
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.raw_asgi import chat_workers
from asgiscope.testing import websocket
from tests.apps.chatting import known, say

STEPS = st.lists(st.tuples(st.sampled_from(["say", "leave", "come"]), st.integers(0, 2)), max_size=30)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, heard=st.integers(1, 3))
def test_whoever_comes_and_goes_hears_the_log_from_the_first_coming_on(redis, steps, heard):
    """The model is the log: a list of texts."""

    async def play():
        room, said = uuid.uuid4().hex, []
        begun, last, told, sockets = {}, {}, {}, {}
        async with AsyncExitStack() as stack:

            async def read(n, count):
                while len(told[n]) < count:
                    message = await sockets[n].receive_json()
                    assert "gap" not in message
                    last[n] = message["id"]
                    told[n] += [message["text"]] if "text" in message else []

            for step, n in steps:
                if step == "come" and n not in sockets:
                    target = f"/{room}?after={last.get(n, '')}"
                    opened = websocket(known(f"m{n}", chat_workers.app), target, timeout=60)
                    sockets[n] = await stack.enter_async_context(opened)
                    last[n] = (await sockets[n].receive_json())["id"]
                    begun.setdefault(n, len(said))
                    told.setdefault(n, [])
                elif step == "leave" and n in sockets:
                    await sockets.pop(n).close()
                elif step == "say" and n in sockets:
                    said.append(f"{len(said)}")
                    await say(sockets[n], said[-1])
                    # What is said is in the log once it is heard.
                    await read(n, len(said) - begun[n])
            for n in sockets:
                await read(n, len(said) - begun[n])
                assert told[n] == said[begun[n] :]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIS_URL", redis.url)
        patch.setattr(chat_workers, "PAUSE", 0)
        patch.setattr(chat_workers, "HEARD", heard + 1)
        asyncio.run(play())
