"""Applications of ASGI 2: a callable that takes the scope and returns one that takes `receive` and `send`."""

import inspect
from collections.abc import Iterator
from typing import Any

from ..recorder import Application
from ..sources import home_of
from .finding import Finding, of_clause


def takes(app: Any, count: int) -> bool:
    """Whether something can be called with so many positional arguments, as far as it tells."""
    try:
        inspect.signature(app).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def legacy_findings(app: Any) -> Iterator[Finding]:
    """The clauses on single callables that an application of ASGI 2 breaks; none, if it is of ASGI 3."""
    if takes(app, 3) or not takes(app, 1):
        return
    message = "The application takes a scope alone, as applications of ASGI 2 did."
    yield of_clause("general.app.single-async-callable", "call", message, home_of(app))
    if inspect.iscoroutinefunction(app):
        message = "The application is called with a scope alone, and that call is a coroutine's."
        yield of_clause("general.legacy.first-call-sync", "call", message, home_of(app))


def single_callable(app: Any) -> Application:
    """An application of ASGI 3 that calls one of ASGI 2."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        instance = app(scope)
        if inspect.isawaitable(instance):
            instance = await instance
        await instance(receive, send)

    return application
