"""The pytest plugin, in runs of pytest."""

import subprocess
import sys

import httpx  # noqa: F401  (what is imported here is not imported again for each run)
import httpx2  # noqa: F401
import pytest
import trio  # noqa: F401

import asgiscope.testing.sockets
import asgiscope.testing.transport  # noqa: F401

APPLICATIONS = """
import asyncio

async def hello(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("no lifespan here")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Hello"})

async def shouting(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("no lifespan here")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Loud", b"1")]})
    await send({"type": "http.response.body"})

async def bodiless(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("no lifespan here")
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body", "body": b"none"})

async def stateful(scope, receive, send):
    if scope["type"] == "http":
        return await hello(scope, receive, send)
    await receive()
    scope["state"]["db"] = "connected"
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})

async def echo(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": event["text"]})

async def deaf(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("no lifespan here")
    await send({"type": "http.response.start", "status": 200})
    await asyncio.Event().wait()
"""


def place(text):
    """Where a line of the applications is."""
    [number] = [number for number, line in enumerate(APPLICATIONS.strip().splitlines(), 1) if text in line]
    return f"*asgi_apps.py:{number} in "


@pytest.fixture
def run(pytester):
    """Run pytest on a test module; the applications are there."""

    def run(source, *arguments, mode="auto"):
        pytester.makepyfile(asgi_apps=APPLICATIONS)
        pytester.makepyfile(test_it=f"from asgi_apps import *\n{source}")
        pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error")
        # Django is set up once for a process, and pytest-django has done it for this very test.
        without = ("-p", "no:cacheprovider", "-p", "no:django")
        return pytester.runpytest(f"--asyncio-mode={mode}", *without, *arguments)

    return run


ONE_REQUEST = """
async def test_request(asgi_client):
    async with asgi_client({app}) as client:
        assert (await client.get("/")).status_code < 300
"""

VIOLATION = [
    "*FAILURES*",
    "The header b'X-Loud' of 'http.response.start' is not lower-case.",
    "*The clause: *(http.response.start.headers.lowercase, www.rst: *)",
    "*Instead: *",
    f"*At {place('X-Loud')}shouting",
    "FAILED test_it.py::*",
]


@pytest.mark.parametrize("app", ["hello", "stateful"])
def test_application_that_breaks_nothing_passes(run, app):
    run(ONE_REQUEST.format(app=app)).assert_outcomes(passed=1)


def test_violation_fails_the_test_with_clause_line_and_remedy(run):
    result = run(ONE_REQUEST.format(app="shouting"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(VIOLATION)


def test_violation_is_told_once(run):
    result = run(
        """
async def test_requests(asgi_client):
    async with asgi_client(shouting) as client:
        for _ in range(200):
            await client.get("/")
"""
    )
    assert str(result.stdout).count("\nThe header b'X-Loud'") == 1


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [((), "passed"), (("--asgi-level=should",), "failed"), (("--asgi-level=note",), "failed")],
)
def test_level_says_what_fails_a_test(run, arguments, outcome):
    run(ONE_REQUEST.format(app="bodiless"), *arguments).assert_outcomes(**{outcome: 1})


@pytest.mark.parametrize("known", ["http.response.start.headers.lowercase", "http.response.*"])
def test_clause_that_is_known_fails_no_test(run, pytester, known):
    source = ONE_REQUEST.format(app="shouting")
    run(source).assert_outcomes(failed=1)
    run(source, "-o", f"asgi_known={known}").assert_outcomes(passed=1)
    run(source, "-o", "asgi_known=websocket.*").assert_outcomes(failed=1)


def test_strict_raises_in_the_application(run):
    result = run(ONE_REQUEST.format(app="shouting"), "--asgi-strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*asgi_apps.py:*: in shouting", "E  *ContractError: The header b'X-Loud' *"])


def test_trace_prints_the_conversation_of_a_test_that_fails(run):
    source = """
async def test_passes(asgi_client):
    async with asgi_client(hello, lifespan=False) as client:
        await client.get("/passes")

async def test_fails(asgi_client):
    async with asgi_client(hello, lifespan=False) as client:
        assert (await client.get("/fails")).status_code == 404
"""
    result = run(source, "--asgi-trace")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- ASGI conversation -*",
            "GET /fails",
            "*send *http.response.start *status=200 *asgi_apps.py:* in hello",
            f"*send *http.response.body *{place('Hello')}hello",
            "*returned",
        ]
    )
    result.stdout.no_fnmatch_line("GET /passes")
    run(source).stdout.no_fnmatch_line("*ASGI conversation*")


