"""Holds cases with hosts: sends the clients, fetches what the application saw, draws conclusions.

Nothing that is said against a server rests on one observation: what is broken off or breaks a clause, and is
not known, is held once more when all else is over, alone with that server. If that shows something else, the
case is flaky with it, and that is what is said.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from servers import NotServingError

from .case import Case, Conclusion, Verdict
from .evidence import Evidence
from .flow import Tell, flow
from .hosts import AT_ONCE_PATIENCE, Host, Local, Remote, seen, settled
from .inprocess import InProcess
from .known import FAULTS, known
from .lives import lived
from .runs import new_run
from .wire import Place, Start
from .wire.life import Life

HOSTS_AT_ONCE = 5  # hosts that are asked at a time,
AT_ONCE = 8  # and cases that are held with one of them


@dataclass(frozen=True)
class Result:
    """What one case has shown of one target, over one version of HTTP."""

    case: Case
    target: str
    version: int
    conclusion: Conclusion
    evidence: Evidence

    @property
    def again(self) -> str:
        """The command that holds it once more."""
        where = "--url URL" if self.target == Remote.name else f"--server {self.target}"
        return f"python -m lab {where} --replay {self.case.id}"

    @property
    def is_doubtful(self) -> bool:
        """Whether it is held once more before it is said."""
        verdict = self.conclusion.verdict
        return verdict in FAULTS and known(self.target, self.case.id, self.version) is None


Job = Callable[[], Awaitable[list[Result]]]


def held(cases: Sequence[Case], hosts: Sequence[Host]) -> AsyncIterator[Result]:
    """Hold the cases with the hosts, and yield each result when it is there; then stop the hosts."""

    async def all_of_them(tell: Tell[Result]) -> None:
        doubtful: dict[str, list[Result]] = defaultdict(list)
        turns = asyncio.Semaphore(HOSTS_AT_ONCE)

        async def with_host(host: Host) -> None:
            async with turns:
                async for result in held_with(cases, host):
                    if result.is_doubtful:
                        doubtful[host.name].append(result)
                    else:
                        tell(result)
            if not doubtful[host.name]:
                await host.stop()

        async def doubt(host: Host) -> None:
            for first in doubtful[host.name]:
                tell(doubted(first, await again(first, host)))

        try:
            async with asyncio.TaskGroup() as group:
                # Those that have the most to be asked begin, so that none of them is left alone at the end.
                for host in sorted(hosts, key=lambda host: len(host.versions), reverse=True):
                    group.create_task(with_host(host))
            async with asyncio.TaskGroup() as group:
                for host in hosts:
                    group.create_task(doubt(host))
        finally:
            await asyncio.gather(*(host.stop() for host in hosts))

    return flow(all_of_them)


async def held_with(cases: Sequence[Case], host: Host) -> AsyncIterator[Result]:
    """Hold the cases with one host, several at a time; those about its life in processes of their own."""
    turns = asyncio.Semaphore(AT_ONCE)
    # One connection of QUIC can block a server for all others, so that each is alone with it.
    quic = asyncio.Semaphore(1)

    async def one(hold_it: Job, turn: asyncio.Semaphore) -> list[Result]:
        async with turn:
            return await hold_it()

    lives: dict[str, list[Case]] = defaultdict(list)
    jobs: list[tuple[Job, asyncio.Semaphore]] = []
    later: list[tuple[Job, asyncio.Semaphore]] = []
    for case in cases:
        if isinstance(case.client, Life):
            lives[repr((case.app, case.client))].append(case)
        elif host.can_hold(case):
            for version in sorted(set(case.over) & set(host.versions)):
                turn = quic if version == 3 else turns
                (later if case.alone else jobs).append((partial(several, case, host, version), turn))
    if isinstance(host, Local) and host.target.lives:
        jobs += [(partial(life_of, same, host), turns) for same in lives.values()]
    tasks = [asyncio.create_task(one(*job)) for job in jobs]
    try:
        for done in asyncio.as_completed(tasks):
            for result in await done:
                yield result
        for job, _ in later:
            for result in await job():
                yield result
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def several(case: Case, host: Host, version: int) -> list[Result]:
    """Hold a case; its one result is a list, as those of a life are."""
    return [await hold(case, host, version)]


async def again(first: Result, host: Host) -> Result:
    """Hold a case once more, with nothing beside it, and not in a process that does not answer."""
    if isinstance(host, Local) and isinstance(first.case.client, Life):
        return (await life_of([first.case], host))[0]
    if not isinstance(host, InProcess):
        with suppress(OSError, NotServingError):  # then that is what is seen when it is held
            await renew_if_wedged(host, first.version, first.case.start)
    return await hold(replace(first.case, limit=2 * first.case.limit), host, first.version)


def doubted(first: Result, second: Result) -> Result:
    """What is said of a case that was held twice. If it has shown two things, the evidence is that of the
    first, which nobody can see again."""
    one, other = first.conclusion, second.conclusion
    if one.verdict == other.verdict:
        return replace(second, case=first.case)
    why = f"At first it {said(one)} Held once more, alone, it {said(other)}"
    return replace(first, conclusion=Conclusion(Verdict.FLAKY, why))


def said(conclusion: Conclusion) -> str:
    """A conclusion in a sentence, without the subject."""
    verb = {Verdict.BROKEN_OFF: "broke off", Verdict.UNSUPPORTED: "does not support it"}
    return f"{verb.get(conclusion.verdict, conclusion.verdict)}: {conclusion.why or 'the clause.'}"


async def hold(case: Case, host: Host, version: int) -> Result:
    """Hold one case with one server.

    A hang costs its own time-out, and a server that does not answer after it is started anew.
    """
    if isinstance(host, InProcess):
        evidence = await host.holds(case)
        return Result(case, host.name, 1, case.concludes(evidence), evidence)
    if case.fresh and isinstance(host, Local):
        host = Local(host.target)
        try:
            return await hold(replace(case, fresh=False), host, version)
        finally:
            await host.stop()
    evidence = Evidence(case.id, version)
    run, place = new_run(host.token), None
    try:
        if version == 3:
            await renew_if_wedged(host, version, case.start)
        place = await host.place(version, case.start)
        evidence.authority = place.authority
        await spoken(case, place, version, run, evidence)
        if not host.is_at(place):
            evidence.error = "The server was started anew while the case was held."
        elif (printed := host.ended(place)) is not None:
            has_ended(evidence, printed)
        elif not evidence.unsupported:
            if evidence.error:
                await renew_if_wedged(host, version, case.start)
            place = await host.place(version, case.start)
            evidence.conversations = await settled(place, host.token, run, case.settles)
    except (OSError, NotServingError) as error:
        evidence.error = evidence.error or f"{type(error).__name__}: {error}"
        if place and (printed := await ended_soon(host, place)) is not None:
            has_ended(evidence, printed)
        if case.alone:  # the process may be about to end, and the next is not to be asked of it
            with suppress(OSError, NotServingError):
                await renew_if_wedged(host, version, case.start)
    return Result(case, host.name, version, case.concludes(evidence), evidence)


def has_ended(evidence: Evidence, printed: str) -> None:
    """Take note that the process of the server has ended, and of what it has printed."""
    evidence.alive, evidence.output = False, printed
    evidence.error = "The process of the server has ended."


async def ended_soon(host: Host, place: Place) -> str | None:
    """What a process has printed that ends within a second: to end takes a while. None if it goes on."""
    for _ in range(20):
        if not host.is_at(place):
            return None
        if (printed := host.ended(place)) is not None:
            return printed
        await asyncio.sleep(0.05)
    return None


async def spoken(case: Case, place: Place, version: int, run: str, evidence: Evidence) -> None:
    """Let the client do what it does, for no longer than the case has."""
    try:
        async with asyncio.timeout(case.limit):
            await case.client(place, version, f"{place.root}/lab/{case.id}/{run}", evidence)
    except TimeoutError:
        evidence.error = f"The case was not over after {case.limit:g} seconds."
    except OSError as error:
        evidence.error = f"{type(error).__name__}: {error}"
    except Exception as error:
        evidence.error = f"The client cannot go on: {type(error).__name__}: {error}"


async def renew_if_wedged(host: Host, version: int, start: Start | None) -> None:
    """Ask a server whether it is still there, and have it started anew if it does not say so."""
    place = await host.place(version, start)
    try:
        await seen(place, version, host.token, "0", AT_ONCE_PATIENCE)
    except OSError:
        await host.renew(place)


async def life_of(cases: Sequence[Case], host: Local) -> list[Result]:
    """Hold cases that have the same life: once, and each concludes from it what it is about."""
    first = cases[0]
    evidence = await lived(first.id, first.client, host.target)
    results = []
    for case in cases:
        own = replace(evidence, case=case.id)
        results.append(Result(case, host.name, 1, case.concludes(own), own))
    return results
