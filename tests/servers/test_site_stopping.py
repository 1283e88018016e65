"""The site is told to stop while everything goes on at once: responses, streams, WebSockets and jobs.

Whoever operates it sends SIGTERM, and expects that what can end ends whole, that what cannot is ended, that
the process is gone in time, and that nobody has to be killed.
"""

import asyncio
import signal

import httpx
import pytest
import websockets

from servers import LAUNCHERS, Options
from tests.servers.test_stopping import processes

# Daphne gives no time to what is running, and has no lifespan that jobs could live in.
ROWS = pytest.mark.parametrize("name", [row.name for row in LAUNCHERS.values() if row.grace and row.lifespan])


async def lines(response, seen):
    """Read a stream to whatever end it has, and note that it has begun."""
    text = ""
    try:
        async for piece in response.aiter_text():
            text += piece
            seen.set()
    except httpx.TransportError:
        return text, False
    return text, True


@ROWS
async def test_site_that_is_told_to_stop_in_the_middle_of_everything_stops(start, name):
    server = start(name, Options(grace=4))
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=30) as client,
        websockets.connect(f"{server.url.replace('http', 'ws', 1)}/raw/websocket_echo") as socket,
        client.stream("GET", "/raw/stream?n=4&delay=0.3") as short,
        client.stream("GET", "/django/timer?tick=0.1") as endless,
    ):
        begun = asyncio.Event(), asyncio.Event()
        reading = [
            asyncio.create_task(lines(response, seen))
            for response, seen in zip((short, endless), begun, strict=True)
        ]
        job = await client.post("/raw/jobs?steps=20&pause=1&fails=0")
        assert job.status_code == 202
        async with client.stream("GET", f"{job.headers['location']}/events") as events:
            watched = asyncio.Event()
            reading.append(asyncio.create_task(lines(events, watched)))
            await socket.send("hello")
            assert await socket.recv() == "hello"
            async with asyncio.timeout(30):
                await asyncio.gather(*(seen.wait() for seen in (*begun, watched)))

            in_time = await asyncio.to_thread(server.stop)
            (text, is_whole), *_ = await asyncio.gather(*reading)

        # What can end ends whole.
        assert (text.splitlines()[-1], is_whole) == ("chunk 4 of 4", True)
        with pytest.raises(websockets.ConnectionClosed):
            async with asyncio.timeout(30):
                await socket.recv()
    assert in_time, server.output()
    assert server.process.returncode in (0, -signal.SIGTERM)
    assert processes(server) == []
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)
