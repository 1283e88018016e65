"""Where the targets are: in processes that the lab starts, or behind a URL where somebody has mounted it."""

import asyncio
import json
import secrets
import ssl
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import urlsplit

from asgiscope import Conversation
from servers import NotServingError, Options, Running, running
from servers.certificate import CERTIFICATE
from servers.process import ROOT

from .case import Case
from .evidence import Answer, Evidence
from .targets import Target
from .wire import MOUNT, SOCKET, Place, Start
from .wire.ask import Ask
from .wire.http1 import Bytes

PROBE = "lab.probe:application"
GRACE = 1  # seconds that a server gets to stop
LISTENS_IN = 60.0  # seconds until it has to listen
PATIENCE = 30.0  # seconds until a server that was just started has to answer
AT_ONCE_PATIENCE = 5.0  # seconds until one that has answered before has to answer again
SEVERAL = 32  # times that a probe somewhere else is asked who it is, to find out whether it is one process


class Host(Protocol):
    """A target that is there to be asked."""

    @property
    def name(self) -> str:
        """What it is called in the matrix."""

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions of HTTP that it is asked in."""

    @property
    def token(self) -> str:
        """The token of its probe."""

    def can_hold(self, case: Case) -> bool:
        """Whether the case is about it."""

    async def place(self, version: int, start: Start | None = None) -> Place:
        """Where it answers in this version, started in this way. Raises OSError and NotServingError."""

    def is_at(self, place: Place) -> bool:
        """Whether that is still where it is, and it was not started anew."""

    def ended(self, place: Place) -> str | None:
        """What the process there has printed, if it has ended; None while it runs, or where nobody knows."""

    async def renew(self, place: Place) -> None:
        """See to it that what is wedged there is not asked again."""

    async def stop(self) -> None:
        """Leave nothing behind."""


@dataclass
class Local:
    """A server in processes of its own: one for each way to start it that a case or a version needs.

    Each is started when it is first asked for, and again when it has ended.
    """

    target: Target
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    processes: dict[Start, tuple[Running, ExitStack]] = field(default_factory=dict)
    answered: set[tuple[int, int]] = field(default_factory=set)  # ids of processes, and versions
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def versions(self) -> tuple[int, ...]:
        return self.target.versions

    def can_hold(self, case: Case) -> bool:
        return case.start is None or self.target.lives

    async def place(self, version: int, start: Start | None = None) -> Place:
        start = start or ("clear" if self.target.in_clear(version) else "tls")
        async with self.lock:
            if start not in self.processes or self.processes[start][0].process.poll() is not None:
                await self.close(start)
                self.processes[start] = await asyncio.to_thread(self.begin, start)
            process, _ = self.processes[start]
            place = place_of(process)
            # To listen is not yet to answer: some servers listen before they load the application, and a
            # QUIC handshake that nobody takes is repeated after ever longer pauses.
            if (process.process.pid, version) not in self.answered:
                await until_it_answers(place, version, self.token)
                self.answered.add((process.process.pid, version))
        return place

    def begin(self, start: Start) -> tuple[Running, ExitStack]:
        """Start a process. Raises NotServingError."""
        stack = ExitStack()
        options = options_of(self.target, start)
        if start == "mounted":
            folder = stack.enter_context(TemporaryDirectory())
            options = replace(options, uds=f"{folder}/{SOCKET}", root_path=MOUNT)
        environment = {"LAB_TOKEN": self.token}
        return stack.enter_context(
            running(self.target.launcher, options, timeout=LISTENS_IN, environment=environment)
        ), stack

    def is_at(self, place: Place) -> bool:
        found = self.processes.get(place.start)
        return found is not None and place_of(found[0]) == place

    def ended(self, place: Place) -> str | None:
        process, _ = self.processes[place.start]
        return None if process.process.poll() is None else process.output()

    async def renew(self, place: Place) -> None:
        async with self.lock:
            if self.is_at(place):  # and nobody else has done it
                await self.close(place.start)

    async def close(self, start: Start) -> None:
        """Stop a process, if there is one."""
        if found := self.processes.pop(start, None):
            await asyncio.to_thread(found[1].close)

    async def stop(self) -> None:
        await asyncio.gather(*map(self.close, list(self.processes)))


@dataclass
class Remote:
    """A probe that somebody has mounted, at a URL: its path is the root of all targets."""

    url: str
    token: str
    name: str = "url"
    versions: tuple[int, ...] = (1,)

    @property
    def tls(self) -> bool:
        return self.url.startswith("https:")

    def can_hold(self, case: Case) -> bool:
        # Who speaks TLS by asyncio cannot say that it will say no more, and go on reading.
        if self.tls and isinstance(case.client, Bytes) and "half-close" in case.client.steps:
            return False
        return case.start in (None, "tls" if self.tls else "clear")

    async def place(self, version: int, start: Start | None = None) -> Place:
        found = urlsplit(self.url)
        port = found.port or (443 if self.tls else 80)
        host = found.hostname or ""
        return Place(host, port, self.tls, found.path.rstrip("/"), found.netloc.rpartition("@")[2])

    def is_at(self, place: Place) -> bool:
        return True

    def ended(self, place: Place) -> str | None:
        return None

    async def renew(self, place: Place) -> None:
        """What is behind a URL is its owner's."""

    async def stop(self) -> None:
        """Nothing was started."""

    async def learn(self) -> None:
        """Find out which versions it speaks: HTTP/2 if that is what ALPN agrees on.

        Raises OSError where nobody answers, or who is no probe, or more than one process, and PermissionError
        where the token is another.
        """
        place = await self.place(1)
        answers = await asyncio.gather(*(told(place, 1, self.token, "seen/0") for _ in range(SEVERAL)))
        processes = {name for answer in answers for name in answer.header("x-lab-process")}
        if not processes:
            raise ConnectionError("what answers there is something else")
        if len(processes) > 1:
            raise ConnectionError("several processes answer, and none knows what another has seen: start one")
        if place.tls:
            context = ssl.create_default_context()
            context.set_alpn_protocols(["h2", "http/1.1"])
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(place.host, place.port, ssl=context)
            agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
            writer.transport.abort()
            self.versions = (1, 2) if agreed == "h2" else (1,)


