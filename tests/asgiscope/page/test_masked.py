"""Credentials are masked when a conversation is written down: nothing that the page remembers holds one."""

import asyncio
import gc
from collections import deque, namedtuple
from contextlib import asynccontextmanager
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

import httpx
import pytest
import websockets

from asgiscope.export import pytest_module
from asgiscope.page import watch
from asgiscope.recorder import Recorder
from asgiscope.tap import Tap
from tests.asgiscope.page.watching import hello
from tests.asgiscope.serving import listening
from tests.conversation import answer, call, http, until, websocket

SECRET = "in-the-wild"  # noqa: S105 - it is one to be found
QUERY = f"page=2&access_token={SECRET}"
HEADERS = {
    "authorization": f"Bearer {SECRET}",
    "cookie": f"session={SECRET}; theme={SECRET}",
    "x-tenant": SECRET,
    "referer": f"http://localhost/?token={SECRET}",
}
CODE = (ModuleType, type, FunctionType, BuiltinFunctionType, CodeType)
# What a call works with while it goes on: the application and the server have it, too.
# Its judge holds the scope, too, and judges it when somebody asks.
CALL = {"scope", "before", "quick", "server_receive", "server_send", "task", "mark", "token"}


async def app(scope, receive, send):
    """Sets a cookie, and changes the scope that it was given, as middleware may."""
    scope["session"] = {"id": SECRET}
    headers = [(b"set-cookie", f"session={SECRET}; Path=/".encode()), (b"x-plain", b"seen")]
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept", "headers": headers})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"Hello, world!\n"})


def reached(root):
    """Everything that can be reached from there, but for code, and for what is a call's that goes on."""
    seen, todo = {}, [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, CODE):
            continue
        seen[id(one)] = one
        if isinstance(one, Tap) and one.how == "open":
            todo += [value for key, value in vars(one).items() if key not in CALL]
        else:
            todo += gc.get_referents(one)
    return list(seen.values())


def tell(root):
    """The texts with a credential in them that can be reached from there."""
    texts = [one for one in reached(root) if isinstance(one, str | bytes | bytearray)]
    assert len(texts) > 20
    return [one for one in texts if (SECRET if isinstance(one, str) else SECRET.encode()) in one]


@asynccontextmanager
async def served(app=app):
    watching = watch(app, secrets=["tenant"])
    async with listening(watching) as port:
        yield watching, f"localhost:{port}"


async def test_nothing_that_is_remembered_holds_a_credential():
    async with served() as (watching, host), httpx.AsyncClient(headers=HEADERS) as client:
        response = await client.get(f"http://{host}/?{QUERY}")
        assert SECRET in response.headers["set-cookie"]
        (conversation,) = watching.journal.conversations
        await until(lambda: conversation.outcome.how == "return")
        assert tell(watching.journal) == []
        headers = dict(conversation.scope["headers"])
    assert headers[b"authorization"] == b"Bearer ***"
    assert headers[b"cookie"] == b"session=***; theme=***"
    assert headers[b"x-tenant"] == b"***"
    assert conversation.scope["query_string"] == b"page=2&access_token=***"
    assert conversation.outermost.scope_after["session"] == "***"
    assert conversation.events[1].fields["headers"][0] == (b"set-cookie", b"session=***; Path=/")


async def test_nothing_that_was_written_holds_a_credential_while_it_goes_on_or_later():
    async with served() as (watching, host):
        async with websockets.connect(f"ws://{host}/?{QUERY}", additional_headers=HEADERS) as socket:
            await socket.send("Hello?")
            assert await socket.recv() == "Hello?"
            (conversation,) = watching.journal.conversations
            assert conversation.outcome.how == "open"
            assert tell(watching.journal) == []
            assert dict(conversation.scope["headers"])[b"cookie"] == b"session=***; theme=***"
            assert SECRET in str(conversation.taps[0].scope)
        await until(lambda: conversation.outcome.how == "return")
        assert tell(watching.journal) == []
    assert [event.type for event in conversation.events][-1] == "websocket.disconnect"


