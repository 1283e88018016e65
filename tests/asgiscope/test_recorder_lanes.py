"""Recorders that are stacked: each sees the conversation where it stands, and all of them write to one."""

import asyncio
from functools import partial

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from asgiscope.conversation import Conversation
from asgiscope.recorder import Recorder
from router import Router
from tests.asgiscope.recording import REQUEST, clauses, hello, line, recorded
from tests.conversation import answer, call, http, lifespan, websocket


def never(conversation):
    raise AssertionError("a lane has no sink of its own")


inner = Recorder(hello, never, name="inner")


async def passes(scope, receive, send):
    await inner(scope, receive, send)


async def copies(scope, receive, send):
    await inner({**scope, "path": "/below"}, receive, send)


async def gives_headers_of_its_own(scope, receive, send):
    await inner({**scope, "headers": [], "extensions": {}, "state": {}}, receive, send)


async def knows_another_version(scope, receive, send):
    await inner({**scope, "asgi": {"version": "3.0", "spec_version": "2.0"}}, receive, send)


async def begins_a_task(scope, receive, send):
    await asyncio.create_task(inner(scope, receive, send))


@pytest.mark.parametrize(
    "middleware",
    [passes, copies, gives_headers_of_its_own, knows_another_version, begins_a_task],
    ids=lambda app: app.__name__,
)
async def test_stacked_recorders_are_lanes_of_one_conversation(middleware):
    held = []
    conversation = await recorded(middleware, into=held)
    assert held == [conversation]
    assert [lane.name for lane in conversation.lanes] == [middleware.__name__, "inner"]
    assert [[event.type for event in lane.events] for lane in conversation.lanes] == [
        ["http.request", "http.response.start", "http.response.body"]
    ] * 2
    assert [lane.outcome.how for lane in conversation.lanes] == ["return"] * 2
    assert conversation.events == conversation.lanes[0].events
    assert clauses(conversation) == []
    assert Conversation.from_json(conversation.to_json()) == conversation


async def test_what_middleware_changed_is_different_in_the_next_lane():
    async def middleware(scope, receive, send):
        async def more():
            return {**await receive(), "body": b"more"}

        async def upper(event):
            await send({**event, "body": event["body"].upper()} if "body" in event else event)

        await inner({**scope, "path": "/below"}, more, upper)

    outer, within = (await recorded(middleware)).lanes
    assert (outer.scope["path"], within.scope["path"]) == ("/", "/below")
    assert (outer.events[0].fields["body"], within.events[0].fields["body"]) == (b"", b"more")
    assert (outer.events[2].fields["body"], within.events[2].fields["body"]) == (b"TWO", b"two")
    assert within.events[2].line == line(hello, "send(BODY)")
    assert outer.events[2].line.function.endswith("upper")


async def test_lane_is_named_after_its_application():
    class App:
        async def __call__(self, scope, receive, send):
            await Recorder(hello)(scope, receive, send)

    conversation = await recorded(App())
    assert [lane.name for lane in conversation.lanes] == [App.__qualname__, "hello"]


async def test_violation_of_middleware_is_in_the_lane_outside_of_it_only():
    async def middleware(scope, receive, send):
        async def twice(event):
            await send(event)  # here
            await send(event)

        await inner(scope, receive, twice)

    outer, within = (await recorded(middleware)).lanes
    assert outer.violations
    assert not within.violations
    assert outer.line_of(outer.violations[0]).function.endswith("twice")


async def test_lanes_of_one_recorder_are_of_one_conversation():
    async def app(scope, receive, send):
        await (
            recorder({**scope, "path": "/b"}, receive, send)
            if scope["path"] == "/a"
            else hello(scope, receive, send)
        )

    held = []
    recorder = Recorder(app, held.append)
    await answer(recorder, http(target="/a", state={}))
    assert [lane.scope["path"] for lane in held[0].lanes] == ["/a", "/b"]
    assert clauses(held[0]) == []


async def test_lane_lives_on_when_the_outer_one_has_returned():
    async def middleware(scope, receive, send):
        tasks.append(asyncio.create_task(inner(scope, receive, send)))
        await asyncio.sleep(0)

    tasks = []
    conversation = await recorded(middleware)
    assert conversation.outcome.how == "return"
    await tasks[0]
    assert conversation.lanes[1].outcome.how == "return"


