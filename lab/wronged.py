"""Plays the wrong applications behind the servers, one at a time with each, and says what comes of it."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from .checks.events import CANCELS, class_of
from .checks.life import told
from .evidence import Evidence
from .flow import Tell, flow
from .hosts import AT_ONCE_PATIENCE, Local, seen, settled
from .lives import lived
from .runs import new_run
from .wire.http1 import Bytes
from .wire.life import Life
from .wire.websocket import Socket
from .wrong import Wrong

HANGS = 8.0  # seconds until a client gives up that is not told that nothing more will come
PRINTS = 0.15  # seconds in which a server prints what it has to say
COMPLAINS = re.compile(r"error|exception|traceback|warn|invalid|unexpected|unhandled", re.IGNORECASE)

Offers = dict[tuple[int, bool], set[str]]  # extensions, by the version of HTTP and whether it is a WebSocket


@dataclass(frozen=True)
class Wronged:
    """What a server does with a wrong application.

    `server` is what it does itself: "raises TypeError" into the application, "logs", or "quiet". `client` is
    what the client gets, in words. `survives` says whether the process answers afterwards. `skipped` says why
    the counter-example is not about this server.
    """

    wrong: Wrong
    target: str
    version: int
    server: str = ""
    client: str = ""
    survives: bool = True
    skipped: str = ""
    evidence: Evidence = field(default_factory=lambda: Evidence(""))


def wronged(cases: Sequence[Wrong], hosts: Iterable[Local]) -> AsyncIterator[Wronged]:
    """Play them all, and yield what comes of each."""

    async def all_of_them(tell: Tell[Wronged]) -> None:
        async with asyncio.TaskGroup() as group:
            for host in hosts:
                group.create_task(with_host(host, tell))

    async def with_host(host: Local, tell: Tell[Wronged]) -> None:
        offers: Offers = {}
        try:
            for wrong in cases:
                if isinstance(wrong.client, Life):
                    if host.target.lives:
                        tell(await life(wrong, host))
                    continue
                for version in sorted(set(wrong.over) & set(host.versions)):
                    tell(await played(wrong, host, version, offers))
        finally:
            await host.stop()

    return flow(all_of_them)


async def played(wrong: Wrong, host: Local, version: int, offers: Offers) -> Wronged:
    """Play one, and a second time if the client waits in vain, or the server does not survive: it is the
    second that counts, as neither is said of one that was seen once.

    `offers` has what is known of the extensions of this host, and gets what is seen of them.
    """
    kind = (version, type(wrong.client) is Socket)
    if kind in offers and (why := skipped(wrong, offers[kind])):
        return Wronged(wrong, host.name, version, skipped=why)
    found = await once(wrong, host, version)
    if ("waits" in found.client or not found.survives) and not found.skipped:
        found = await once(wrong, host, version)
    if found.evidence.conversations:
        offers[kind] = set(found.evidence.scope.get("extensions") or ())
    return found


async def once(wrong: Wrong, host: Local, version: int) -> Wronged:
    """Play one."""
    evidence = Evidence(wrong.id, version)
    run = new_run(host.token)
    place = await host.place(version)
    process, _ = host.processes[place.start]
    log = process.log.fileno() if process.log else -1
    before = os.fstat(log).st_size
    try:
        async with asyncio.timeout(HANGS):
            await wrong.client(place, version, f"/lab/{wrong.id}/{run}", evidence)
    except TimeoutError:
        evidence.error = "waits"
    except OSError:
        evidence.closed = "reset"
    except Exception as error:
        evidence.error = f"{type(error).__name__}: {error}"
    survives = host.ended(place) is None
    with suppress(OSError):
        evidence.conversations = await settled(place, host.token, run) if survives else []
    await asyncio.sleep(PRINTS)
    printed = os.pread(log, 16384, before).decode(errors="replace")
    evidence.output, evidence.alive = printed, survives
    try:
        await seen(place, version, host.token, "0", AT_ONCE_PATIENCE)
    except OSError:
        survives = False
        await host.renew(place)
    offers = set(evidence.scope.get("extensions") or ())
    why = skipped(wrong, offers) if evidence.conversations else ""
    server, client = server_does(evidence), client_gets(wrong, evidence)
    return Wronged(wrong, host.name, version, server, client, survives, why, evidence)


def skipped(wrong: Wrong, offers: set[str]) -> str:
    """Why a counter-example is about nothing: the server offers what the application was not to have, or not
    what it was to have."""
    if missing := sorted(wrong.needs - offers):
        return f"It does not offer {', '.join(missing)}."
    if there := sorted(wrong.without & offers):
        return f"It offers {', '.join(there)}, so that nothing is wrong."
    return ""


async def life(wrong: Wrong, host: Local) -> Wronged:
    """Play one that is wrong in its lifespan, in a process of its own."""
    evidence = await lived(wrong.id, wrong.client, host.target)
    if not evidence.conversations or evidence.conversations[0].scope.get("type") != "lifespan":
        return Wronged(wrong, host.name, 1, skipped="It has no lifespan.")
    found = evidence.life
    serves = "serves" if found and found.served else "does not serve"
    status = f", and ends with status {found.status}" if found else ""
    killed = "" if found and found.in_time else "; it had to be killed"
    # Of an application that says that it cannot start, the server that does not serve it is right.
    survives = bool(found and found.served) or bool(told(evidence, "lifespan.startup.failed", "send"))
    client = f"{serves}{status}{killed}"
    return Wronged(wrong, host.name, 1, server_does(evidence), client, survives, "", evidence)


def server_does(evidence: Evidence) -> str:
    """What a server does with the mistake: it raises, it logs, or it is quiet."""
    for conversation in evidence.conversations:
        for event in conversation.events:
            if (error := class_of(event.error)) not in ("", *CANCELS):
                return f"raises {error}"
    complaints = [
        line for line in evidence.output.splitlines() if "/lab/" not in line and COMPLAINS.search(line)
    ]
    return "logs" if complaints else "quiet"


def client_gets(wrong: Wrong, evidence: Evidence) -> str:
    """What the client gets, in a few words."""
    answer = evidence.answer
    if isinstance(wrong.client, Bytes):
        return "it has left"
    if answer.status == 101:
        return socket_gets(evidence)
    if evidence.error and evidence.error != "waits":
        return f"rubbish: {evidence.error}"
    if evidence.error:
        return f"{answer.status}, and waits for the rest" if answer.status else "waits in vain"
    match answer.ended:
        case "whole":
            hints = "".join(f"{status}, " for status, _ in answer.informational)
            return f"{hints}{answer.status} with {len(answer.body)} bytes"
        case "cut" | "reset" if answer.status:
            return f"{answer.status}, {answer.ended} after {len(answer.body)} bytes"
        case "reset":
            return "a reset"
        case "malformed":
            return f"rubbish: {answer.status}, and a body that is not as long as its content-length"
    if evidence.closed != "open":
        return f"no answer, and the connection is {evidence.closed}"
    return f"{answer.status}, and waits for the rest" if answer.status else "waits in vain"


def socket_gets(evidence: Evidence) -> str:
    """What the client of a WebSocket gets, in a few words."""
    if evidence.error and evidence.error != "waits":
        return f"rubbish: {evidence.error}"
    kinds = [frame.kind for frame in evidence.frames]
    messages = kinds.count("text") + kinds.count("bytes")
    heard = f", {messages} message{'s' if messages > 1 else ''}" if messages else ""
    closes = [frame.code for frame in evidence.frames if frame.kind == "close"]
    if closes:
        return f"101{heard}, close {closes[0]}"
    if evidence.error:
        return f"101{heard}, and waits in vain"
    return f"101{heard}, no close frame, and the connection is {evidence.closed}"