async def test_recorder_further_in_writes_no_credential_either():
    async with served(Recorder(app)) as (watching, host), httpx.AsyncClient(headers=HEADERS) as client:
        await client.get(f"http://{host}/?{QUERY}")
        (conversation,) = watching.journal.conversations
        await until(lambda: conversation.outcome.how == "return")
        assert len(conversation.lanes) == 2
        assert tell(watching.journal) == []


async def test_state_of_the_application_is_masked_when_it_is_read():
    watching = watch(hello)
    await answer(watching, {**http(), "state": {"api_token": SECRET, "deep": {None: {"password": SECRET}}}})
    (conversation,) = watching.journal.conversations
    assert conversation.scope["state"] == {"api_token": "***", "deep": {None: {"password": "***"}}}
    assert SECRET not in conversation.to_json()


async def test_what_is_judged_is_what_was_said():
    """The value that is masked breaks a clause, and so does changing it in place."""

    async def changes(scope, receive, send):
        await receive()
        scope["headers"][-1] = (b"cookie", b"another")
        await send({"type": "websocket.close"})

    watching = watch(changes)
    async with call(watching, websocket(headers=[(b"cookie", SECRET)])) as server:
        await server.says("websocket.connect")
        await server.hears()
        await server.returns()
    (conversation,) = watching.journal.conversations
    assert {one.clause for one in conversation.violations} == {
        "websocket.scope.headers.bytes",
        "general.middleware.copies-scope",
    }
    assert conversation.scope["headers"][-1] == (b"cookie", "***")
    assert tell(watching.journal) == []


async def test_test_that_is_taken_away_expects_what_is_masked_to_be_another_one_each_time():
    async with served(hello) as (watching, host), httpx.AsyncClient(headers=HEADERS) as client:
        await client.get(f"http://{host}/")
        (conversation,) = watching.journal.conversations
        await until(lambda: conversation.outcome.how == "return")
    source = pytest_module(conversation, "shop:app")
    assert "masked(asyncio.run(" in source
    assert "put in there what the application accepts" in " ".join(source.split())


async def test_task_that_outlives_its_call_can_send_still():
    tasks, heard = [], []

    async def leaves(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        tasks.append(asyncio.create_task(later(send)))

    async def later(send):
        await go.wait()
        await send({"type": "http.response.body", "body": b"late"})

    async def receive():
        return {"type": "http.request"}

    async def send(event):
        heard.append(event)

    go, watching = asyncio.Event(), watch(leaves)
    await watching(http(headers=[(b"cookie", b"a=b")]), receive, send)
    go.set()
    await asyncio.gather(*tasks)
    (conversation,) = watching.journal.conversations
    assert heard[-1]["body"] == b"late"
    assert conversation.events[-1].fields["body"] == b"late"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([namedtuple("Pair", "name value")(b"cookie", SECRET.encode())], id="pairs"),
        pytest.param([[b"cookie", SECRET]], id="text"),
        pytest.param([SECRET], id="no pairs"),
        pytest.param({b"cookie": SECRET.encode()}, id="a dict"),
        pytest.param(deque([(b"cookie", SECRET.encode())]), id="another iterable"),
    ],
)
async def test_headers_in_a_form_of_their_own_disturb_nothing(headers):
    async def answers(scope, receive, send):
        assert scope["headers"] is headers
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    watching = watch(answers)
    await answer(watching, {**http(), "headers": headers}, {"type": "http.request"})
    (conversation,) = watching.journal.conversations
    assert conversation.outcome.how == "return"
    assert SECRET not in str(conversation.scope) or headers == [SECRET]


async def test_whatever_hides_and_fails_disturbs_nothing(caplog):
    def fails(fields):
        raise RuntimeError("nothing can be hidden")

    held = []
    await answer(Recorder(app, held.append, hide=fails), http(), {"type": "http.request"})
    assert held[0].outcome.how == "return"
    assert held[0].scope == {"type": "http"}
    assert "no more than the type is written down" in caplog.text