async def test_listener_hears_all_lanes_and_one_end():
    def sink(conversation):
        conversation.listeners.append(lambda _, event: heard.append(event and event.type))

    heard = []
    await answer(Recorder(passes, sink), http())
    assert heard == [
        *["http.request"] * 2,
        *["http.response.start"] * 2,
        *["http.response.body"] * 2,
        None,
    ]


async def endpoint(request):
    return PlainTextResponse("Hello!")


async def dispatch(request, call_next):
    response = await call_next(request)
    response.headers["x-seen"] = "yes"
    return response


async def test_middleware_of_starlette_is_between_two_lanes_although_it_begins_a_task():
    app = Starlette(
        routes=[Route("/", endpoint)],
        middleware=[
            Middleware(BaseHTTPMiddleware, dispatch=dispatch),
            Middleware(Recorder, sink=never, name="within"),
        ],
    )
    outer, within = (await recorded(app)).lanes
    assert within.name == "within"
    before, after = (
        next(event for event in lane.events if event.type == "http.response.start").fields["headers"]
        for lane in (within, outer)
    )
    assert after == [*before, (b"x-seen", b"yes")]
    assert {event.task for event in within.events}.isdisjoint({event.task for event in outer.events})


async def test_line_outside_of_a_framework_is_found_through_another_recorder():
    outer, within = (await recorded(Starlette(routes=[Mount("/", inner)]))).lanes
    for outside, inside in zip(outer.events[1:], within.events[1:], strict=True):
        assert outside.line != inside.line
        assert outside.outside == inside.line == inside.outside


# What is no lane


async def says_nothing(scope, receive, send):
    pass


async def test_request_to_another_application_is_a_conversation_of_its_own():
    async def app(scope, receive, send):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(other)) as client:
            assert (await client.get("http://localhost/")).text == "two"
        await hello(scope, receive, send)

    held = []
    other = Recorder(hello, held.append, name="the other one")
    client = httpx.AsyncClient(transport=httpx.ASGITransport(Recorder(app, held.append)))
    async with client:
        await client.get("http://localhost/")
    assert [[lane.name for lane in conversation.lanes] for conversation in held] == [
        [app.__qualname__],
        ["the other one"],
    ]
    assert held[0].scope == held[1].scope, "the two requests are as like as can be"


@pytest.mark.parametrize(
    "scope",
    [http(), {**http(), "headers": []}, websocket(), lifespan(), {"type": "http"}, {}, None],
    ids=["alike", "no headers", "a WebSocket", "a lifespan", "next to nothing", "nothing", "None"],
)
async def test_call_with_a_scope_that_shares_nothing_is_a_conversation_of_its_own(scope):
    async def app(_, receive, send):
        await Recorder(says_nothing, held.append)(scope, receive, send)

    held = []
    await recorded(app, into=held)
    assert [len(conversation.lanes) for conversation in held] == [1, 1]


async def test_task_that_is_left_behind_holds_conversations_of_its_own():
    async def app(scope, receive, send):
        async def later():
            await gate.wait()
            await Recorder(hello, held.append)(scope, receive, send)

        tasks.append(asyncio.create_task(later()))

    held, tasks, gate = [], [], asyncio.Event()
    await recorded(app, None, REQUEST, into=held)
    gate.set()
    await tasks[0]
    assert [len(conversation.lanes) for conversation in held] == [1, 1]


# Behind the router


async def test_router_is_between_two_lanes():
    router = Router({"/a": Recorder(hello, never, name="a"), "/b": hello})
    outer, within = (await recorded(router, http(target="/a"))).lanes
    assert (outer.name, within.name) == ("Router", "a")
    assert (outer.scope["root_path"], within.scope["root_path"]) == ("", "/a")


async def lives(scope, receive, send):
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


async def test_lifespans_behind_the_router_are_lanes_of_its_own_one():
    names, held = ["a", "b"], []
    router = Router({f"/{name}": Recorder(partial(lives), never, name=name) for name in names})
    async with call(Recorder(router, held.append), lifespan()) as server:
        await server.says("lifespan.startup")
        await server.hears()
        await server.says("lifespan.shutdown")
        await server.returns()
    [conversation] = held
    assert [lane.name for lane in conversation.lanes] == ["Router", *names]
    assert [[event.type for event in lane.events] for lane in conversation.lanes] == [
        ["lifespan.startup", "lifespan.startup.complete", "lifespan.shutdown", "lifespan.shutdown.complete"]
    ] * 3
    assert clauses(conversation) == []
