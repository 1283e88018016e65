"""A directory with applications, in which the command is run."""

import sys

import pytest

from asgiscope.cli import main

RIGHT = """\
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else b"hello"})


def create():
    return app
"""

REFUSAL = """\
    if scope["type"] == "lifespan" and await receive():
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        return
"""

SOCKETS = """\
async def app(scope, receive, send):
    if scope["type"] != "websocket":
        raise NotImplementedError(scope["type"])
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": f"{scope['path']}: {event['text']}"})
"""

STARTS = """\
async def app(scope, receive, send):
    await receive()
    if scope["type"] == "lifespan":
        scope["state"]["greeting"] = b"hello"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": scope["state"]["greeting"]})
"""

ASKED = """\
2 if (scope["method"], scope["path"], event["body"]) == ("PUT", "/a b", b"{}")
                and (b"x-name", b"me") in scope["headers"] else 200"""


def right_but(old, new):
    """The right application with one thing in the place of another."""
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


FILES = {
    "right.py": RIGHT,
    "wrong.py": right_but("200", '"200"'),  # at line 8
    "should.py": right_but("200", "204"),  # has a body, which it should not
    "talks.py": "print('imported')\n" + right_but("        pass", "        pass\n    print('called')"),
    "fails.py": right_but("        pass", "        pass\n    raise KeyError(scope['path'])"),  # at line 6
    "refuses.py": right_but("    if scope", f"{REFUSAL}    if scope"),
    "asked.py": right_but("200", ASKED),
    "sockets.py": SOCKETS,
    "starts.py": STARTS,
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The directory; what is imported from it is forgotten afterwards."""
    for name, source in FILES.items():
        (tmp_path / name).write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def asgiscope(here, capfd):
    """The command: a function of its arguments that returns its status, its output and its errors."""

    def run(*arguments):
        try:
            status = main(arguments)
        except SystemExit as exit:
            status = exit.code
        return (int(status), *capfd.readouterr())

    return run