def options_of(target: Target, start: Start, grace: int = GRACE) -> Options:
    """How a process of a target is started: with the newest version of HTTP that it is asked in."""
    row = target.launcher
    tls = start == "tls"
    versions = set(row.http if tls else row.in_clear) & set(target.versions)
    return Options(app=PROBE, http=max(versions), tls=tls, grace=grace)


def place_of(process: Running) -> Place:
    """Where a process is reached."""
    options = process.options
    cafile = str(ROOT / CERTIFICATE) if options.tls else None
    # Some servers put the root path in front of the path themselves, and others leave that to the proxy.
    root = "" if process.launcher.path_has_root else options.root_path
    return Place(options.host, options.port, options.tls, root, cafile=cafile, uds=options.uds)


async def until_it_answers(place: Place, version: int, token: str, patience: float = PATIENCE) -> None:
    """Ask the probe until it answers. Raises NotServingError after that many seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await seen(place, version, token, "0", min(patience, AT_ONCE_PATIENCE))
        except PermissionError:
            raise
        except OSError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise NotServingError(f"It does not answer over HTTP/{version}: {error}") from error
            await asyncio.sleep(0.05)
        else:
            return


async def settled(place: Place, token: str, run: str, more: float = 0.0) -> list[Conversation]:
    """The same as `seen`, when all calls of the application have ended, or have had the time to: what the
    probe gives them, and so many seconds `more`."""
    until = time.monotonic() + more
    while True:
        conversations = await seen(place, 1, token, run, when="settled")
        if time.monotonic() > until or all(one.outermost.outcome.how != "open" for one in conversations):
            return conversations


async def seen(
    place: Place, version: int, token: str, run: str, patience: float = PATIENCE, *, when: str = "seen"
) -> list[Conversation]:
    """Ask the probe what the application saw of a run. Raises OSError where it does not answer in time."""
    answer = await told(place, version, token, f"{when}/{run}", patience)
    try:
        return [Conversation.from_json(json.dumps(one)) for one in json.loads(answer.body)]
    except ValueError as error:
        raise ConnectionError(f"what the probe answered is not what it says: {error}") from error


async def told(place: Place, version: int, token: str, what: str, patience: float = PATIENCE) -> Answer:
    """What the probe answers. Raises OSError where that does not come in time, or is a refusal."""
    evidence = Evidence("seen")
    try:
        async with asyncio.timeout(patience):
            ask = Ask(headers=(("x-lab-token", token),))
            await ask(place, version, f"{place.root}/lab/{what}", evidence)
    except TimeoutError:
        raise ConnectionError(f"the probe did not answer within {patience:g} seconds") from None
    answer = evidence.answer
    if answer.status == 403:
        raise PermissionError("the token is not that of the probe, or the probe has none")
    if answer.status != 200 or answer.ended != "whole":
        raise ConnectionError(f"the probe answered {answer.status}: {answer.body[:200]!r}")
    return answer
