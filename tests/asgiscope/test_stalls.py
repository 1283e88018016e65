"""Stalls: what holds the event loop is found while it does, and told to every conversation that it holds."""

import asyncio
import io
import pdb
import selectors
import signal
import subprocess
import sys
import threading
import time
import types

import pytest
import uvloop

from asgiscope.conversation import Conversation
from asgiscope.recorder import Recorder
from asgiscope.stalls import LIMIT, watch_stalls
from tests.asgiscope.recording import BODY, START, hello, line, recorded
from tests.conversation import http, until

HELD = 0.5  # seconds: so much longer than the limit that a slow machine does not matter
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def nobody_watches_afterwards():
    yield
    for watchdog in watchdogs():
        watchdog.join(30)
    assert watchdogs() == []


def watchdogs():
    return [thread for thread in threading.enumerate() if thread.name == "asgiscope watchdog"]


@pytest.fixture
def watched():
    with watch_stalls():
        yield


@pytest.fixture(params=LOOPS.values(), ids=LOOPS)
def run(request, watched):
    """Run a coroutine in an event loop, and watch that."""

    def run(coroutine):
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(coroutine)

    return run


async def blocks(scope, receive, send):
    await receive()
    time.sleep(HELD)  # noqa: ASYNC251  # here
    await asyncio.sleep(0)
    await send(START)
    await send(BODY)


def check(stall, place):
    """A stall is at least as long as the limit, and the fault of a line."""
    assert stall.line == place
    assert stall.line in stall.stack
    assert stall.length / 1e9 >= LIMIT
    assert stall.at >= 0


def test_call_that_blocks_is_found_with_its_line(run):
    conversation = run(recorded(blocks))
    [stall] = conversation.stalls
    check(stall, line(blocks, "# here"))
    assert stall.stack[0] == stall.line
    assert stall.by == conversation.id


def test_call_that_blocks_to_the_end_of_a_conversation_is_found(run):
    async def app(scope, receive, send):
        time.sleep(HELD)  # noqa: ASYNC251  # here

    [stall] = run(recorded(app)).stalls
    check(stall, line(app, "# here"))


def test_every_conversation_is_told_of_a_stall_and_whose_code_it_was(run):
    async def patient(scope, receive, send):
        open.set()
        await blocked.wait()

    async def impatient(scope, receive, send):
        await open.wait()
        await blocks(scope, receive, send)
        blocked.set()

    async def both():
        return await asyncio.gather(recorded(patient), recorded(impatient))

    open, blocked = asyncio.Event(), asyncio.Event()
    held, holding = run(both())
    for conversation in (held, holding):
        [stall] = conversation.stalls
        check(stall, line(blocks, "# here"))
        assert stall.by == holding.id != held.id


SLEEP = [sys.executable, "-c", f"import time; time.sleep({HELD})"]


@pytest.mark.parametrize(
    ("call", "file"),
    [
        pytest.param(lambda: threading.Event().wait(HELD), threading.__file__, id="a lock"),
        pytest.param(
            lambda: subprocess.run(SLEEP, capture_output=True),  # noqa: S603
            selectors.__file__,
            id="a selector of its own",
        ),
    ],
)
def test_code_in_a_package_is_told_with_the_line_that_called_it(run, call, file):
    async def app(scope, receive, send):
        call()
        await asyncio.sleep(0)

    [stall] = run(recorded(app)).stalls
    check(stall, line(call, "lambda"))
    assert stall.stack[0].file == file
    assert stall.stack[-1].function == app.__qualname__, "the stack ends where the application does"


def test_of_several_calls_the_one_is_told_that_held_the_loop_longest(run):
    async def app(scope, receive, send):
        time.sleep(2 * LIMIT)  # noqa: ASYNC251
        time.sleep(HELD)  # noqa: ASYNC251  # here
        await asyncio.sleep(0)

    [stall] = run(recorded(app)).stalls
    check(stall, line(app, "# here"))


def test_task_that_a_conversation_has_begun_is_known_to_be_its_own(run):
    async def app(scope, receive, send):
        await asyncio.create_task(task())

    async def task():
        await asyncio.sleep(0)
        time.sleep(HELD)  # noqa: ASYNC251  # here

    conversation = run(recorded(app))
    [stall] = conversation.stalls
    check(stall, line(task, "# here"))
    assert stall.by == conversation.id


def test_callback_is_found_and_nobody_is_known_to_have_asked_for_it(run):
    async def app(scope, receive, send):
        asyncio.get_running_loop().call_soon(callback)
        await asyncio.sleep(2 * LIMIT)

    def callback():
        time.sleep(HELD)  # here
        done.append(True)

    done = []
    [stall] = run(recorded(app)).stalls
    check(stall, line(callback, "# here"))
    assert stall.by is None
    assert done


