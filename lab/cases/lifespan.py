"""lifespan.rst: a server is started, asked and told to stop, in a process of its own each time."""

from ..case import Case, breaks, keeps, unsupported
from ..checks.life import (
    Lifespan,
    Prints,
    PrintsNot,
    Serves,
    SharesList,
    StateHas,
    came_to_its_end,
    exits_by_itself,
    exits_in_time,
    in_one_place,
    lifespan_in_each_process,
    no_lifespan,
    no_state,
    nothing_after_shutdown,
    state_everywhere,
    waited_for_startup,
)
from ..script import steps
from ..wire.ask import Ask
from ..wire.frames import close
from ..wire.life import ANSWERS, Life
from ..wire.websocket import Socket

NONE = unsupported("It has no lifespan.", no_lifespan)
STATELESS = unsupported("It gives the lifespan no state.", no_state)
WHOLE = Lifespan(("lifespan.startup", "lifespan.shutdown"))
ONLY_STARTUP = Lifespan(("lifespan.startup",))

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
receive
send lifespan.shutdown.complete
""")

# Its start and its end take a second, and at the end a request is running.
SLOW = Life(serves=(*steps("sleep 0.8"), *ANSWERS), meanwhile=Ask())
SLOWLY = steps("""
receive
sleep 1
send lifespan.startup.complete
receive
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
receive
send lifespan.shutdown.failed message='the pool is busy'
""")
FAILS_TO_STOP_SILENTLY = steps("""
receive
send lifespan.startup.complete
receive
send lifespan.shutdown.failed
""")

CASES = (
    *(
        Case(
            f"{clause}/ordinary",
            "A server starts, answers, and stops.",
            client=ORDINARY,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(keeps(WHOLE, Serves()), NONE),
        )
        for clause in (
            "lifespan.scope.asgi.version",
            "lifespan.scope.asgi.spec-version.type",
            "lifespan.event.receive-types",
            "lifespan.startup.first",
            "lifespan.shutdown.after-startup",
        )
    ),
    *(
        Case(
            f"{clause}/lifespan",
            "A server that has a state in its lifespan gives it to what it serves.",
            client=ORDINARY,
            app=STARTS_AND_STOPS,
            fresh=True,
            outcomes=(NONE, STATELESS, keeps(WHOLE, Serves(), state_everywhere)),
        )
        for clause in (
            "lifespan.scope.state.type",
            "lifespan.scope.state.empty",
            "http.scope.state.copy",
            "websocket.scope.state.type",
            "websocket.scope.state.copy",
        )
    ),
    Case(
        "lifespan.once-per-loop/one-process",
        "A process with one event loop has one lifespan.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(keeps(WHOLE, in_one_place), NONE),
    ),
    Case(
        "lifespan.per-process/two-workers",
        "Of two workers, each has a lifespan of its own, and they serve nothing without one.",
        client=Life(workers=2),
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, keeps(Serves(), lifespan_in_each_process)),
    ),
    Case(
        "lifespan.same-loop/one-process",
        "The lifespan and what is served are in one process, one thread and one event loop.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, keeps(in_one_place, Serves())),
    ),
    Case(
        "lifespan.scope.lifetime/ordinary",
        "The call with the lifespan lasts from before the first request until after the last.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, keeps(WHOLE, waited_for_startup, nothing_after_shutdown, came_to_its_end)),
    ),
    Case(
        "lifespan.state.shallow-copy/list",
        "A list in the state is one list: what a request appends to it, the next one finds there.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, STATELESS, keeps(Serves(), SharesList("visits"))),
    ),
    Case(
        "lifespan.state.isolated/key",
        "A key that a request sets in its state is in no other's.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, STATELESS, keeps(Serves(), StateHas(frozenset({"greeting", "visits"})))),
    ),
    Case(
        "lifespan.state.server-hands-off/keys",
        "The state of a request has what the lifespan has put there, and nothing of the server.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, STATELESS, keeps(Serves(), StateHas(frozenset({"greeting", "visits"})))),
    ),
    Case(
        "lifespan.state.paired/ordinary",
        "The lifespan, the requests and the WebSocket have a state, or none of them has.",
        client=ORDINARY,
        app=STARTS_AND_STOPS,
        fresh=True,
        outcomes=(NONE, keeps(Serves(), state_everywhere)),
    ),
    Case(
        "lifespan.startup.before-serving/slow",
        "While the application starts, which takes it a second, no request comes to it.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, keeps(Serves(), waited_for_startup)),
    ),
    Case(
        "lifespan.startup.complete.wait/slow",
        "The first request comes after lifespan.startup.complete.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, keeps(Serves(), waited_for_startup)),
    ),
    Case(
        "lifespan.shutdown.after-stop/running-request",
        "A server that is told to stop while a request is running ends that first, and takes no other.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, keeps(WHOLE, nothing_after_shutdown)),
    ),
    Case(
        "lifespan.shutdown.complete.wait/slow",
        "An application whose end takes a second gets that second.",
        client=SLOW,
        app=SLOWLY,
        fresh=True,
        outcomes=(NONE, keeps(WHOLE, came_to_its_end, exits_in_time)),
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
        app=FAILS,
        fresh=True,
        outcomes=(NONE, keeps(ONLY_STARTUP)),
    ),
    Case(
        "lifespan.startup.failed.message.default/none",
        "A failure without a message is one with an empty message.",
        client=Life(),
        app=FAILS_SILENTLY,
        fresh=True,
        outcomes=(
            NONE,
            breaks("It asks for the message, and fails itself.", Prints("KeyError: 'message'")),
            keeps(Serves(False), PrintsNot("KeyError")),
        ),
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
            breaks("It terminates, and does not say why.", exits_in_time),
        ),
    ),
    Case(
        "lifespan.shutdown.failed.message.default/none",
        "A failure without a message is one with an empty message.",
        client=Life(),
        app=FAILS_TO_STOP_SILENTLY,
        fresh=True,
        outcomes=(
            NONE,
            breaks("It asks for the message, and fails itself.", Prints("KeyError: 'message'")),
            keeps(exits_in_time, PrintsNot("KeyError")),
        ),
    ),
)
