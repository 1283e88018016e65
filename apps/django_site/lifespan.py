"""What the project opens once and closes at the end.

Django answers no lifespan, so this stands beside it. What is opened here is in `scope["state"]`, where a view
finds it by `request.scope["state"]`.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from . import consumers, outside, pools, threads

logger = logging.getLogger(__name__)

# Each is called with the state, puts into it what it opens, and closes that at the end.
RESOURCES: tuple[Callable[[dict[str, Any]], AbstractAsyncContextManager[None]], ...] = (
    outside.clients,
    consumers.layer,
    pools.pools,
    threads.threads,
)


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Open the resources one after the other, and close them in the opposite order.

    Where the server keeps no state (lifespan.rst, Lifespan State) no view finds what is opened for views. Of
    the others, each closes in the end what is open.
    """
    state, phase = scope.get("state", {}), "startup"
    try:
        async with AsyncExitStack() as stack:
            await receive()
            for resource in RESOURCES:
                await stack.enter_async_context(resource(state))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            phase = "shutdown"
    except Exception as error:
        logger.exception("the %s failed", phase)
        await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
    else:
        await send({"type": "lifespan.shutdown.complete"})
