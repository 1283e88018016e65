"""The application that the servers run: it plays the script of a case, and writes down what it sees.

    LAB_TOKEN=... uvicorn lab.probe:application
    LAB_TOKEN=... uvicorn lab.probe:legacy        the same, as an application of two callables

The target of a request says which case it is about, and gives the run a name, so that what was seen can be
asked for afterwards; the name is signed, see `lab.runs`:

    /lab/http.scope.method.uppercase/small-letters/5e2d...    hold this case
    /lab/seen/5e2d...                                         what the application has seen of it, as JSON
    /lab/settled/5e2d...                                      the same, once its calls have had time to end

Where the target itself is what a case is about, the header `x-lab` says the same. Whoever asks what was seen
shows the token that is in LAB_TOKEN, in the header `x-lab-token`; without one in the environment, the probe
does nothing for anybody. What is remembered has an end: see RUNS and CALLS.
"""

import asyncio
import hmac
import json
import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from asgiscope import Conversation, Event, Recorder
from asgiscope.values import Cut

from .cases import CASES
from .runs import is_run
from .script import Step, play, steps
from .wire.life import Life
from .wrong import WRONG

RUNS = 512  # that are remembered: a client that waits in vain asks late for what was seen of its own
CALLS = 32  # of one run: a client that sends more requests than it should can be seen to, and fills nothing
KEEP = 1 << 20  # bytes of one body: more than any case sends, so that it can be compared
SETTLED = 1.0  # seconds that an application gets to end when its client is done, before that counts as open
SENT = 1024  # bytes of a body that are told where the application has sent it
TOKEN = os.environ.get("LAB_TOKEN", "")
MACHINE = secrets.token_hex(8)  # two may have processes of the same number

# A process that is started for a case about its own life: which one, and where all of it is written down, for
# at the end nobody is there to be asked.
LIFE = os.environ.get("LAB_LIFE", "")
JOURNAL = os.environ.get("LAB_JOURNAL", "")

STARTS_AND_STOPS = steps("""
receive
send lifespan.startup.complete
receive
send lifespan.shutdown.complete
""")

# What is no WebSocket for the server, though its client has opened one over HTTP/2.
NO_WEBSOCKET = steps("""
send http.response.start status=501
    content-length: 0
send http.response.body
""")

ASKED = re.compile(r"/lab/(?P<when>seen|settled)/(?P<run>[0-9a-f]+)$")
# The id of a case is that of a clause and a suffix.
TARGET = re.compile(r"/lab/(?P<case>[\w.-]+/[\w.-]+)/(?P<run>[0-9a-f]+)")

runs: OrderedDict[str, list[Conversation]] = OrderedDict()
first_call: ContextVar[float | None] = ContextVar("first_call", default=None)


def named(scope: Any) -> tuple[str, str] | None:
    """The case and the run that a connection is about; None for one that is about none."""
    headers = {bytes(name).lower(): bytes(value) for name, value in scope.get("headers", ())}
    target = headers.get(b"x-lab", b"").decode("latin-1") or scope.get("path", "")
    found = TARGET.search(target)
    if TOKEN and found and app_of(found["case"]) is not None and is_run(found["run"], TOKEN):
        return found["case"], found["run"]
    return None


def app_of(case: str) -> Sequence[Step] | None:
    """What the application of a case does; None if there is no such case."""
    found = CASES.get(case) or WRONG.get(case)
    return found.app if found else None


def script_of(scope: Any) -> Sequence[Step]:
    """What the application does with a connection."""
    if scope["type"] == "lifespan":
        return (app_of(LIFE) if LIFE else None) or STARTS_AND_STOPS
    case, _ = named(scope) or ("", "")
    if (scope["type"], scope.get("http_version"), scope.get("method")) == ("http", "2", "CONNECT"):
        return NO_WEBSOCKET
    held = CASES.get(case) or WRONG.get(case)
    if held and isinstance(held.client, Life):
        return held.client.serves if scope["type"] == "http" else held.client.greets
    return app_of(case) or ()


