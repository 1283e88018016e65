"""The ancestors: WSGI in a thread, CGI in a process, and that neither stays behind."""

import asyncio
import copy
import os
import signal
import threading

import pytest

from apps.raw_asgi import cgi, wsgi
from tests.conversation import answer, call, http, until

GONE = {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


# wsgi


async def told(scope):
    """The environ that the WSGI application tells of."""
    _, greeting, environ, end = await answer(wsgi.app, scope)
    assert greeting["body"] == b"Hello from a thread!\n"
    assert end == {"type": "http.response.body"}
    return dict(line.split(" = ") for line in environ["body"].decode().splitlines())


@pytest.mark.parametrize(
    ("path", "root_path", "script_name", "path_info"),
    [
        ("/raw/wsgi", "/raw/wsgi", "/raw/wsgi", ""),
        ("/raw/wsgi/a/b", "/raw/wsgi", "/raw/wsgi", "/a/b"),
        ("/a", "", "", "/a"),
        # What is no ASCII is given to WSGI as UTF-8 that is read as Latin-1 (PEP 3333).
        ("/é/à", "/é", "/Ã©", "/Ã\xa0"),
    ],
)
async def test_wsgi_is_told_where_it_is_mounted_and_what_is_left_of_the_path(
    path, root_path, script_name, path_info
):
    environ = await told(http("GET", f"{path}?a=%C3%A9", root_path=root_path))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script_name, path_info)
    assert environ["QUERY_STRING"] == "a=%C3%A9"
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["wsgi.version"] == "(1, 0)"


async def test_wsgi_runs_in_a_thread(monkeypatch):
    threads = []

    def hello(environ, start_response):
        threads.append(threading.current_thread())
        start_response("200 OK", [])
        return []

    monkeypatch.setattr(wsgi.adapted, "wsgi_application", hello)
    await answer(wsgi.app, http())
    assert threads != [threading.current_thread()]


async def test_wsgi_answers_head_without_a_body():
    first, end = await answer(wsgi.app, http("HEAD"))
    assert first["status"] == 200
    assert end == {"type": "http.response.body"}


async def test_wsgi_reads_a_body_and_keeps_none_of_it(monkeypatch):
    bodies = []

    def hello(environ, start_response):
        bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return []

    monkeypatch.setattr(wsgi.adapted, "wsgi_application", hello)
    piece = {"type": "http.request", "body": bytes(1000), "more_body": True}
    await answer(wsgi.app, http(), piece, piece, {"type": "http.request", "body": b"x"})
    assert bodies == [b""]


async def test_wsgi_does_not_answer_a_client_that_leaves_before_its_request_has_ended():
    assert await answer(wsgi.app, http(), {"type": "http.request", "more_body": True}, GONE) == []


# cgi

SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def processes(monkeypatch):
    """The processes that the exhibit starts."""
    started = []

    async def start(*arguments, **more):
        started.append(await create_subprocess_exec(*arguments, **more))
        return started[-1]

    create_subprocess_exec = asyncio.create_subprocess_exec
    monkeypatch.setattr(cgi.asyncio, "create_subprocess_exec", start)
    # Those who wait for their turn bind it to their loop, and each test has a loop of its own.
    monkeypatch.setattr(cgi, "turns", copy.deepcopy(cgi.turns))
    yield started
    assert all(process.returncode is not None for process in started)


async def run(scope, *pieces):
    """The start of the answer, the variables and the text that the program prints."""
    events = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    first, body = await answer(cgi.app, scope, *events, {"type": "http.request"})
    variables, _, rest = body["body"].decode(errors="surrogateescape").partition("\n\n")
    return first, dict(line.split(" = ", 1) for line in variables.splitlines()[1:]), rest


async def test_cgi_puts_the_request_into_variables():
    given = [(b"accept", b"*/*"), (b"content-type", b"a/b"), (b"content-length", b"99"), (b"x-a-b", b"\xe9")]
    scope = http("GET", "/m/é/x?q=%C3%A9", given, root_path="/m", http_version="2")
    first, variables, _ = await run(scope)
    assert first["status"] == 200
    assert {name: value for name, value in variables.items() if name != "LC_CTYPE"} == {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "raw_asgi",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/2",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/m",
        "PATH_INFO": "/é/x",
        "QUERY_STRING": "q=%C3%A9",
        "CONTENT_TYPE": "a/b",
        "HTTP_HOST": "testserver",
        "HTTP_ACCEPT": "*/*",
        "HTTP_X_A_B": "é",
    }


@pytest.mark.parametrize(
    ("headers", "variable", "value"),
    [
        pytest.param([(b"proxy", b"http://evil")], "HTTP_PROXY", None, id="a setting of programs"),
        pytest.param([(b"Proxy", b"http://evil")], "HTTP_PROXY", None, id="a setting, case kept"),
        pytest.param([(b"authorization", b"Basic x")], "HTTP_AUTHORIZATION", None, id="credentials"),
        pytest.param([(b"content-length", b"5")], "HTTP_CONTENT_LENGTH", None, id="a length, which is told"),
        pytest.param([(b"content-type", b"a/b")], "HTTP_CONTENT_TYPE", None, id="a type, which is told"),
        pytest.param([(b"accept", b"a"), (b"accept", b"b")], "HTTP_ACCEPT", "a, b", id="a header twice"),
        pytest.param([(b"cookie", b"a=1"), (b"cookie", b"b=2")], "HTTP_COOKIE", "a=1; b=2", id="cookies"),
        pytest.param([(b"x-nul", b"a\0b")], "HTTP_X_NUL", "ab", id="a zero byte"),
        pytest.param([(b"x", b"() { :;}; exit")], "HTTP_X", "() { :;}; exit", id="a shell function"),
    ],
)
async def test_cgi_passes_headers_on_only_if_no_program_can_mistake_them(headers, variable, value):
    _, variables, _ = await run(http("GET", "/", headers))
    assert variables.get(variable) == value


