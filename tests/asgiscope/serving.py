"""A server for tests that want conversations as a server holds them: uvicorn, in the loop of the test."""

import asyncio
import socket
from contextlib import asynccontextmanager

import uvicorn

from asgiscope.recorder import Recorder
from tests.conversation import until


@asynccontextmanager
async def listening(app):
    """Serve an application on a free port, which is yielded."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_level="critical",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def serving(app, **options):
    """Serve an application with a recorder; yields the port, and a list that fills with the conversations.

    The options are those of the recorder.
    """
    conversations = []
    async with listening(Recorder(app, conversations.append, **options)) as port:
        yield port, conversations


async def ended(conversations, number=1):
    """The last of so many conversations, once all have ended."""
    await until(lambda: len(conversations) == number and all(one.outcome.at for one in conversations))
    return conversations[-1]


async def exchange(port, request):
    """Send the bytes of a request, and wait for the head of the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
