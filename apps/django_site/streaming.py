"""A response that streams out of the database."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, close_old_connections
from django.http import StreamingHttpResponse

logger = logging.getLogger(__name__)


class DatabaseStream(StreamingHttpResponse):
    """A stream whose generator is closed while its connection to the database is still its own.

    When a client has left, Django closes the response, and the connection goes back to its pool. For the
    generator the garbage collector comes later, and the cursor that `aiterator` has open is closed on what is
    a closed connection by then, or somebody else's. Here the generator is closed first.
    """

    def __init__(self, source: AsyncGenerator[str], **options: Any) -> None:
        self.source = source
        super().__init__(self._pieces(), **options)

    async def _pieces(self) -> AsyncGenerator[str]:
        try:
            while piece := await self._next():
                yield piece
        except DatabaseError as error:
            # The server breaks the response off when it hears of it, so no client takes it for whole. Django
            # then does not close the response, nor the connection, which its pool would miss for ever.
            logger.warning("a stream is broken off, as the database has gone: %s", error)
            await sync_to_async(close_old_connections)()
            raise

    async def _next(self) -> str:
        # What runs in a thread cannot be stopped, so a cancellation waits for it. And it waits outside of the
        # generator: one that was cancelled could not be closed in time, as the error keeps what is in it.
        fetching = asyncio.ensure_future(anext(self.source, ""))
        try:
            return await asyncio.shield(fetching)
        except asyncio.CancelledError:
            await asyncio.wait({fetching})
            raise

    def close(self) -> None:
        """Close the generator, then the response. Django calls it in the thread that has the connection."""
        async_to_sync(self._close_source)()
        super().close()

    async def _close_source(self) -> None:
        await self.source.aclose()
        # aiterator leaves a generator of its own to the loop, which closes it in its next two turns.
        for _ in range(2):
            await asyncio.sleep(0)
