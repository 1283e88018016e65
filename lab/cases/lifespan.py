"""lifespan.rst: a server is started, asked and told to stop, in a process of its own each time."""

from collections.abc import Mapping

from ..case import Case, Outcome, breaks, keeps, unsupported
from ..checks.life import (
    Lifespan,
    Prints,
    Serves,
    Untaken,
    Untold,
    asks_for_the_message,
    came_to_its_end,
    did_not_wait,
    exits_by_itself,
    exits_in_time,
    hears_nothing,
    in_one_place,
    lasts,
    lifespan_in_each_process,
    no_lifespan,
    nothing_after_shutdown,
    one_in_each_loop,
    told_to_stop,
    waited_for_startup,
)
from ..checks.state import FewStates, SharesList, StateHas, StateHasNot, Stateless, state_everywhere
from ..script import steps
from ..wire.ask import Ask
from ..wire.frames import close
from ..wire.life import ANSWERS, Life
from ..wire.websocket import Socket

NONE = unsupported("It has no lifespan.", no_lifespan)
IDLE = unsupported("It does not answer requests.", Serves(False))
SILENT = unsupported("It tells its application of no event.", hears_nothing)
UNTOLD_OF_START = unsupported("It does not tell its application to start.", Untold("lifespan.startup"))
UNTOLD_OF_END = unsupported("It does not tell its application to shut down.", Untold("lifespan.shutdown"))
EARLY = unsupported("It does not wait until its application has started.", did_not_wait)
FAILS_ITSELF = breaks("It asks for the message, and fails itself.", asks_for_the_message)
UNHEARD = "It does not wait for the answer of its application."
START_UNHEARD = unsupported(UNHEARD, Untaken("lifespan.startup.complete"))
FAILED_START_UNHEARD = unsupported(UNHEARD, Untaken("lifespan.startup.failed"))
FAILED_END_UNHEARD = unsupported(UNHEARD, Untaken("lifespan.shutdown.failed"))
ONLY_STARTUP = Lifespan(("lifespan.startup",))


def lacks(what: str, kind: str, of: type = object) -> Outcome:
    """There is nothing to judge in the states of calls of this type."""
    return unsupported(f"It gives {what} as a state.", Stateless(kind, of))


STATELESS = unsupported("It gives the lifespan no state.", Stateless("lifespan"))
NO_DICT = lacks("the lifespan no dict", "lifespan", Mapping)

# It starts, answers two requests and a WebSocket, each of which leaves something in its state, and stops.
ORDINARY = Life(
    asks=(Ask(), Ask(), Socket((close(1000),))),
    serves=(*steps("try set mark=1\ntry append visits=1"), *ANSWERS),
    greets=steps("""
    try set mark=1
    try append visits=1
    receive
    send websocket.accept
    receive websocket.disconnect
    """),
)
STARTS_AND_STOPS = steps("""
receive
try set greeting='hello' visits=[]
send lifespan.startup.complete
receive lifespan.shutdown
send lifespan.shutdown.complete
""")

# Its start and its end take a second, and at the end a request is running.
SLOW = Life(serves=(*steps("sleep 0.8"), *ANSWERS), meanwhile=Ask())
SLOWLY = steps("""
receive
sleep 1
send lifespan.startup.complete
receive lifespan.shutdown
sleep 1
send lifespan.shutdown.complete
""")

FAILS = steps("""
receive
send lifespan.startup.failed message='the database is away'
""")
FAILS_SILENTLY = steps("""
receive
send lifespan.startup.failed
""")
FAILS_TO_STOP = steps("""
receive
send lifespan.startup.complete
receive lifespan.shutdown
send lifespan.shutdown.failed message='the pool is busy'
""")
FAILS_TO_STOP_SILENTLY = steps("""
receive
send lifespan.startup.complete
receive lifespan.shutdown
send lifespan.shutdown.failed
""")