def test_test_that_fails_tells_of_violations_too(run):
    result = run(
        """
async def test_fails(asgi_client):
    async with asgi_client(shouting) as client:
        await client.get("/")
        assert 1 == 2
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *assert 1 == 2", "*- ASGI violation -*", "The header b'X-Loud' *"])


def test_what_is_left_running_fails_the_test_and_says_where(run):
    result = run(
        """
async def test_leaves(asgi_client):
    async with asgi_client(deaf, timeout=0) as client:
        async with client.stream("GET", "/left"):
            pass
"""
    )
    result.assert_outcomes(failed=1)
    where = f"{place('asyncio.Event')}deaf"
    result.stdout.fnmatch_lines([f"E *StillRunning: GET /left is still running*, at {where}*"])


def test_what_nobody_closes_fails_the_test_and_says_where(run):
    result = run(
        """
async def test_leaves(asgi_websocket):
    socket = asgi_websocket(echo, "/left")
    await socket.__aenter__()
    test_leaves.socket = socket
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"websocket /left was cancelled, at {place('while (event')}echo: *"])


def test_fixtures_work_in_fixtures(run):
    result = run(
        """
import pytest

@pytest.fixture
async def client(asgi_client):
    async with asgi_client(stateful) as client:
        yield client

async def test_one(client):
    assert (await client.get("/")).text == "Hello"

@pytest.fixture
async def loud(asgi_client):
    async with asgi_client(shouting) as client:
        yield client

async def test_two(loud):
    await loud.get("/")
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(VIOLATION)


def test_violation_behind_the_test_is_an_error(run):
    result = run(
        """
import pytest

@pytest.fixture
async def client(asgi_client):
    async with asgi_client(shouting) as client:
        yield client
        await client.get("/")

async def test_nothing(client):
    pass
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(VIOLATION[1:-1])


def test_websocket_and_lifespan_are_held(run):
    run(
        """
async def test_websocket(asgi_websocket):
    async with asgi_websocket(echo, "/", subprotocols=["a"]) as socket:
        await socket.send("hello")
        assert await socket.receive() == "hello"

async def test_lifespan(asgi_lifespan, asgi_client):
    async with asgi_lifespan(stateful) as state:
        assert state == {"db": "connected"}
        async with asgi_client(stateful, lifespan=False, state=state) as client:
            assert (await client.get("/")).text == "Hello"
"""
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_client_is_of_the_library_that_is_wanted(run, library):
    run(
        f"""
import {library}

async def test_client(asgi_client):
    async with asgi_client(hello, library={library}, http_version="2", headers={{"x-a": "1"}}) as client:
        assert type(client) is {library}.AsyncClient
        response = await client.get("/")
    assert response.http_version == "HTTP/2"
    assert response.request.headers["x-a"] == "1"
"""
    ).assert_outcomes(passed=1)


def test_test_that_is_expected_to_fail_may_fail_by_its_application(run):
    run(
        f"import pytest\n\n@pytest.mark.xfail(strict=True){ONE_REQUEST.format(app='shouting')}"
    ).assert_outcomes(xfailed=1)


def test_plugin_works_in_the_strict_mode_of_pytest_asyncio(run):
    source = ONE_REQUEST.format(app="shouting").replace(
        "async def test", "@pytest.mark.asyncio\nasync def test"
    )
    result = run(f"import pytest\n{source}", mode="strict")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(VIOLATION)


@pytest.mark.parametrize(("app", "outcome"), [("hello", "passed"), ("shouting", "failed")])
def test_plugin_works_beside_that_of_anyio_on_asyncio_and_on_trio(run, app, outcome):
    source = ONE_REQUEST.format(app=app)
    run(f"import pytest\n\n@pytest.mark.anyio{source}", mode="strict").assert_outcomes(
        **{outcome: 2}
    )  # asyncio and trio


@pytest.mark.parametrize(("app", "outcome"), [("hello", "passed"), ("shouting", "failed")])
def test_plugin_works_in_a_test_that_runs_its_own_loop(run, app, outcome):
    run(
        f"""
def test_request(asgi_client):
    async def main():
        async with asgi_client({app}) as client:
            await client.get("/")

    asyncio.run(main())
"""
    ).assert_outcomes(**{outcome: 1})


def test_option_that_another_plugin_has_is_shared(run, pytester):
    pytester.makepyfile(
        other="""
def pytest_addoption(parser):
    parser.addoption("--asgi-strict", action="store_true")
"""
    )
    pytester.syspathinsert()
    result = run(ONE_REQUEST.format(app="shouting"), "-p", "other", "-p", "no:asgion", "--asgi-strict")
    result.stdout.fnmatch_lines(["E  *ContractError: The header b'X-Loud' *"])


IMPORTED = """
import sys, pytest
before = set(sys.modules)
import asgiscope.testing.plugin
strangers = ("asgiscope", "httpx", "anyio", "asyncio", "trio")
print(sorted(name for name in set(sys.modules) - before if name.startswith(strangers)))
"""


def test_plugin_imports_nothing_before_it_is_used():
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "['asgiscope', 'asgiscope.testing', 'asgiscope.testing.plugin']\n"


def test_plugin_imports_nothing_where_it_is_not_used(pytester):
    pytester.makepyfile(
        """
import sys

def test_nothing():
    assert [name for name in sys.modules if name.startswith("asgiscope.")] == [
        "asgiscope.testing", "asgiscope.testing.plugin"
    ]
"""
    )
    pytester.runpytest_subprocess("-p", "no:asgion").assert_outcomes(passed=1)
