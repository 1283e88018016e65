"""Lifespan: the fields of its events, the order they come in, and the judge of a lifespan."""

from collections.abc import Iterator
from typing import Any, ClassVar

from .clause import Level, Violation, breach
from .judge import Breach, Event, Grid, Judge, Scope
from .scope import general_breaches, is_older, spec_version
from .values import Field, is_dict, is_str, shown

STARTUP, SHUTDOWN = "lifespan.startup", "lifespan.shutdown"

SEND_FIELDS = {
    f"{STARTUP}.complete": (),
    f"{STARTUP}.failed": (Field("message", is_str, "a str", f"{STARTUP}.failed.message.type"),),
    f"{SHUTDOWN}.complete": (),
    f"{SHUTDOWN}.failed": (Field("message", is_str, "a str", f"{SHUTDOWN}.failed.message.type"),),
}
RECEIVE_FIELDS: dict[str, tuple[Field, ...]] = {STARTUP: (), SHUTDOWN: ()}

WAITING, EAGER, STARTING, STARTED, FAILED = "waiting", "eager", "starting", "started", "failed"
STOPPING, STOPPED = "stopping", "stopped"

STATES = {
    WAITING: "'lifespan.startup' had not been received",
    EAGER: "'lifespan.startup' had been answered, and not received",
    STARTING: "'lifespan.startup' had not been answered",
    STARTED: "the application had started",
    FAILED: "the application had failed to start",
    STOPPING: "'lifespan.shutdown' had not been answered",
    STOPPED: "the application had stopped",
}

UNASKED = Breach(f"{STARTUP}.complete.after-work", EAGER)
TWICE = Breach(f"{STARTUP}.answered")
WRONG = Breach(f"{SHUTDOWN}.answered")
FIRST = Breach(f"{STARTUP}.first")
EARLY = Breach(f"{SHUTDOWN}.after-startup")

# fmt: off
SEND: Grid = {
    #                        waiting  eager  starting  started  failed  stopping  stopped
    f"{STARTUP}.complete":  (UNASKED, TWICE, STARTED,  TWICE,   TWICE,  TWICE,    TWICE),
    f"{STARTUP}.failed":    (UNASKED, TWICE, FAILED,   TWICE,   TWICE,  TWICE,    TWICE),
    f"{SHUTDOWN}.complete": (WRONG,   WRONG, WRONG,    WRONG,   WRONG,  STOPPED,  WRONG),
    f"{SHUTDOWN}.failed":   (WRONG,   WRONG, WRONG,    WRONG,   WRONG,  STOPPED,  WRONG),
}
RECEIVE: Grid = {
    #          waiting   eager    starting  started   failed  stopping  stopped
    STARTUP:  (STARTING, STARTED, FIRST,    FIRST,    FIRST,  FIRST,    FIRST),
    SHUTDOWN: (FIRST,    FIRST,   EARLY,    STOPPING, EARLY,  EARLY,    EARLY),
}
# fmt: on

OWED = {
    WAITING: ("lifespan.app.unsupported-raises", "without a word, where it could have raised"),
    STARTING: (f"{STARTUP}.answered", "without having answered 'lifespan.startup'"),
    STARTED: ("general.app.lives-as-long-as-connection", "before 'lifespan.shutdown'"),
    STOPPING: (f"{SHUTDOWN}.answered", "without having answered 'lifespan.shutdown'"),
}


class LifespanJudge(Judge):
    """The judge of a lifespan (lifespan.rst)."""

    STATES = STATES
    SEND = SEND
    SEND_FIELDS = SEND_FIELDS
    RECEIVE_FIELDS = RECEIVE_FIELDS
    UNKNOWN: ClassVar = {"send": "lifespan.event.send-types", "receive": "lifespan.event.receive-types"}

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope, WAITING)

    def scope_breaches(self) -> Iterator[Violation]:
        yield from general_breaches(self.scope)
        state = self.scope.get("state", {})
        if not is_dict(state):
            message = f"'state' of the scope is {shown(state)}, not a dict."
            yield breach("lifespan.scope.state.type", None, message)
        elif state:
            message = f"'state' of the scope has {', '.join(map(shown, state))} in it."
            yield breach("lifespan.scope.state.empty", None, message)

    def more_send_breaches(self, event: Event, index: int, name: str) -> Iterator[Violation]:
        if not event["type"].endswith(".failed"):
            return
        version = spec_version(self.scope)
        sent = f"The application sent {name}, which is of version 2.0, and the server announces"
        if version is None:
            yield breach("lifespan.scope.asgi.spec-version.default", index, f"{sent} none.")
        elif is_older(version, "2.0"):
            yield breach("lifespan.event.send-types", index, f"{sent} {version}.", level=Level.SHOULD)

    def order_received(self, event: Event, index: int, by: Any, asked: int) -> Iterator[Violation]:
        kind = str(event["type"])
        did = f"The server gave {kind!r} when {STATES[self.state]}."
        self.state = yield from self.step(RECEIVE[kind], STATES, self.state, index, did)

    def end_breaches(self) -> Iterator[Violation]:
        if self.state in OWED:
            clause, how = OWED[self.state]
            yield breach(clause, None, f"The application returned {how}.")