CASES = (
    # What the judge of the contract finds in the lifespan is all that these are about, if there is something
    # for it to judge.
    *(
        Case(
            f"{clause}/ordinary",
            "A server starts, answers, and stops.",
            client=ORDINARY,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(NONE, *without, keeps(*checks)),
        )
        for clause, without, checks in (
            ("lifespan.scope.asgi.version", (), ()),
            ("lifespan.scope.asgi.spec-version.type", (), ()),
            ("lifespan.event.receive-types", (SILENT,), ()),
            ("lifespan.startup.first", (SILENT,), ()),
            ("lifespan.shutdown.after-startup", (START_UNHEARD,), (told_to_stop,)),
        )
    ),
    *(
        Case(
            f"{clause}/lifespan",
            "A server that has a state in its lifespan gives it to what it serves.",
            client=ORDINARY,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(NONE, STATELESS, *without, keeps()),
        )
        for clause, without in (
            ("lifespan.scope.state.type", ()),
            ("lifespan.scope.state.empty", (NO_DICT,)),
            ("http.scope.state.copy", (lacks("requests no dict", "http", Mapping),)),
            ("websocket.scope.state.type", (lacks("WebSockets nothing", "websocket"),)),
            ("websocket.scope.state.copy", (lacks("WebSockets no dict", "websocket", Mapping),)),
        )
    ),
    Case(
        "lifespan.once-per-loop/one-process",
        "A process with one event loop has one lifespan.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(one_in_each_loop)),
    ),
    Case(
        "lifespan.per-process/two-workers",
        "Of two workers, each has a lifespan of its own, and they serve nothing without one.",
        client=Life(workers=2),
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(lifespan_in_each_process)),
    ),
    Case(
        "lifespan.same-loop/one-process",
        "The lifespan and what is served are in one process, one thread and one event loop.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(in_one_place)),
    ),
    Case(
        "lifespan.scope.lifetime/ordinary",
        "The call with the lifespan lasts from before the first request until after the last.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(lasts)),
    ),
    Case(
        "lifespan.state.shallow-copy/list",
        "A list in the state is one list: what a request appends to it, the next one finds there.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            NONE,
            STATELESS,
            NO_DICT,
            EARLY,
            unsupported("It gives what it serves no list.", FewStates(1, "visits")),
            keeps(SharesList("visits")),
        ),
    ),
    Case(
        "lifespan.state.isolated/key",
        "A key that a request sets in its state is in no other's.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            NONE,
            STATELESS,
            NO_DICT,
            unsupported("It gives no two of what it serves a dict.", FewStates(2)),
            keeps(StateHasNot("mark")),
        ),
    ),
    Case(
        "lifespan.state.server-hands-off/keys",
        "The state of a request has what the lifespan has put there, and nothing of the server.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(
            NONE,
            STATELESS,
            NO_DICT,
            EARLY,
            unsupported("It gives what it serves no dict.", FewStates(1)),
            keeps(StateHas(frozenset({"greeting", "visits"}), frozenset({"mark"}))),
        ),
    ),
    Case(
        "lifespan.state.paired/ordinary",
        "The lifespan, the requests and the WebSocket have a state, or none of them has.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(state_everywhere)),
    ),
    Case(
        "lifespan.startup.before-serving/slow",
        "While the application starts, which takes it a second, no request comes to it.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(waited_for_startup)),
    ),
    Case(
        "lifespan.startup.complete.wait/slow",
        "The first request comes after lifespan.startup.complete.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, IDLE, keeps(waited_for_startup)),
    ),
    Case(
        "lifespan.shutdown.after-stop/running-request",
        "A server that is told to stop while a request is running ends that first, and takes no other.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, UNTOLD_OF_END, keeps(nothing_after_shutdown)),
    ),
    Case(
        "lifespan.shutdown.complete.wait/slow",
        "An application whose end takes a second gets that second.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, UNTOLD_OF_END, keeps(came_to_its_end, exits_in_time)),
    ),
    Case(
        "lifespan.startup.failed.exit/message",
        "An application that fails to start keeps the server from serving; it prints the message and exits.",
        client=Life(),
        app=FAILS,
        fresh=True,
        outcomes=(
            NONE,
            keeps(Serves(False), exits_by_itself, Prints("the database is away")),
            breaks("It serves as if nothing had happened.", Serves()),
            breaks("It exits, and does not say why.", Serves(False), exits_by_itself),
            breaks("It neither serves nor exits.", Serves(False)),
        ),
    ),
    Case(
        "lifespan.shutdown.after-startup/failed",
        "An application that has failed to start is not told to shut down.",
        client=Life(),
        app=(*FAILS, *steps("receive")),
        fresh=True,
        outcomes=(NONE, UNTOLD_OF_START, keeps(Untold("lifespan.shutdown"))),
    ),
    Case(
        "lifespan.startup.failed.message.default/none",
        "A failure without a message is one with an empty message.",
        client=Life(),
        app=FAILS_SILENTLY,
        fresh=True,
        outcomes=(NONE, FAILS_ITSELF, UNTOLD_OF_START, FAILED_START_UNHEARD, keeps()),
    ),
    Case(
        "lifespan.exception.continue/startup",
        "An application that raises when it is told to start is served without a lifespan.",
        client=Life(),
        app=steps("receive\nraise"),
        fresh=True,
        outcomes=(NONE, keeps(Serves())),
    ),
    Case(
        "lifespan.exception.continue/scope",
        "An application that raises as soon as it sees the scope is served without a lifespan.",
        client=Life(),
        app=steps("raise"),
        fresh=True,
        outcomes=(NONE, keeps(Serves())),
    ),
    Case(
        "lifespan.exception.no-events/startup",
        "After that, it gets no event of the lifespan.",
        client=Life(),
        app=steps("receive\nraise"),
        fresh=True,
        outcomes=(NONE, keeps(ONLY_STARTUP)),
    ),
    Case(
        "lifespan.exception.no-events/scope",
        "After that, it gets no event of the lifespan.",
        client=Life(),
        app=steps("raise"),
        fresh=True,
        outcomes=(NONE, keeps(Lifespan(()))),
    ),
    Case(
        "lifespan.shutdown.failed.terminate/message",
        "An application that fails to stop is stopped; the server prints the message.",
        client=Life(),
        app=FAILS_TO_STOP,
        fresh=True,
        outcomes=(
            NONE,
            keeps(exits_in_time, Prints("the pool is busy")),
            UNTOLD_OF_END,
            FAILED_END_UNHEARD,
            breaks("It terminates, and does not say why.", exits_in_time),
        ),
    ),
    Case(
        "lifespan.shutdown.failed.message.default/none",
        "A failure without a message is one with an empty message.",
        client=Life(),
        app=FAILS_TO_STOP_SILENTLY,
        fresh=True,
        outcomes=(NONE, FAILS_ITSELF, UNTOLD_OF_END, FAILED_END_UNHEARD, keeps()),
    ),
)
