"""Conversations, how they are judged, and legal ones that nobody wrote."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from asgiscope.contract import judge_of, notation
from asgiscope.contract.extensions import EVENTS


class Move(NamedTuple):
    """What a judge is told: an event, who speaks, when it was asked for; the end; that `send` has raised."""

    verb: Literal["receive", "send", "end", "failed"]
    what: Any = None
    by: Any = "app"
    asked: int | None = None


class Conversation(NamedTuple):
    """A scope, and what happens then."""

    scope: Any
    moves: list[Move]


def tell(judge, move):
    """Tell a judge of a move; what it answers."""
    match move.verb:
        case "receive":
            return judge.receive(move.what, move.by, move.asked)
        case "send":
            return judge.send(move.what, move.by)
        case "end":
            return judge.end(move.what)
        case "failed":
            judge.failed()
    return ()


def judged(conversation, judge_of=judge_of):
    """The violations of a conversation, answer by answer, and all together."""
    judge = judge_of(conversation.scope)
    answers = [[*judge.open()], *[[*tell(judge, move)] for move in conversation.moves]]
    return answers, judge.violations


class Once(Iterator):
    """An iterable that can be read once; `taken` says how far it has been."""

    def __init__(self, items):
        self.items = iter(items)
        self.taken = 0

    def __next__(self):
        self.taken += 1
        return next(self.items)


def receives(kind, by="app", **fields):
    return Move("receive", {"type": kind, **fields}, by)


def sends(kind, **fields):
    return Move("send", {"type": kind, **fields})


RETURNS = Move("end", "return")


def some(strategy, most=3):
    return st.lists(strategy, max_size=most)


def one_of(*values):
    return st.sampled_from(values)


# Legal scopes

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
TLS = {
    "server_cert": CERTIFICATE,
    "client_cert_chain": [CERTIFICATE],
    "client_cert_name": "CN=a,O=b\\, c",
    "tls_version": 0x0304,
    "cipher_suite": None,
}
PLACES = one_of(
    {"path": "/", "raw_path": b"/"},
    {"path": "/é x", "raw_path": b"/%C3%A9%20x"},
    {"path": "/a ÿ", "raw_path": b"/a%20%FF"},
    {"path": "/a \udcff", "raw_path": b"/a%20%FF"},
    {"path": "/%FF", "raw_path": b"/%FF"},
    {"path": "/a/b", "raw_path": b"/a/b", "root_path": "/a"},
    {"path": "/a", "raw_path": None, "query_string": b"b=%20"},
)
HEADERS = some(st.tuples(one_of(b"accept", b"x-a"), one_of(b"", b"a", b"a b")))
WRAPPED = one_of(list, tuple, Once)


@st.composite
def scopes(draw, make, extensions):
    """A scope with all that a server may say and leave out."""
    scope = {**make(), **draw(PLACES), "headers": draw(WRAPPED)(draw(HEADERS))}
    scope["asgi"] = {"version": "3.0", "spec_version": draw(one_of("2.0", "2.1", "2.2", "2.3", "2.4", "2.5"))}
    scope["extensions"] = {name: {} for name in draw(st.sets(st.sampled_from(extensions)))}
    if draw(st.booleans()):
        scope["scheme"] += "s"
        scope["extensions"]["tls"] = {**TLS}
    else:
        for key in draw(
            st.sets(one_of("scheme", "raw_path", "client", "server", "extensions", "subprotocols"))
        ):
            scope.pop(key, None)
    return scope


# Legal applications, and legal servers


@st.composite
def merged(draw, ones, others):
    """Two lists in one, each in its order."""
    lists = [[*ones], [*others]]
    return [draw(st.sampled_from([rest for rest in lists if rest])).pop(0) for _ in [*ones, *others]]


@st.composite
def requests(draw):
    """A request that is answered, or whose client leaves before."""
    scope = draw(scopes(notation.http, [name for name in EVENTS if name.startswith("http.")]))
    scope["method"] = draw(one_of("GET", "HEAD", "POST"))
    asked = [
        receives("http.request", body=body, more_body=True) for body in draw(some(st.binary(max_size=3)))
    ]
    asked.append(draw(one_of(receives("http.request"), receives("http.request", body=b"x", more_body=False))))
    moves = draw(merged(asked, draw(answers(scope))))
    while moves[-1].verb == "receive":  # An application that has answered does not read on.
        moves.pop()
    if draw(st.booleans()):
        return Conversation(
            scope, [*moves, *[receives("http.disconnect")] * draw(st.integers(0, 2)), RETURNS]
        )
    left = draw(st.integers(0, len(moves) - 1))
    races = [move for move in moves[left:] if move.verb == "send"] if draw(st.booleans()) else []
    gone = receives("http.disconnect", by="reader" if races else "app")
    return Conversation(scope, [*moves[:left], gone, *races, RETURNS])


@st.composite
def answers(draw, scope):
    """All that an application sends to answer a request."""
    offered = scope.get("extensions", {})
    status = draw(one_of(200, 204, 304, 404))
    headers = draw(HEADERS)
    chunks = draw(some(st.binary(max_size=3)))
    if scope["method"] == "HEAD" or status in (204, 304):
        chunks = [b"" for _ in chunks]

    content = [sends("http.response.body", body=chunk, more_body=True) for chunk in chunks]
    content.append(
        draw(one_of(sends("http.response.body"), sends("http.response.body", body=b"", more_body=False)))
    )
    if "http.response.pathsend" in offered and draw(st.booleans()):
        headers.append((b"content-type", b"text/plain"))
        content = [sends("http.response.pathsend", path="/srv/file")]
    elif "http.response.zerocopysend" in offered and any(chunks):
        content.insert(0, sends("http.response.zerocopysend", file=notation.FILES["FILE"], more_body=True))
    elif status != 204 and draw(st.booleans()):
        headers.append((b"content-length", b"%d" % sum(map(len, chunks))))
    if "http.response.push" in offered and draw(st.booleans()):
        content.insert(0, sends("http.response.push", path="/a.css", headers=draw(HEADERS)))

    before = [sends("http.response.early_hint", links=[b"</a.css>"])] * draw(st.integers(0, 2))
    before = before if "http.response.early_hint" in offered else []
    if "http.response.debug" in offered and draw(st.booleans()):
        before = draw(merged(before, [sends("http.response.debug", info={"template": "a.html"})]))
    after = []
    if "http.response.trailers" in offered and draw(st.booleans()):
        headers.append((b"trailer", b"x-sum, x-time"))
        after.append(sends("http.response.trailers", headers=[(b"x-sum", b"1")], more_trailers=True))
        after.append(sends("http.response.trailers", headers=[(b"x-time", b"2")]))
    start = sends("http.response.start", status=status, headers=draw(WRAPPED)(headers), trailers=bool(after))
    return [*before, start, *content, *after]


MESSAGES = st.builds(dict, text=st.text(max_size=3)) | st.builds(
    dict, bytes=st.binary(max_size=3), text=st.none()
)


@st.composite
def websockets(draw):
    """A handshake that is accepted, closed, denied or given up."""
    scope = draw(scopes(notation.websocket, ["websocket.http.response"]))
    version, offered = scope["asgi"]["spec_version"], scope.get("extensions", {})
    closes = sends(
        "websocket.close", code=draw(one_of(1000, 3000)), reason="bye" if version >= "2.3" else None
    )
    gone = receives("websocket.disconnect", code=1006, by=draw(one_of("app", "reader")))
    ends = [[closes], [closes, gone], [gone]]
    if "websocket.http.response" in offered:
        ends.append(
            [
                sends("websocket.http.response.start", status=403, headers=draw(HEADERS)),
                *[sends("websocket.http.response.body", body=b"n", more_body=True)] * draw(st.integers(0, 2)),
                sends("websocket.http.response.body", body=b"o"),
            ]
        )
    if draw(st.booleans()):
        return Conversation(scope, [receives("websocket.connect"), *draw(st.sampled_from(ends)), RETURNS])
    accepts = sends("websocket.accept")
    if version >= "2.1":
        accepts.what["headers"] = draw(WRAPPED)(draw(HEADERS))
    if "subprotocols" in scope:
        scope["subprotocols"] = ["chat", "other"]
        accepts.what["subprotocol"] = draw(one_of(None, "chat"))
    heard = [receives("websocket.receive", **message) for message in draw(some(MESSAGES))]
    said = [sends("websocket.send", **message) for message in draw(some(MESSAGES))]
    moves = [
        receives("websocket.connect"),
        accepts,
        *draw(merged(heard, said)),
        *draw(st.sampled_from(ends[:3])),
    ]
    races = said if moves[-1] == gone and gone.by == "reader" and closes not in moves else []
    return Conversation(scope, [*moves, *races, RETURNS])


@st.composite
def lifespans(draw):
    """An application that starts and stops, and says how that went."""
    failed = {"message": "no disk"} if draw(st.booleans()) else {}
    stops = draw(one_of(sends("lifespan.shutdown.complete"), sends("lifespan.shutdown.failed", **failed)))
    moves = [receives("lifespan.startup"), sends("lifespan.startup.failed", **failed), RETURNS]
    if draw(st.booleans()):
        moves[1:2] = [sends("lifespan.startup.complete"), receives("lifespan.shutdown"), stops]
    return Conversation(notation.lifespan(), moves)


LEGAL = requests() | websockets() | lifespans()
