"""Applications that the probes have in common, and what became of them."""

from collections.abc import Callable

import anyio

from bench.clients.client import Gate
from router import Application, Event, Receive, Scope, Send

MOMENT = 0.5  # seconds that an application has to hear what the client has done
START: Event = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}


class Watched:
    """An application, and how it ends."""

    how = "it is not told, and runs on"

    def __init__(self, app: Application) -> None:
        self.app = app
        self.ended = Gate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except BaseException as error:
            cancelled = isinstance(error, anyio.get_cancelled_exc_class())
            self.how = "it is cancelled" if cancelled else f"it raises {error!r}"
            raise
        else:
            self.how = ""
        finally:
            self.ended.open()

    async def end(self) -> str | None:
        """None if the application has returned, as it does when it is told; what has happened, if not."""
        try:
            await self.ended.passed(MOMENT)
        except TimeoutError:
            return self.how
        return self.how or None


async def until_told(receive: Receive, send: Send, event: Event) -> None:
    """Send an event over and over, until `receive` or `send` tells that the client has left."""
    async with anyio.create_task_group() as group:

        async def listen() -> None:
            while not (await receive())["type"].endswith(".disconnect"):
                pass
            group.cancel_scope.cancel()

        group.start_soon(listen)
        try:
            while True:
                await send(event)
                await anyio.sleep(0.001)
        except OSError:
            group.cancel_scope.cancel()


def answering(body: Callable[[Scope], bytes]) -> Application:
    """An application that answers with what it makes of its scope."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": "http.response.body", "body": body(scope)})

    return app
