"""`asgiscope check`: an application is put through what real clients and lawful servers do, and is judged.

findings = await check(application)
"""

import asyncio
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from ..recorder import Application
from .finding import Finding, findings_of, merged
from .legacy import legacy_findings, single_callable
from .scenario import Request, Scenario, connections, lifespans
from .server import Held, Lifespan, Server, kind_of
from .variations import bases, stateless, vary
from .watchdog import watchdog

__all__ = ["Finding", "Request", "check"]

TIMEOUT = 5.0  # seconds
SHORT = 1.0  # seconds: for the variations of what has been tried with more patience
AT_ONCE = 100  # scenarios


async def check(
    app: Application,
    *,
    requests: Sequence[Request | str] = (),
    only: str | None = None,
    timeout: float = TIMEOUT,
    heard: Callable[[Held], object] = lambda held: None,
) -> list[Finding]:
    """Hold every scenario with an ASGI application and return what was found, the musts first.

    `requests` are asked for beside GET and POST of "/": a Request, or 'METHOD /path'. `only` is the name of
    one scenario, or a pattern as shells have it. `timeout` is how many seconds a scenario may take until the
    client leaves. `heard` is called with every conversation that was held. Raises ValueError for a request
    that is none.
    """
    asked = [Request.parse(one) if isinstance(one, str) else one for one in requests]
    found = list(legacy_findings(app))
    if found:
        app = single_callable(app)

    def is_wanted(name: str) -> bool:
        return only is None or name == only or fnmatchcase(name, only)

    def keep(held: Held) -> None:
        if is_wanted(held.scenario.name):
            heard(held)
            found.extend(findings_of(held))

    async def hold_connections(lifespan: Lifespan) -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def in_turn(scenario: Scenario, patience: float = timeout) -> Held:
            async with room:
                return await Server(scenario, lifespan.state).hold(app, patience)

        async def varied(base: Scenario) -> list[Finding]:
            return await vary(lambda scenario: in_turn(scenario, min(timeout, SHORT)), base)

        async with asyncio.TaskGroup() as group:
            wanted = bases(asked) if only is None or "~" in only else []
            variations = [group.create_task(varied(base)) for base in wanted]
            once = [group.create_task(in_turn(one)) for one in connections(asked) if is_wanted(one.name)]
        for task in once:
            keep(task.result())
        for variation in variations:
            found.extend(one for one in variation.result() if is_wanted(one.scenario))

    main, *others = lifespans()
    with watchdog(timeout):
        async with Lifespan(app, main, timeout) as lifespan:
            await hold_connections(lifespan)
        keep(lifespan.server.held)
        for scenario in () if lifespan.silent else others:
            if is_wanted(scenario.name):
                held = await Server(scenario).hold(app, timeout)
                keep(held)
                found.extend(stateless(lifespan.server.held, held))
        if any(map(needs_state, found)) and await refuses_to_start_without_state(app, timeout):
            found = [one for one in found if not needs_state(one)]
    return merged(found)


def needs_state(finding: Finding) -> bool:
    """Whether the application was found to fail on a connection without 'state'."""
    return finding.clause in ("http.scope.state.absent", "websocket.scope.state.absent")


async def refuses_to_start_without_state(app: Application, timeout: float) -> bool:
    """Whether a server without 'state' never comes to hold a connection with the application."""
    without = next(scenario for scenario in lifespans() if "state" not in scenario.scope)
    held = await Server(without).hold(app, timeout)
    return any(kind_of(event) == "lifespan.startup.failed" for event in held.sent)
