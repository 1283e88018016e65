"""A lifespan for the time of a test: what is given to the block, and what the test is told of."""

import anyio
import pytest

from asgiscope.testing import LifespanFailed
from tests.asgiscope.testing.applications import hello
from tests.asgiscope.testing.loops import on_both_loops

STARTED, STOPPED = {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}


class WellBehaved:
    """An application that starts and stops, and notes it."""

    def __init__(self, **state):
        self.state = state
        self.heard = []

    async def __call__(self, scope, receive, send):
        if "state" in scope:
            scope["state"].update(self.state)
        for answer in (STARTED, STOPPED):
            self.heard.append((await receive())["type"])
            await send(answer)


async def unsupported(scope, receive, send):
    raise ValueError("no lifespan here")


@on_both_loops
async def test_application_is_started_and_stopped(lifespan_of):
    app = WellBehaved(db="connected")
    async with lifespan_of(app) as state:
        assert state == {"db": "connected"}
        assert app.heard == ["lifespan.startup"]
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


@on_both_loops
async def test_state_reaches_each_request_as_a_copy(client_of, lifespan_of):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["state"]["list"], dict(scope["state"])))
        scope["state"]["own"] = True
        await hello(scope, receive, send)

    async with lifespan_of(WellBehaved(list=[])) as state:
        async with client_of(app, state=state) as client:
            await client.get("/")
            await client.get("/")
        assert [keys for _, keys in seen] == [{"list": []}, {"list": []}]
        assert all(shared is state["list"] for shared, _ in seen)


@pytest.mark.parametrize(
    ("options", "scope"),
    [
        ({}, {"asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}),
        ({"state": False}, {"asgi": {"version": "3.0", "spec_version": "2.0"}}),
        ({"spec_version": None}, {"asgi": {"version": "3.0"}, "state": {}}),
    ],
    ids=str,
)
@on_both_loops
async def test_scope_has_what_the_test_decides(lifespan_of, options, scope):
    seen = []

    async def app(scope, receive, send):
        seen.append(dict(scope))
        await WellBehaved()(scope, receive, send)

    async with lifespan_of(app, **options) as state:
        assert state == {}
    assert seen == [{"type": "lifespan", **scope}]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"message": "the database is down"}, "the database is down"),
        ({"message": ""}, "has failed at {phase}, and has not said why"),
        ({}, "has failed at {phase}, and has not said why"),
    ],
)
@pytest.mark.parametrize("phase", ["startup", "shutdown"])
@on_both_loops
async def test_failure_is_raised_with_the_message_of_the_application(lifespan_of, phase, answer, message):
    failed = {"type": f"lifespan.{phase}.failed", **answer}
    blocks = []

    async def failing(scope, receive, send):
        await receive()
        if phase == "shutdown":
            await send(STARTED)
            await receive()
        await send(failed)

    with pytest.raises(LifespanFailed, match=message.format(phase=phase)):
        async with lifespan_of(failing):
            blocks.append(True)
    assert blocks == [True] * (phase == "shutdown")


@on_both_loops
async def test_application_without_a_lifespan_runs_without_one(lifespan_of):
    async with lifespan_of(unsupported) as state:
        assert state == {}


@on_both_loops
async def test_lifespan_that_is_required_is_missed(lifespan_of):
    with pytest.raises(ValueError, match="no lifespan here"):
        async with lifespan_of(unsupported, required=True):
            pytest.fail("it has started")


@on_both_loops
async def test_answer_that_is_required_is_missed(lifespan_of):
    async def silent(scope, receive, send):
        await receive()

    with pytest.raises(LifespanFailed, match=r"has returned, and not answered 'lifespan.startup'"):
        async with lifespan_of(silent, required=True):
            pytest.fail("it has started")


@on_both_loops
async def test_exception_at_startup_is_raised(lifespan_of):
    async def failing(scope, receive, send):
        await receive()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with lifespan_of(failing):
            pytest.fail("it has started")


@on_both_loops
async def test_exception_at_shutdown_is_raised(lifespan_of):
    async def failing(scope, receive, send):
        await receive()
        await send(STARTED)
        await receive()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with lifespan_of(failing):
            pass


@on_both_loops
async def test_exception_in_the_meantime_is_raised(lifespan_of):
    may_fail = anyio.Event()

    async def failing(scope, receive, send):
        await receive()
        await send(STARTED)
        await may_fail.wait()
        raise ValueError("broken")

    async def run():
        async with lifespan_of(failing):
            may_fail.set()
            await anyio.wait_all_tasks_blocked()

    with pytest.raises(ValueError, match="broken"):
        await run()


@on_both_loops
async def test_application_is_stopped_when_the_block_raises(lifespan_of):
    app = WellBehaved()
    with pytest.raises(ZeroDivisionError):
        async with lifespan_of(app):
            1 / 0  # noqa: B018
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


@on_both_loops
async def test_application_is_stopped_when_the_block_is_cancelled(lifespan_of):
    app = WellBehaved()
    with anyio.CancelScope() as scope:
        async with lifespan_of(app):
            scope.cancel()
            await anyio.sleep_forever()
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


@on_both_loops
async def test_startup_that_takes_too_long_is_cancelled(lifespan_of):
    ended = []

    async def slow(scope, receive, send):
        await receive()
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    message = r"has not answered 'lifespan.startup' in 60 seconds, at .*:\d+ in .*slow"
    with pytest.raises(TimeoutError, match=message):
        async with lifespan_of(slow):
            pytest.fail("it has started")
    assert ended == [True]


@on_both_loops
async def test_shutdown_that_takes_too_long_is_cancelled(lifespan_of):
    async def slow(scope, receive, send):
        await receive()
        await send(STARTED)
        await receive()
        await anyio.sleep_forever()

    with pytest.raises(TimeoutError, match=r"has not answered 'lifespan.shutdown' in 60 seconds, at .*slow"):
        async with lifespan_of(slow):
            pass


@on_both_loops
async def test_application_that_does_not_return_when_it_has_stopped_is_cancelled(lifespan_of):
    ended = []

    async def staying(scope, receive, send):
        await WellBehaved()(scope, receive, send)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    async with lifespan_of(staying):
        pass
    assert ended == [True]


@on_both_loops
async def test_startup_that_is_given_up_is_cancelled(lifespan_of):
    waits = anyio.Event()

    async def slow(scope, receive, send):
        await receive()
        waits.set()
        await anyio.sleep_forever()

    async def start():
        async with lifespan_of(slow):
            pytest.fail("it has started")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(start)
        await waits.wait()
        tasks.cancel_scope.cancel()


@on_both_loops
async def test_application_that_returns_without_an_answer_runs_without_a_lifespan(lifespan_of):
    async def silent(scope, receive, send):
        await receive()

    async with lifespan_of(silent) as state:
        assert state == {}