@pytest.mark.parametrize(
    ("pieces", "length"),
    [
        pytest.param([b"Hello?"], "6", id="a body"),
        pytest.param([b"Hel", b"", b"lo?"], "6", id="a body in pieces"),
        pytest.param([], None, id="no body"),
        pytest.param([b"\xff\0\xc3"], "3", id="what is no text"),
        pytest.param([b"x" * cgi.LIMIT], "65536", id="as much as may be"),
    ],
)
async def test_cgi_gives_the_program_the_body_and_its_length(pieces, length):
    _, variables, printed = await run(http("POST"), *pieces)
    assert variables.get("CONTENT_LENGTH") == length
    assert printed == b"".join(pieces).decode(errors="surrogateescape") + "\n"


@pytest.mark.parametrize(
    ("scope", "pieces", "status"),
    [
        pytest.param(http("POST"), [bytes(cgi.LIMIT), b"x"], 413, id="a body"),
        pytest.param(http("GET", "/", [(b"x", b"x" * cgi.LIMIT)]), [], 431, id="a header"),
        pytest.param(http("GET", "/", [(b"x%d" % n, b"x" * 1000) for n in range(70)]), [], 431, id="headers"),
        pytest.param(http("GET", "/" + "é" * 40_000), [], 431, id="a path"),
        pytest.param(http("GET", "/?" + "x" * 70_000), [], 431, id="a query"),
    ],
)
async def test_cgi_starts_nothing_for_a_request_that_is_too_large(processes, scope, pieces, status):
    async with call(cgi.app, scope) as server:
        for piece in pieces:
            await server.says("http.request", body=piece, more_body=True)
        if not pieces:
            await server.says("http.request")
        first, body = await server.returns()
    assert first["status"] == status
    assert b"at most 65536 bytes" in body["body"]
    assert processes == []


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("raise SystemExit(3)", id="with a status"),
        pytest.param("print('Status: 200 OK\\n\\nx', flush=True); 1 / 0", id="in the middle of its answer"),
        pytest.param("import os; os.abort()", id="by a signal"),
    ],
)
async def test_cgi_answers_for_a_program_that_fails(monkeypatch, capfd, processes, program):
    monkeypatch.setattr(cgi, "PROGRAM", program)
    first, body = await answer(cgi.app, http())
    assert (first["status"], body["body"]) == (502, b"the program failed\n")


async def test_cgi_takes_status_and_headers_from_the_program(monkeypatch):
    program = "print('Location: /a: b\\nSTATUS: 303 See Other\\nX-Y:z\\n\\nbody\\n\\nmore', end='')"
    monkeypatch.setattr(cgi, "PROGRAM", program)
    first, body = await answer(cgi.app, http())
    assert first["status"] == 303
    assert first["headers"] == [(b"location", b"/a: b"), (b"x-y", b"z")]
    assert body["body"] == b"body\n\nmore"


async def test_cgi_stops_a_program_that_takes_too_long(monkeypatch, processes):
    monkeypatch.setattr(cgi, "PROGRAM", SLEEPS)
    monkeypatch.setattr(cgi, "TIMEOUT", 0.2)
    first, body = await answer(cgi.app, http())
    assert (first["status"], body["body"]) == (504, b"the program took too long\n")
    assert [process.returncode for process in processes] == [-signal.SIGKILL]


async def test_cgi_stops_the_program_when_the_client_leaves(monkeypatch, processes):
    monkeypatch.setattr(cgi, "PROGRAM", SLEEPS)
    async with call(cgi.app, http()) as server:
        await server.says("http.request")
        await until(lambda: processes)
        await server.says("http.disconnect")
        assert await server.returns() == []
    assert [process.returncode for process in processes] == [-signal.SIGKILL]
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0].pid, 0)


async def test_cgi_stops_the_program_when_the_server_cancels_the_application(monkeypatch, processes):
    monkeypatch.setattr(cgi, "PROGRAM", SLEEPS)
    async with call(cgi.app, http()) as server:
        await server.says("http.request")
        await until(lambda: processes)
        server.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server.returns()
    assert [process.returncode for process in processes] == [-signal.SIGKILL]


async def test_cgi_starts_no_program_for_a_client_that_leaves_before_its_request_has_ended(processes):
    assert await answer(cgi.app, http("POST"), {"type": "http.request", "more_body": True}, GONE) == []
    assert processes == []


async def test_cgi_runs_eight_programs_at_a_time_and_those_who_wait_may_leave(monkeypatch, processes):
    monkeypatch.setattr(cgi, "PROGRAM", SLEEPS)

    async def ask():
        async with call(cgi.app, http()) as server:
            await server.says("http.request")
            waiting.append(server)
            return await server.returns()

    waiting = []
    asked = [asyncio.create_task(ask()) for _ in range(10)]
    await until(lambda: len(processes) == 8)
    # The ninth leaves while it waits for its turn, and nothing is started for it.
    await waiting[8].says("http.disconnect")
    assert await asked[8] == []
    assert len(processes) == 8
    # The first leaves, and the tenth has its turn.
    await waiting[0].says("http.disconnect")
    assert await asked[0] == []
    await until(lambda: len(processes) == 9)
    for server in waiting:
        await server.says("http.disconnect")
    assert await asyncio.gather(*asked) == [[]] * 10
