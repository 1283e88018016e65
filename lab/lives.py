"""Holds the cases that are about the whole life of a server: each in a process of its own."""

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from asgiscope import Conversation
from servers import NotServingError, Running, running

from .checks.life import processes
from .evidence import Answer, Evidence, Lived
from .hosts import options_of, place_of
from .runs import new_run
from .targets import Target
from .wire import Place
from .wire.ask import Ask
from .wire.life import Life

LEGACY = "lab.probe:legacy"
LISTENS_IN = 60.0  # seconds that a server gets to listen
ANSWERS_IN = 40.0  # seconds that a server gets from its start to its first answer
FIRST_ANSWER = 5.0  # seconds for one request in that time
BEGIN_IN = 40.0  # seconds that each of its workers gets from there to begin
ASKED_FOR = 10.0  # seconds for an answer
GRACE = 5  # seconds that a server gets to stop: the request that is running and the lifespan need two of them
BEGUN = 0.5  # seconds until a request has reached the application


async def lived(case: str, life: Life, target: Target) -> Evidence:
    """Hold a case from start to end; its id tells the probe what its application does."""
    if life.workers > 1 and target.launcher.workers is None:
        return Evidence(case, unsupported="It is a single process, and has no workers.")
    evidence = Evidence(case, 1, life=Lived())
    with TemporaryDirectory() as folder:
        journal = Path(folder, "journal")
        token = secrets.token_hex(16)
        environment = {"LAB_LIFE": case, "LAB_JOURNAL": str(journal), "LAB_TOKEN": token}
        options = options_of(target, "clear" if target.in_clear(1) else "tls", GRACE)
        options = replace(options, app=LEGACY if life.legacy else options.app, workers=life.workers)
        manager = running(target.launcher, options, timeout=LISTENS_IN, environment=environment)
        try:
            process = await asyncio.to_thread(manager.__enter__)
        except NotServingError as error:
            evidence.life = Lived(by_itself=error.status is not None, status=error.status)
            evidence.output = "\n".join(getattr(error, "__notes__", ()))
        else:
            try:
                await serves(process, life, token, evidence)
                if life.workers > 1 and evidence.life and evidence.life.served:
                    await begin(process, life, token, journal, evidence)
                await stops(process, life, token, evidence)
            finally:
                await asyncio.to_thread(manager.__exit__, None, None, None)
        read(journal, evidence)
    return evidence


async def serves(process: Running, life: Life, token: str, evidence: Evidence) -> None:
    """Wait until it answers, or has ended, and ask it what is to be asked."""
    found = evidence.life or Lived()
    place = place_of(process)
    deadline = asyncio.get_running_loop().time() + ANSWERS_IN
    while process.process.poll() is None and not found.served:
        if asyncio.get_running_loop().time() > deadline:
            return
        answer = await answered(place, evidence.case, token)
        found.served = answer.status == 200
        if life.legacy and answer.status >= 500:  # it does not take such an application, now or later
            evidence.answers.append(answer)
            return
        if not found.served:
            await asyncio.sleep(0.05)
    if not found.served:
        found.by_itself = True
        return
    for action in life.asks:
        with suppress(OSError):
            async with asyncio.timeout(ASKED_FOR):
                await action(place, 1, target_of(evidence.case, token), evidence)


async def begin(process: Running, life: Life, token: str, journal: Path, evidence: Evidence) -> None:
    """Ask until each of the workers has a lifespan. Where some are never seen, there is nothing to judge."""
    deadline = asyncio.get_running_loop().time() + BEGIN_IN
    while process.process.poll() is None and asyncio.get_running_loop().time() < deadline:
        read(journal, evidence)
        if len(processes(evidence, "lifespan")) >= life.workers:
            return
        await answered(place_of(process), evidence.case, token)
        await asyncio.sleep(0.05)
    if (seen := len(processes(evidence))) < life.workers:
        evidence.error = f"Of its {life.workers} workers, only {seen} has called the application."


async def answered(place: Place, case: str, token: str) -> Answer:
    """What it answers to a request; an answer that says nothing, if it does not."""
    knock = Evidence(case)
    with suppress(OSError):
        async with asyncio.timeout(FIRST_ANSWER):
            await Ask()(place, 1, target_of(case, token), knock)
        return knock.answer
    return Answer()


async def stops(process: Running, life: Life, token: str, evidence: Evidence) -> None:
    """Tell it to stop, while a request is running if there is to be one, and see how it ends."""
    found = evidence.life or Lived()
    place = place_of(process)
    running = knocking = None
    if life.meanwhile and found.served:
        running = asyncio.create_task(life.meanwhile(place, 1, target_of(evidence.case, token), evidence))
        await asyncio.wait({running}, timeout=BEGUN)
        knocking = asyncio.create_task(knocks(place, target_of(evidence.case, token)))
    found.in_time = await asyncio.to_thread(process.stop)
    for task in filter(None, (running, knocking)):
        await asyncio.wait({task}, timeout=ASKED_FOR)
        task.cancel()
        with suppress(OSError, asyncio.CancelledError):
            await task
    found.status = process.process.returncode
    evidence.output = process.output()


async def knocks(place: Place, target: str) -> None:
    """Ask again and again, until nobody listens any more."""
    while True:
        async with asyncio.timeout(ASKED_FOR):
            await Ask()(place, 1, target, Evidence("knock"))
        await asyncio.sleep(0.05)


def target_of(case: str, token: str) -> str:
    """What is asked for."""
    return f"/lab/{case}/{new_run(token)}"


def read(journal: Path, evidence: Evidence) -> None:
    """Take the conversations from the journal, as each was in the end; the lifespan is the first."""
    last = {}
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else ():
        with suppress(ValueError):  # the last line of a process that was killed
            found = json.loads(line)
            last[found["where"], found["conversation"]["id"]] = found
    found = sorted(last.values(), key=lambda one: float(one["conversation"]["started"]))
    evidence.conversations = [Conversation.from_json(json.dumps(one["conversation"])) for one in found]
    evidence.where = [one["where"] for one in found]
    evidence.first_calls = [one["first_call"] for one in found]
