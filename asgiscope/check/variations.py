"""The same conversation held twice, in two ways that mean the same.

What an optional key says when it is there, its default says when it is not; a body is the same, wherever it
is cut. An application that fails one way and not the other, both times it is asked, relies on something that
it may not rely on. One that merely answers differently may have its reasons, and is blamed only where the
difference proves what it took for the whole.
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .finding import Finding, line_of, of_clause
from .scenario import POST, Event, Request, Scenario, Step, body, connection
from .server import Held, gathered

Hold = Callable[[Scenario], Coroutine[Any, Any, Held]]


class Variation(NamedTuple):
    """Two scenarios that mean the same, the clause that says so, and what the second one does without."""

    clause: str
    base: Scenario
    other: Scenario
    differs: str


def titled(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.title(), value) for name, value in headers]


def each_event(scenario: Scenario, change: Callable[[Event], Event]) -> Scenario:
    """The same scenario with every event changed."""
    return replace(
        scenario, script=tuple(Step(change(dict(step.event)), step.after) for step in scenario.script)
    )


def without(*keys: str) -> Callable[[Event], Event]:
    return lambda event: {key: value for key, value in event.items() if key not in keys}


# What may be missing, and the values that stand for its being missing.
OPTIONAL: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "http": {
        "scheme": (...,), "raw_path": (..., None), "root_path": (...,),
        "client": (..., None), "server": (..., None, ("/run/server.sock", None)),
    },
    "websocket": {
        "scheme": (...,), "raw_path": (..., None), "root_path": (...,), "query_string": (..., None),
        "client": (..., None), "server": (..., None), "http_version": (...,), "subprotocols": (...,),
    },
}  # fmt: skip
TLS: dict[str, Any] = {
    "server_cert": None, "client_cert_chain": [], "client_cert_name": None, "client_cert_error": None,
    "tls_version": 0x0304, "cipher_suite": 0x1301,
}  # fmt: skip


def variations(base: Scenario) -> Iterator[Variation]:
    """Everything that is put another way of one scenario."""
    protocol = base.scope["type"]

    def of(clause: str, other: Scenario, differs: str, first: Scenario = base) -> Variation:
        name = f"{base.name}~{clause}"
        return Variation(clause, first, replace(other, name=name, title=f"{base.title}, {differs}"), differs)

    for key, values in OPTIONAL[protocol].items():
        for value in values:
            differs = (
                f"without {key!r} in the scope" if value is ... else f"with {key!r} of the scope as {value!r}"
            )
            yield of(f"{protocol}.scope.{key}.default", base.changed(**{key: value}), differs)
    yield of(f"{protocol}.scope.state.absent", base.changed(state=...), "without 'state' in the scope")
    yield of(
        "general.scope.asgi.version.default",
        base.changed(asgi={"spec_version": "2.5"}),
        "without a version of ASGI",
    )
    none = base.changed(extensions={})
    for value, differs in (
        (..., "without 'extensions' in the scope"),
        (None, "with 'extensions' of the scope as None"),
    ):
        yield of("general.extensions.none", base.changed(extensions=value), differs, none)
    extra = each_event(base, lambda event: {**event, "x-asgiscope": 1})
    yield of("general.app.tolerates-extra-keys", extra, "with a key more in every event that it receives")
    tls = base.changed(
        scheme="https" if protocol == "http" else "wss", extensions={**base.scope["extensions"], "tls": TLS}
    )
    for key in ("client_cert_chain", "client_cert_name", "client_cert_error"):
        less = tls.changed(extensions={**tls.scope["extensions"], "tls": without(key)(TLS)})
        yield of(f"tls.{key}.default", less, f"without {key!r} in the extension 'tls'", tls)
    if protocol == "http":
        yield from of_http(base, of)
    else:
        yield from of_websocket(base, of)


def of_websocket(base: Scenario, of: Callable[..., Variation]) -> Iterator[Variation]:
    """What is particular to a WebSocket."""
    clause = "websocket.disconnect.reason.default"
    yield of(clause, each_event(base, without("reason")), "without a reason for the disconnect")
    unsaid = each_event(base, lambda event: {**event, "reason": None} if "reason" in event else event)
    yield of(clause, unsaid, "with None as the reason for the disconnect")
    in_bytes = each_event(base, lambda event: as_message(event, bytes=b"hello"))
    for one, what in ((base, "a text"), (in_bytes, "bytes")):
        both = each_event(
            one, lambda event: {"text": None, "bytes": None, **event} if is_message(event) else event
        )
        clause = "websocket.receive.missing-is-none"
        yield of(clause, both, f"with both keys in a message, {what} in one and None in the other", one)
        yield of(clause, one, f"with one key in a message, of {what}", both)


def is_message(event: Event) -> bool:
    return bool(event["type"] == "websocket.receive")


def as_message(event: Event, **said: Any) -> Event:
    """A message with something else in it; any other event as it is."""
    return {"type": event["type"], **said} if is_message(event) else event


def of_http(base: Scenario, of: Callable[..., Variation]) -> Iterator[Variation]:
    """What is particular to a request."""
    yield of(
        "http.scope.asgi.spec-version.default",
        base.changed(asgi={"version": "3.0"}),
        "without a spec_version",
    )
    loud = base.changed(headers=[*base.scope["headers"], (b"x-asgiscope", b"\xff\xfe")])
    yield of("http.scope.headers.app-decodes", loud, "with a header of bytes that are no text")
    whole = b"".join(step.event.get("body", b"") for step in base.script)
    if whole:
        pieces = replace(base, script=body(whole[:1], whole[1:-1], b"", whole[-1:]))
        yield of("http.request.body.concatenate", pieces, "with the body in pieces")
    else:
        empty = replace(base, script=(Step({"type": "http.request", "more_body": False}),))
        yield of("http.request.body.default", empty, "without 'body' in 'http.request'")
    final = replace(base, script=(Step({"type": "http.request", "body": whole}),))
    yield of("http.request.more_body.default", final, "without 'more_body' in 'http.request'")


async def vary(hold: Hold, base: Scenario) -> list[Finding]:
    """Hold every variation of a scenario, and return what they show."""
    rows = list(variations(base))
    starts = await side_by_side(hold, [row.base for row in rows])
    others = await side_by_side(hold, [row.other for row in rows])
    found = []
    for row, start, other in zip(rows, starts, others, strict=True):
        if await fails_only_there(hold, row, start, other):
            message = f"The application failed {row.differs}{failure(other)}; otherwise it did not."
            found.append(of_clause(row.clause, row.other.name, message, line_of(other)))
    return [*found, *await proofs(hold, base)]


async def side_by_side(hold: Hold, scenarios: Sequence[Scenario]) -> list[Held]:
    """Hold scenarios at the same time, each once."""
    once = {id(scenario): scenario for scenario in scenarios}
    held = dict(zip(once, await gathered(map(hold, once.values())), strict=True))
    return [held[id(scenario)] for scenario in scenarios]


async def fails_only_there(hold: Hold, variation: Variation, start: Held, other: Held) -> bool:
    """Whether the application fails the second way and not the first, and does so again."""
    if not other.failed or not goes_well(start) or not is_to_blame(variation.clause, other):
        return False
    return goes_well(await hold(variation.base)) and (await hold(variation.other)).failed


def goes_well(held: Held) -> bool:
    """Whether the application has shown that it does not fail; one that has said nothing in its time may have
    been about to."""
    return bool(held.sent) and not held.failed


def is_to_blame(clause: str, other: Held) -> bool:
    """Whether the failure is one of not having looked, where an application may fail with a clear word.

    One that answers 503 has looked: it says that it cannot serve here, which no exception is turned into.
    """
    if other.status == 503:
        return False
    if not clause.endswith(".state.absent"):
        return True
    error = other.conversation.outcome.error or ""
    return error.startswith(("KeyError", "TypeError", "AttributeError"))


def stateless(with_state: Held, held: Held) -> Iterator[Finding]:
    """What a lifespan without 'state' shows of one that goes well with it.

    An application that raises before it asks for an event says that it has no use for this conversation,
    which it may (lifespan.rst, Scope).
    """
    if "state" in held.scenario.scope or not held.failed or with_state.failed or not held.given:
        return
    clause = "lifespan.scope.state.absent"
    if is_to_blame(clause, held):
        message = f"The application failed without 'state' in the scope{failure(held)}; otherwise it did not."
        yield of_clause(clause, held.scenario.name, message, line_of(held))


def failure(held: Held) -> str:
    error = held.conversation.outcome.error
    return f", with {error[:100]}" if error else f", with the status {held.status}"


async def proofs(hold: Hold, base: Scenario) -> list[Finding]:
    """What the application answers differently, because it takes a part for the whole."""
    rows = list(alternatives(base))
    starts = await side_by_side(hold, [row.base for row in rows])
    others = await side_by_side(hold, [row.other for row in rows])
    found = []
    for row, start, other in zip(rows, starts, others, strict=True):
        if start.failed or not start.complete or other.answer == start.answer:
            continue
        for part, says in row.parts:
            if await is_proof(hold, row.base, row.other, part):
                found.append(of_clause(row.clause, row.other.name, f"{row.message}{says}.", line_of(other)))
                break
    return found


async def is_proof(hold: Hold, base: Scenario, other: Scenario, part: Scenario) -> bool:
    """Whether the other way is answered as a part of it is, and not as the base, each time anew.

    What changes from answer to answer for reasons of its own, as the time does, proves nothing.
    """
    answers = []
    three = [base, other, part]
    for first in range(3):
        # Each of them goes first once: who does may be answered later than the others, and say so.
        turned = await gathered(map(hold, three[first:] + three[:first]))
        held = turned[-first:] + turned[:-first]
        if not all(one.complete for one in held):
            return False
        answers.append(tuple(one.answer for one in held))
    whole, put, less = answers[0]
    return put == less != whole and all(again == answers[0] for again in answers)


class Alternative(NamedTuple):
    """Another way to say the same, and what is left of it for one who does not see that."""

    clause: str
    base: Scenario
    other: Scenario
    parts: list[tuple[Scenario, str]]
    message: str


def alternatives(base: Scenario) -> Iterator[Alternative]:
    """The other ways to say what is said in a scenario."""
    protocol, headers = base.scope["type"], base.scope["headers"]
    for number, (name, value) in enumerate(headers):
        clause = f"{protocol}.scope.headers.app-case-insensitive"
        louder = [*headers[:number], *titled([(name, value)]), *headers[number + 1 :]]
        other = replace(base.changed(headers=louder), name=f"{base.name}~{clause}~{name.decode('latin-1')}")
        fewer = base.changed(headers=[*headers[:number], *headers[number + 1 :]])
        message = f"The application answered the header {name.title()!r} as it answers none"
        yield Alternative(clause, base, other, [(fewer, "")], message)
    if protocol != "http":
        return
    cookies = [value for name, value in headers if name == b"cookie"]
    crumbs = cookies[0].split(b"; ") if cookies else []
    if len(crumbs) > 1:
        rest = [pair for pair in headers if pair[0] != b"cookie"]
        split = base.changed(headers=[*rest, *((b"cookie", crumb) for crumb in crumbs)], http_version="2")
        split = replace(split, name=f"{base.name}~http.headers.cookie-h2-split")
        parts = [
            (base.changed(headers=[*rest, (b"cookie", crumb)], http_version="2"), "")
            for crumb in (crumbs[0], crumbs[-1])
        ]
        message = "The application answered two 'cookie' headers as it answers one of them"
        yield Alternative(
            "http.headers.cookie-h2-split", base.changed(http_version="2"), split, parts, message
        )
    whole = b"".join(step.event.get("body", b"") for step in base.script)
    if len(whole) > 3:
        cut = (whole[: len(whole) // 2], whole[len(whole) // 2 :])
        pieces = replace(base, script=body(*cut), name=f"{base.name}~http.request.body.concatenate")
        parts = [
            (replace(base, script=body(cut[0])), " the first"),
            (replace(base, script=body(cut[1])), " the last"),
        ]
        message = "The application answered a body in two pieces as it answers one piece alone:"
        yield Alternative("http.request.body.concatenate", base, pieces, parts, message)


def bases(requests: Sequence[Request]) -> list[Scenario]:
    """The scenarios that are varied."""
    connect = (
        Step({"type": "websocket.connect"}),
        Step({"type": "websocket.receive", "text": "hello"}, after="websocket.accept"),
        Step({"type": "websocket.disconnect", "code": 1000, "reason": ""}),
    )
    found = [
        Scenario(
            f"{name}", f"{request.method} {request.target}", connection("http", request), body(request.body)
        )
        for name, request in (
            ("get", Request()),
            ("post", POST),
            *((f"request-{number}", request) for number, request in enumerate(requests, 1)),
        )
    ]
    return [*found, Scenario("websocket", "a WebSocket at /", connection("websocket", Request()), connect)]
