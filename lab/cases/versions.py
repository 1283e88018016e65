"""asgi.rst: the scope, the versions and the extensions that every protocol has."""

from ..case import Case, keeps
from ..checks import Accepted, Called, Receives, Scope, Status
from ..wire.ask import Ask
from ..wire.frames import close
from ..wire.websocket import Socket
from .scripts import ACCEPTS, HELLO, READS

OF_ALL = (
    "general.scope.is-dict",
    "general.scope.type.present",
    "general.scope.type.unicode",
    "general.scope.type.defined-value",
    "general.scope.asgi.present",
    "general.scope.asgi.version.present",
    "general.scope.asgi.version.unicode",
    "general.scope.asgi.version.values",
    "general.scope.asgi.spec-version.independent",
    "general.extensions.name-unicode",
    "general.keys.unicode",
    "general.strings.exact-types",
    "general.event.is-dict",
    "general.event.type",
    "general.event.value.allowed-types",
)

CASES = (
    *(
        Case(
            f"{clause}/request",
            "A request has what every scope and every event has.",
            over=(1, 2, 3),
            client=Ask(method="POST", headers=(("content-length", "1"),), body=(b"x",), query="a=1"),
            app=READS,
            outcomes=(keeps(Called(), Status(200)),),
        )
        for clause in OF_ALL
    ),
    *(
        Case(
            f"{clause}/websocket",
            "A WebSocket has what every scope and every event has.",
            over=(1, 2),
            client=Socket((close(1000),)),
            app=ACCEPTS,
            outcomes=(keeps(Receives("websocket.connect", "websocket.disconnect"), Accepted()),),
        )
        for clause in OF_ALL
    ),
    Case(
        "http.scope.type/request",
        "A request has the type `http`.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Scope(type="http"), Status(200)),),
    ),
)
