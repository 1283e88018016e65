"""What the tests of the chats do: speak and hear as a member."""

import json

from asgiscope.testing import WebSocketClosed


def known(name, app):
    """The application behind somebody who knows who is there."""

    async def wrapped(scope, receive, send):
        await app({**scope, "member": name}, receive, send)

    return wrapped


async def say(member, *texts):
    for text in texts:
        await member.send_json({"text": text})


async def hear(member, count):
    """The texts of so many messages."""
    return [(await member.receive_json())["text"] for _ in range(count)]


async def let_go(member):
    """How a member is let go, whatever else is heard before."""
    while True:
        try:
            await member.receive()
        except WebSocketClosed as closed:
            return closed.code, closed.reason


def put(redis, room, *texts):
    """Write into the log of a room, as another process would; return the ids."""
    return [
        redis.ask("XADD", f"chat:{room}", "*", "message", json.dumps({"from": "Ben", "text": text}))
        for text in texts
    ]