async def script(scope: Any, receive: Any, send: Any) -> None:
    """Play the script of the case."""
    await play(script_of(scope), receive, send, scope)


def write_down(conversation: Conversation) -> None:
    """Remember a conversation by the name of its run, or write it to the journal."""
    if JOURNAL:
        conversation.listeners.append(to_journal)
        to_journal(conversation, None)
    elif name := named(conversation.scope):
        found = runs.setdefault(name[1], [])
        if len(found) < CALLS:
            found.append(conversation)
        while len(runs) > RUNS:
            runs.popitem(last=False)


def to_journal(conversation: Conversation, event: Event | None) -> None:
    """Write down what there is of a conversation so far, and where: the last line about it is all of it."""
    try:
        loop = id(asyncio.get_running_loop())
    except RuntimeError:  # under trio
        loop = 0
    where = f"process {os.getpid()}, thread {threading.get_ident()}, loop {loop}"
    line = json.dumps(
        {"where": where, "first_call": first_call.get(), "conversation": json.loads(conversation.to_json())}
    )
    with Path(JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(line + "\n")


recorded = Recorder(script, write_down, keep=KEEP)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Hold a case, or tell what was seen of one."""
    if scope["type"] == "lifespan" or named(scope):
        await recorded(scope, receive, send)
    elif scope["type"] == "http":
        status, body = await told(scope)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-lab-process", f"{MACHINE}-{os.getpid()}".encode()),  # another has seen other things
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    else:
        raise ValueError(f"there is no case for this {scope['type']} connection")


def legacy(scope: Any) -> Callable[[Any, Any], Awaitable[None]]:
    """The same as an application of two callables, as they were in ASGI 2; it notes when it was called."""
    called = time.time()

    async def instance(receive: Any, send: Any) -> None:
        first_call.set(called)
        await application(scope, receive, send)

    return instance


async def told(scope: Mapping[str, Any]) -> tuple[int, bytes]:
    """The answer to whoever asks what was seen."""
    asked = ASKED.search(scope["path"])
    if not TOKEN:
        return 403, b'{"error": "this probe has no token: start its server with one in LAB_TOKEN"}\n'
    if asked is None:
        return 404, b'{"error": "no such case, or a run that is not signed with the token of this probe"}\n'
    if not may_ask(scope):
        return 403, b'{"error": "the header x-lab-token has to hold the token of this probe"}\n'
    if asked["when"] == "settled":
        with anyio.move_on_after(SETTLED):
            while not has_settled(asked["run"]):  # noqa: ASYNC110 - a call that is to begin has no event
                await anyio.sleep(0.02)
    seen = ", ".join(shortened(conversation).to_json() for conversation in runs.get(asked["run"], ()))
    return 200, f"[{seen}]".encode()


def has_settled(run: str) -> bool:
    """Whether the application was called, and no call goes on."""
    return run in runs and all(conversation.taps[0].progress[1] != "open" for conversation in runs[run])


def shortened(conversation: Conversation) -> Conversation:
    """A conversation with the beginnings of what the application has sent, which its script says anyway."""
    lanes = [replace(lane, events=[short(event) for event in lane.events]) for lane in conversation.lanes]
    return Conversation(conversation.id, conversation.started, lanes)


def short(event: Event) -> Event:
    """An event with the beginning of its body, if the application has sent it."""
    body = event.fields.get("body")
    if event.direction == "receive" or not isinstance(body, bytes) or len(body) <= SENT:
        return event
    return replace(event, fields={**event.fields, "body": Cut(body[:SENT], len(body))})


def may_ask(scope: Mapping[str, Any]) -> bool:
    """Whether a client may know what was seen."""
    headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
    return hmac.compare_digest(headers.get(b"x-lab-token", b""), TOKEN.encode())
