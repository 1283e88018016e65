"""The cases over HTTP/2, tried on themselves: each passes with a right server, and those that only HTTP/2 can
hold fail with one that has one thing wrong."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    PingReceived,
    RemoteSettingsChanged,
    StreamEnded,
    UnknownFrameReceived,
)

from lab.case import Verdict
from lab.cases import CASES
from lab.evidence import Evidence
from lab.probe import application
from lab.runs import new_run
from lab.wire import http2
from lab.wire.websocket import Socket
from tests.lab import right_server
from tests.lab.faults import BODY, RESPONSE, field, headers, of_type
from tests.lab.right_exchange import Exchange
from tests.lab.right_server import TOKEN, serving
from tests.lab.right_socket import RIGHT, Fault
from tests.lab.right_streams import Stream, Streams
from tests.lab.spoiled import SPOILED
from tests.lab.test_cases import BY_NAME, GOOD, held

FLOOD = 100  # frames

HERE = [case for case in CASES.values() if 2 in case.over and not isinstance(case.client, Socket)]
# Faults that are no less wrong over HTTP/2, and are not made of the bytes of HTTP/1.1.
SAME = {
    name: [case for case in HERE if case.id in ids]
    for name, ids in SPOILED.items()
    if BY_NAME[name].written is None and name != "has another version of HTTP"
}
KINDS = sorted({case.clause.id.rpartition(".")[0] for case in HERE})

pytestmark = pytest.mark.timeout(180)


class TakesOneStream(Streams):
    def open(self, number, fields):
        if not self.streams:
            super().open(number, fields)


class MixesBodies(Streams):
    def take(self, event):
        if isinstance(event, DataReceived):
            event.stream_id = min(self.streams)
        super().take(event)


class SwapsBodies(Streams):
    def take(self, event):
        if isinstance(event, (DataReceived, StreamEnded)) and len(self.streams) == 2:
            [event.stream_id] = self.streams.keys() - {event.stream_id}
        super().take(event)


class HasTheHeadersOfTheFirst(Streams):
    def open(self, number, fields):
        super().open(number, next((one.fields for one in self.streams.values()), fields))
        self.streams[number].fields = fields


class TakesMistakes(Streams):
    def refuse(self, event):
        fields = {b":method": b"GET", **dict(event.headers)}
        self.open(event.stream_id, [(b":path", fields.get(b"x-lab", b"/")), *fields.items()])


class AnswersMistakes(Streams):
    def refuse(self, event):
        self.h2.send_headers(event.stream_id, [(b":status", b"400")], end_stream=True)


class EndsAtMistakes(Streams):
    def refuse(self, event):
        self.h2.close_connection(ErrorCodes.PROTOCOL_ERROR)


class SaysNothingOfMistakes(Streams):
    def refuse(self, event):
        pass

    async def quit(self):
        return True


class FallsSilentInAFlood(Streams):
    frames = 0

    def take(self, event):
        self.frames += isinstance(event, (RemoteSettingsChanged, PingReceived))
        if self.frames < FLOOD:
            super().take(event)


class EndsAtWhatItDoesNotKnow(Streams):
    at, ended = UnknownFrameReceived, False

    async def hear(self, data):
        return await super().hear(data) and not self.ended

    def take(self, event):
        self.ended |= isinstance(event, self.at)
        if not self.ended:
            super().take(event)


class EndsAtABody(EndsAtWhatItDoesNotKnow):
    at = DataReceived


class PromisesOnly(Streams):
    def open(self, number, fields):
        super().open(number, fields)
        if number % 2 == 0:
            self.tasks.pop().cancel()


class AnswersOnAnotherStream(Stream):
    def __init__(self, streams, number, fields):
        super().__init__(streams, number, fields)
        self.id += 2


class PromisesNothing(Stream):
    async def push(self, event):
        pass


class WaitsForTheBody(Stream):
    async def serve(self):
        pieces = [await self.incoming.get()]
        while pieces[-1]:
            pieces.append(await self.incoming.get())
        for piece in pieces:
            self.incoming.put_nowait(piece)
        if pieces[-1] is not None:
            await super().serve()


class NeverTellsOfTheEnd(Stream):
    def leave(self):
        pass

    async def write(self, data, end=False):
        try:
            await super().write(data, end)
        except OSError:
            await asyncio.Event().wait()


class RaisesAnotherError(Stream):
    raises = RuntimeError


class HasNoPatience(Stream):
    async def wait(self):
        raise OSError("the window is used up")


class PushesFromElsewhere(Stream):
    def promised(self, event):
        return [
            (name, b"other.example" if name == b":authority" else value)
            for name, value in super().promised(event)
        ]


class KeepsHeadersOfConnections(Exchange):
    left_out = frozenset()

    def __init__(self, stream, scope):
        super().__init__(stream, scope)
        stream.h2.config.validate_outbound_headers = stream.h2.config.normalize_outbound_headers = False


class EndsInsteadOfResetting(Exchange):
    async def break_off(self):
        await self.body(b"", last=True)


class LeavesOpen(Exchange):
    async def break_off(self):
        pass


class HasABodyWithEveryStatus(Exchange):
    async def body(self, piece, *, last):
        await super().body(piece, last=False)
        await self.stream.write(b"no content", end=last)


class SendsInPeace(Exchange):
    async def send(self, event):
        with suppress(OSError):
            await super().send(event)


class KeepsPiecesBack(Exchange):
    kept = b""

    async def body(self, piece, *, last):
        self.kept += piece
        if last:
            await super().body(self.kept, last=True)


def wrong(part):
    """A server that has one part wrong."""
    if issubclass(part, Exchange):
        part = type(part.__name__, (Stream,), {"exchange": part})
    return type(part.__name__, (Streams,), {"stream": part}) if issubclass(part, Stream) else part


def with_small_letters(event):
    """A body of the length of the file, that is not the file."""
    return {"type": BODY, "body": Path(event["path"]).read_bytes().swapcase()}


ERROR = "general.server.terminates-on-app-error"
FLOODS = "general.server.one-call-per-connection"
GONE = "http.disconnect.after-close"
IN_THE_BODY = {f"{GONE}/reset-stream-in-the-body", f"{GONE}/hang-up-in-the-body-of-a-stream"}
MISTAKES = {case.id for case in HERE if "is malformed" in case.says}
CAPITALS = "http.scope.headers.lowercase/capitals-in-frames"
LATE = "http.response.body.completes/rest-of-the-body-behind-it"
LIES = "http.request.body.complete/length-lies-in-frames"

# A wrong server, the cases that find that out, and what they say of it.
FAIL = [
    (
        Fault(
            "joins cookies with a comma",
            scope=headers(lambda pairs: [(name, value.replace(b"; ", b", ")) for name, value in pairs]),
        ),
        {"http.headers.transport-exact/cookies": "b'a=1, b=2'"},
    ),
    (BY_NAME["has the host last"], {"http.scope.headers.authority-first/host": "not first"}),
    (BY_NAME["has two hosts"], {"http.scope.headers.authority-replaces-host/both": "Both are handed on"}),
    (BY_NAME["disconnects at once"], {"http.request.sent/empty-data-frame": "never becomes an http.request"}),
    (BY_NAME["loses bodies"], {"http.request.body.complete/many-frames": "the body b''"}),
    (
        Fault("never ends", received=of_type("http.request", lambda e: e if e["more_body"] else None)),
        {"http.request.decoded-content/trailers-in-frames": "The request never ends"},
    ),
    (
        Fault("pushes another path", sent=field("http.response.push", "path", lambda path: path + "/x")),
        {"ext.http.response.push.attempt/path": "promised ['/style.css/x']"},
    ),
    (
        Fault("loses a link", sent=field("http.response.early_hint", "links", lambda links: links[:1])),
        {"ext.http.response.early_hint.attempt/two-links": "The links are"},
    ),
    (
        Fault("loses trailers", sent=field("http.response.trailers", "headers", lambda _: [])),
        {"ext.http.response.trailers.completes/asked-for": "does not send them"},
    ),
    (
        Fault("does not wait for trailers", sent=field(RESPONSE, "trailers", lambda _: False)),
        {"http.response.start.trailers.server-waits/late": "over before they come"},
    ),
    (
        Fault("waits for trailers at all times", sent=of_type(RESPONSE, lambda e: {**e, "trailers": True})),
        {"http.response.start.trailers.default/missing": "not whole"},
    ),
    (
        Fault("sends trailers to all", scope=headers(lambda pairs: [*pairs, (b"te", b"trailers")])),
        {"ext.http.response.trailers.te-required/not-asked-for": "sent to every client"},
    ),
    (
        Fault("sends another file", sent=of_type("http.response.pathsend", with_small_letters)),
        {"ext.http.response.pathsend.completes/this-file": "The client got the body"},
    ),
    (AnswersOnAnotherStream, {"http.h2.multiplex/two-streams": "The client got the bodies [b'', b'aa']"}),
    (
        TakesOneStream,
        {"http.h2.scope-per-request/two-streams": "called 1 times, with", LATE: "called 1 times, not 2"},
    ),
    (HasTheHeadersOfTheFirst, {"http.h2.scope-per-request/two-streams": "as [(b'a',), (b'a',)]"}),
    (MixesBodies, {"http.request.body.complete/two-streams": "The application got the bodies"}),
    (SwapsBodies, {"http.request.body.complete/two-streams": "{b'a': b'BB', b'B': b'aa'}"}),
    (SaysNothingOfMistakes, dict.fromkeys(MISTAKES, "The server goes on")),
    (TakesMistakes, {CAPITALS: "is not lower-case"}),
    (FallsSilentInAFlood, {f"{FLOODS}/{kind}-flood": "called 0 times" for kind in ("settings", "ping")}),
    (EndsAtWhatItDoesNotKnow, {f"{FLOODS}/unknown-frame": "called 0 times"}),
    (PromisesOnly, {"ext.http.response.push.new-instance/below": "called for nothing"}),
    (
        NeverTellsOfTheEnd,
        {
            f"{GONE}/reset-stream": "not http.request, http.disconnect",
            f"{GONE}/reset-stream-in-the-body": "is http.request",
            f"{GONE}/hang-up-in-the-body-of-a-stream": "it has not been told",
            f"{GONE}/connection-of-streams": "not http.request, http.disconnect",
            "general.send.returns-when-done/sensitive-1": "has not returned",
        },
    ),
    (RaisesAnotherError, {"http.send.closed-oserror/reset-stream": "which is no OSError"}),
    (HasNoPatience, {"general.send.returns-when-done/no-window": "No send took longer"}),
    (PushesFromElsewhere, {"ext.http.response.push.authority/same": "'other.example'"}),
    (KeepsHeadersOfConnections, {"http.response.start.transfer-encoding-ignored/in-frames": "It goes out"}),
    (
        EndsInsteadOfResetting,
        {
            f"{ERROR}/in-the-body-of-a-stream": "as if it were whole",
            "ext.http.response.pathsend.like-body/missing-file": "says it is whole",
        },
    ),
    (
        LeavesOpen,
        {f"{ERROR}/{at}-of-a-stream": "waits for the rest" for at in ("behind-the-start", "in-the-body")},
    ),
    (HasABodyWithEveryStatus, {"http.response.body.completes/204-in-frames": "no content"}),
    (KeepsPiecesBack, {"http.response.body.flush/in-frames": "keeps the pieces back"}),
]

# What follows from whatever they show is no more than a difference.
NEVER_FAIL = {
    f"{FLOODS}/rapid-reset": "its last outcome asks for nothing but that the server answers afterwards",
    f"{FLOODS}/frame-on-stream-0": "there is no request that the application could be called for",
    f"{FLOODS}/frame-too-large": "there is no request that the application could be called for",
}

# A server that does otherwise, and what is said of that.
MAY = [
    (AnswersMistakes, MISTAKES, Verdict.KEEPS),
    (EndsAtMistakes, MISTAKES, Verdict.KEEPS),
    (TakesMistakes, MISTAKES - {CAPITALS, LIES}, Verdict.DIFFERS),
    (SaysNothingOfMistakes, NEVER_FAIL.keys() - {f"{FLOODS}/rapid-reset"}, Verdict.DIFFERS),
    (PromisesNothing, {case.id for case in HERE if case.extension == "http.response.push"}, Verdict.DIFFERS),
    (WaitsForTheBody, {*IN_THE_BODY, LATE}, Verdict.DIFFERS),
    (EndsAtABody, {LATE}, Verdict.DIFFERS),
    (SendsInPeace, {"http.send.closed-oserror/reset-stream"}, Verdict.DIFFERS),
]


def name_of(server):
    return server.name if isinstance(server, Fault) else server.__name__


@pytest.mark.parametrize("kind", KINDS)
async def test_cases_pass_with_a_right_server(kind):
    cases = [(case, 2) for case in HERE if case.clause.id.rpartition(".")[0] == kind]
    found = await held(cases)
    assert {case: one.why for case, one in found.items() if one.verdict not in GOOD} == {}


async def test_response_that_is_not_as_long_as_it_says_is_malformed_and_its_head_is_seen():
    lies = Fault("lies of its length", sent=field(RESPONSE, "headers", lambda _: [(b"content-length", b"9")]))
    evidence = Evidence("")
    async with serving(application, lies) as host:
        target = f"/lab/http.h2.multiplex/two-streams/{new_run(TOKEN)}"
        await http2.Streams((http2.request(), http2.answer()))(await host.place(2), 2, target, evidence)
    assert (evidence.answer.status, evidence.answer.ended, evidence.error) == (200, "malformed", "")


@pytest.mark.parametrize(("server", "says"), FAIL, ids=[name_of(server) for server, _ in FAIL])
async def test_cases_fail_with_a_wrong_server_for_their_own_reason(server, says, monkeypatch):
    fault = server if isinstance(server, Fault) else RIGHT
    if fault is RIGHT:
        monkeypatch.setattr(right_server, "Streams", wrong(server))
    found = await held([(CASES[case], 2) for case in says], fault)
    assert {case: one for (case, _), one in found.items() if one.verdict is not Verdict.BREAKS} == {}
    assert {case: one.why for (case, _), one in found.items() if says[case] not in one.why} == {}


@pytest.mark.parametrize(("server", "cases", "verdict"), MAY, ids=[server.__name__ for server, _, _ in MAY])
async def test_server_may_do_otherwise(server, cases, verdict, monkeypatch):
    monkeypatch.setattr(right_server, "Streams", wrong(server))
    found = await held([(CASES[case], 2) for case in cases])
    assert {case: one for case, one in found.items() if one.verdict is not verdict} == {}


@pytest.mark.parametrize("fault", [fault for fault, cases in SAME.items() if cases])
async def test_cases_fail_over_http_2_as_they_do_over_http_1(fault):
    found = await held([(case, 2) for case in SAME[fault]], BY_NAME[fault])
    assert {case: one for case, one in found.items() if one.verdict is not Verdict.BREAKS} == {}


def test_every_case_that_only_streams_can_hold_fails_with_a_wrong_server():
    failing = {case for _, says in FAIL for case in says}
    only = {case.id for case in HERE if 1 not in case.over}
    assert only <= failing | NEVER_FAIL.keys()
    assert not failing & NEVER_FAIL.keys()
