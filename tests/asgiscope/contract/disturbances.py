"""What can happen to a conversation: any value anywhere, and moves that are missing, doubled or strange."""

from types import MappingProxyType

from hypothesis import strategies as st

from asgiscope.contract import JUDGES, notation
from asgiscope.contract.extensions import EVENTS
from tests.asgiscope.contract.conversations import LEGAL, TLS, Conversation, Move, Once, one_of, some


class Shy:
    """A value that does not show itself, and no file to read."""

    def __repr__(self):
        raise RuntimeError("nobody shall see me")

    def fileno(self):
        raise RuntimeError("nobody shall read me")


def huge():
    """A number with too many digits to be shown."""
    return 10**5000


def endless():
    """A list that is in itself, twice."""
    value = []
    value += [value, value]
    return value


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | one_of(bytearray(b"x"), memoryview(b"x"), "\ud800", str, *notation.FILES.values())
    | st.builds(huge)
    | st.builds(Shy)
)
KEYS = st.text(max_size=5) | st.integers() | st.none() | st.builds(Shy)
ANYTHING = st.builds(endless) | st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        some(inner),
        st.builds(tuple, some(inner)),
        st.builds(Once, some(inner)),
        st.dictionaries(KEYS, inner, max_size=3),
    ),
    max_leaves=6,
)
PAIRS = st.tuples(
    one_of(b"content-length", b"trailer", b"sec-websocket-protocol", b"x-a", b"X-A", b"x a", b":path", b""),
    one_of(b"", b"0", b"3", b"3, 3", b"a", b"a\r\nb", b" a", b"a\x01", b"9" * 5000),
) | one_of((memoryview(b"x-a"), b"a"), (b"x-a", memoryview(b"a")), [b"x-a", b"a"])
# Values that are right somewhere, or were nearly.
LIKELY = st.one_of(
    one_of(0, 99, 200, 204, 304, 103, 600, 1000, 1005, 3000, 1.5, float("inf")),
    one_of("", "2", "2.0", "2.5", "3.0", "http", "wss", "get", "HEAD", "chat", "/", "/a", "/a/", "/é"),
    one_of("/%41", "/a?b", "websocket", "lifespan", "x-unknown", "x" * 124, "é" * 62),
    one_of(b"", b"?", b"/a", b"/%41", b"/a?b", b"/\xff"),
    one_of(("::1", 1), ["::1", True], ("/a.sock", None), ("a", 1, 2)),
    st.just(MappingProxyType({"version": "3.0", "spec_version": "2.5"})),
    some(PAIRS | ANYTHING),
    st.builds(Once, some(PAIRS)),
    st.dictionaries(one_of(*EVENTS, "tls", "acme.ping"), st.just({}) | st.just(TLS) | ANYTHING, max_size=3),
)
LIKELY_KEYS = one_of(
    "type", "asgi", "method", "headers", "extensions", "state", "subprotocols", "body", "more_body"
)
EVENT = st.sampled_from(
    [
        (kind, fields)
        for judge in JUDGES.values()
        for table in (judge.SEND_FIELDS, judge.RECEIVE_FIELDS)
        for kind, fields in table.items()
    ]
).flatmap(
    lambda event: st.fixed_dictionaries(
        {"type": st.just(event[0])}, optional={field.key: LIKELY | ANYTHING for field in event[1]}
    )
)


@st.composite
def altered(draw, what):
    """A dict of which a key is set, or taken away, or altered in its turn."""
    if not isinstance(what, dict):
        return draw(ANYTHING)
    key = draw(one_of(*what, "type") | LIKELY_KEYS | KEYS)
    changed = {**what}
    if isinstance(what.get(key), dict) and draw(st.booleans()):
        changed[key] = draw(altered(what[key]))
    elif draw(st.booleans()):
        changed[key] = draw(LIKELY | ANYTHING)
    else:
        changed.pop(key, None)
    return changed


@st.composite
def disturbed(draw, conversation):
    """A conversation in which something is wrong, as a rule."""
    scope, moves = conversation.scope, [*conversation.moves]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(moves)))
        match draw(one_of("scope", "event", "more", "less", "again", "other")):
            case "scope":
                scope = draw(st.one_of([altered(scope)] * 9 + [ANYTHING]))
            case "more":
                verb = draw(one_of("receive", "send", "send", "failed", "end"))
                what = "return" if verb == "end" else draw(EVENT | EVENT | ANYTHING)
                moves.insert(at, Move(verb, what, draw(one_of("app", "reader", None))))
            case "event" if at < len(moves) and moves[at].verb in ("receive", "send"):
                moves[at] = moves[at]._replace(what=draw(altered(moves[at].what)))
            case "less":
                del moves[at : at + 1]
            case "again":
                moves[at:at] = moves[max(0, at - 2) : at]
            case "other" if at < len(moves):
                moves[at] = moves[at]._replace(
                    by=draw(one_of("app", "reader")), asked=draw(one_of(None, 0, 1, at))
                )
    return Conversation(scope, moves)


CONVERSATIONS = LEGAL | LEGAL.flatmap(disturbed)