def test_code_in_c_that_lets_nobody_else_run_is_told_of_when_it_returns(run):
    async def app(scope, receive, send):
        began = time.monotonic(), time.thread_time()
        sum(range(count))
        lasted.append((time.monotonic() - began[0], time.thread_time() - began[1]))
        await asyncio.sleep(0)

    # As many numbers as it takes to be at it for long enough.
    count, lasted = 4_000_000, [(0, 0)]
    while lasted[-1][0] < HELD:
        count *= 2
        conversation = run(recorded(app))
    elapsed, computed = lasted[-1]
    assert conversation.stalls or computed < elapsed / 3, "a machine so busy is as good as suspended"
    for stall in conversation.stalls:
        assert stall.length / 1e9 >= LIMIT
        assert stall.line is None or stall.line.function == app.__qualname__


# What is none


def test_application_that_waits_holds_nothing(run):
    async def app(scope, receive, send):
        await asyncio.sleep(HELD)
        await asyncio.to_thread(time.sleep, HELD)

    assert run(recorded(app)).stalls == []


def test_call_that_is_shorter_than_the_limit_is_none():
    async def app(scope, receive, send):
        time.sleep(LIMIT)  # noqa: ASYNC251
        await asyncio.sleep(0)

    with watch_stalls(limit=60):
        assert asyncio.run(recorded(app)).stalls == []


def test_conversation_that_begins_afterwards_is_not_told(run):
    async def first(scope, receive, send):
        await receive()
        await over.wait()

    async def one_after_the_other():
        task = asyncio.create_task(recorded(first))
        await asyncio.sleep(0)
        await recorded(blocks)
        later = await recorded(hello)
        over.set()
        return await task, later

    over = asyncio.Event()
    held, later = run(one_after_the_other())
    assert len(held.stalls) == 1
    assert later.stalls == []


def test_loop_that_does_not_run_is_not_held(watched):
    async def app(scope, receive, send):
        await over.wait()

    over = asyncio.Event()
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(recorded(app))
        runner.run(asyncio.sleep(2 * LIMIT))
        time.sleep(HELD)
        over.set()
        assert runner.run(wait_for(task)).stalls == []


async def wait_for(task):
    return await task


def test_debugger_that_waits_for_its_user_is_none(run):
    class User(io.StringIO):
        def readline(self):
            time.sleep(HELD)
            return "continue\n"

    async def app(scope, receive, send):
        pdb.Pdb(stdin=User(), stdout=io.StringIO(), nosigint=True).set_trace()
        await asyncio.sleep(0)

    trace = sys.gettrace()
    try:
        assert run(recorded(app)).stalls == []
    finally:
        sys.settrace(trace)


STOPPED = """
import asyncio, sys
from asgiscope.stalls import watch_stalls
from tests.asgiscope.recording import recorded

async def app(scope, receive, send):
    print("ready", flush=True)
    going = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    while not going.done():
        sum(range(1000))
        await asyncio.sleep(0)

with watch_stalls():
    print(asyncio.run(recorded(app)).stalls)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="nothing stops a process here")
def test_process_that_was_stopped_was_not_held():
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", STOPPED], stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(2)  # as long as nobody would block
        process.send_signal(signal.SIGCONT)
        out, _ = process.communicate("go\n", timeout=30)
    assert out == "[]\n"


# Who watches, and for how long


def test_one_thread_watches_while_conversations_are_open(run):
    async def app(scope, receive, send):
        await asyncio.sleep(0)
        seen.append(len(watchdogs()))

    async def several():
        await asyncio.gather(*(recorded(app) for _ in range(3)))
        await until(lambda: not watchdogs())
        await recorded(app)
        await until(lambda: not watchdogs())

    seen = []
    run(several())
    assert seen == [1] * 4


def test_thread_ends_when_the_loop_is_closed_although_a_conversation_is_open(watched):
    async def begin():
        call.send(None)

    @types.coroutine
    def receive():
        yield

    call = Recorder(hello)(http(), receive, None)
    asyncio.run(begin())
    [watchdog] = watchdogs()
    watchdog.join(30)
    assert not watchdog.is_alive()
    call.close()


@pytest.mark.parametrize("options", [{"record": False}, {}], ids=["only judged", "not watched"])
def test_nobody_watches_who_was_not_asked_to(options):
    async def app(scope, receive, send):
        await asyncio.sleep(0)
        seen.append(watchdogs())

    seen = []
    watching = watch_stalls()
    if not options:
        watching.close()
    with watching:
        assert asyncio.run(recorded(app, **options)).stalls == []
    assert seen == [[]]


def test_under_trio_nobody_watches(watched):
    trio = pytest.importorskip("trio")

    async def app(scope, receive, send):
        seen.append(watchdogs())

    seen = []
    assert trio.run(recorded, app).stalls == []
    assert seen == [[]]


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_limit_is_a_time(limit):
    with pytest.raises(ValueError, match=r"a limit is a time in seconds, such as 0\.05, and not"):
        watch_stalls(limit)


def test_stalls_come_back_from_json_as_they_were(watched):
    conversation = asyncio.run(recorded(blocks))
    assert conversation.stalls
    assert Conversation.from_json(conversation.to_json()) == conversation
