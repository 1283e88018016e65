"""What a recorder puts off until somebody reads: it comes to the same as if it had been done at once."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from asgiscope.recorder import Recorder
from tests.asgiscope.contract.conversations import Conversation
from tests.asgiscope.contract.disturbances import CONVERSATIONS
from tests.asgiscope.recording import clauses, hello, recorded
from tests.conversation import http


class Stopped(Exception):
    """What an application raises that has had enough."""


def spoiled(scope):
    """Change everything in a scope that can be changed, and then take it away."""
    for value in list(scope.values()) if type(scope) is dict else ():
        if type(value) is list:
            for item in [*value]:
                if type(item) is list:
                    item.append(None)
            value.append(None)
        elif type(value) is dict:
            for item in [*value.values()]:
                if type(item) is dict:
                    item.clear()
            value.clear()
    if type(scope) is dict:
        scope.clear()


def played(told, *, spoil):
    """What is found late, and what early, by a recorder and by one in it, which is always read."""
    held, moves = [], [*told.moves]

    def early():
        # Where the recorders cannot tell that they are in the same conversation, each has one of its own.
        return [*held[-1].taps[-1].violations]

    async def receive():
        return moves[0].what

    async def send(event):
        if len(moves) > 1 and moves[1].verb == "failed":
            raise OSError

    async def app(scope, receive, send):
        seen.append(early())
        if spoil:
            spoiled(scope)
        while moves:
            move = moves[0]
            with suppress(OSError):
                match move.verb:
                    case "receive":
                        await receive()
                    case "send":
                        await send(move.what)
                    case "end" if move.what == "return":
                        return
                    case "end" if move.what == "raise":
                        raise Stopped
                    case "end":
                        raise asyncio.CancelledError
            seen.append(early())
            moves.pop(0)

    seen = []
    # Nobody waits for anything here, so that it has ended after its first step.
    with suppress(Stopped, asyncio.CancelledError, StopIteration):
        Recorder(Recorder(app, held.append), held.append)(told.scope, receive, send).send(None)
    return [*held[0].taps[0].violations], early(), seen


@settings(deadline=None, max_examples=200)
@given(CONVERSATIONS, st.booleans())
def test_what_is_read_late_is_what_is_read_all_the_time(told, spoil):
    late, early, seen = played(told, spoil=spoil)
    assert late == early
    assert all(early[: len(found)] == found for found in seen)


def test_scope_is_judged_as_it_was_whatever_the_application_does_to_it():
    for scope, broken in (
        (http(path=b"/"), ["http.scope.path.type"]),
        (http(headers=[[b"x-a", b"a"]]), []),
        (http(extensions={"http.response.push": 1}), ["ext.http.response.push.advertised"]),
    ):
        late, early, _ = played(Conversation(scope, []), spoil=True)
        assert [one.clause for one in late if one.party == "server"] == broken
        assert late == early


async def test_scope_that_nobody_asks_about_is_judged_when_somebody_does():
    await recorded(hello)  # after which its headers are known
    conversation = await recorded(hello, http(scheme=""))
    assert not conversation.taps[0].is_opened
    assert clauses(conversation) == ["http.scope.scheme.non-empty"]
    assert conversation.taps[0].is_opened


async def test_what_the_scope_breaks_comes_first_however_late_it_is_found():
    async def app(scope, receive, send):
        await send({"type": "http.response.body"})

    conversation = await recorded(app, http(scheme=""))
    assert clauses(conversation) == ["http.scope.scheme.non-empty", "http.response.start.before-body"]
