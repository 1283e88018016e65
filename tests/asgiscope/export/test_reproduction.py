"""Conversations as tests, which are run: they pass, and with an application that was changed they fail."""

import asyncio
import os
import shutil
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

from asgiscope.conversation import Conversation, Cut, Lane, Outcome
from asgiscope.export import pytest_module
from asgiscope.recorder import Recorder
from asgiscope.replay import diff, replay, script
from tests.asgiscope.export import shop
from tests.conversation import call, http, websocket

ROOT = Path(__file__).parents[3]
RULES = "E,F,W,I,N,UP,B,A,ASYNC,C4,DTZ,PIE,PT,RET,RUF,SIM,TRY"

REQUEST = ("receive", {"type": "http.request", "body": b"", "more_body": False})
NASTY = b"'\"%s\\" + bytes(range(256)) + "Zoë".encode() * 100

# Of each application: what it is told, what is changed in it, and what the test says of that.
CASES = {
    "echo": (
        [("receive", {"type": "http.request", "body": NASTY})],
        ('b"text/plain"', 'b"text/html"'),
        "header b'content-type' b'text/plain' -> b'text/html'",
    ),
    "quote": ([REQUEST], ("nothing", "something"), "something"),
    "Shop.site": ([REQUEST], ('"more_body": False', '"trailers": True'), "'trailers': True"),
    "ticker": (
        [
            REQUEST,
            ("send", {"type": "http.response.start", "status": 200}),
            ("send", {"type": "http.response.body", "body": b"tick", "more_body": True}),
            ("send", {"type": "http.response.body", "body": b"tick", "more_body": True}, ...),
            ("receive", {"type": "http.disconnect"}),
        ],
        ('b"tick"', 'b"tock"'),
        "'body' b'ticktick' -> b'tocktock'",
    ),
    "unfinished": ([REQUEST], ('b"one", "more_body": True', 'b"one"'), "http.response.body.final-required"),
    "talk": (
        [
            ("receive", {"type": "websocket.connect"}),
            ("receive", {"type": "websocket.receive", "text": "hello"}),
            ("receive", {"type": "websocket.disconnect", "code": 1001}),
        ],
        ("[::-1]", "[::1]"),
        "'text' 'olleh' -> 'hello'",
    ),
    "fail": ([REQUEST], ("a fault", "another fault"), "another fault"),
    "replay": ([], ("await fail(scope, receive, send)", "pass"), "raise ValueError"),
}


def file_of(name):
    return f"test_{name.lower().replace('.', '_')}.py"


def run(module, *arguments, folder):
    """What a program says that is run in a folder."""
    return subprocess.run(  # noqa: S603  (its arguments stand in this file)
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def run_pytest(folder):
    """What pytest says of the test of each application, and all that it says."""
    options = ("-rA", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir=.")
    out = run("pytest", *options, folder=folder)
    lines = {name: [line for line in out.splitlines() if f" {file_of(name)}::" in line] for name in CASES}
    return lines, out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a test of each of the applications, and with the applications."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copy(shop.__file__, folder / "shop.py")
    for name, (moves, _, _) in CASES.items():
        app = reduce(getattr, name.split("."), shop)
        scope = websocket() if name == "talk" else http("POST", '/a?b="""', [(b"authorization", b"Bearer a")])
        recorded = asyncio.run(replay(app, script(scope, moves)))
        (folder / file_of(name)).write_text(pytest_module(recorded, f"shop:{name}"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def unchanged(folder):
    """What pytest says of the applications as they are."""
    return run_pytest(folder)


@pytest.fixture(scope="module")
def changed(folder, tmp_path_factory):
    """What pytest says of the applications, once each of them was changed."""
    copy = shutil.copytree(folder, tmp_path_factory.mktemp("changed") / "shop")
    source = (copy / "shop.py").read_text(encoding="utf-8")
    for _, (before, after), _ in CASES.values():
        assert before in source
        source = source.replace(before, after)
    (copy / "shop.py").write_text(source, encoding="utf-8")
    return run_pytest(copy)


@pytest.mark.parametrize("name", CASES)
def test_module_passes(name, unchanged):
    lines, out = unchanged
    assert [line.split()[0] for line in lines[name]] == ["PASSED"], out


@pytest.mark.parametrize("name", CASES)
def test_module_fails_with_an_application_that_was_changed(name, changed):
    lines, out = changed
    assert [line.split()[0] for line in lines[name]] == ["FAILED"], out
    assert CASES[name][2] in out


@pytest.mark.parametrize(
    "arguments", [("check", "--select", RULES), ("format", "--diff")], ids=["its rules", "its layout"]
)
def test_modules_are_as_ruff_wants_them(arguments, folder):
    out = run("ruff", *arguments, "--isolated", "--no-cache", *map(file_of, CASES), folder=folder)
    assert out in ("", "All checks passed!\n")


@pytest.mark.parametrize(
    "target", ["shop", "shop:", ":app", "shop:app()", "shop app:app", "shop:app; import os"]
)
def test_target_names_a_module_and_an_application(target):
    with pytest.raises(ValueError, match=r"names no application: write .* 'shop.asgi:app'"):
        pytest_module(script(http(), []), target)


def test_module_is_not_made_of_what_cannot_be_replayed():
    recorded = script(http(), [("receive", {"type": "http.request", "body": Cut(b"a", 2)})])
    with pytest.raises(ValueError, match="keep=2"):
        pytest_module(recorded, "shop:app")


def test_module_waits_longer_for_what_took_long():
    lane = Lane("app", http(), [], Outcome("return", 30_000_000_000), [])
    assert "replay(app, recorded, timeout=60)" in pytest_module(Conversation(1, 0.0, [lane]), "shop:app")


async def test_module_holds_what_was_kept_of_a_response_that_was_cut():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"Cut(" * 20_000})

    held = []
    async with call(Recorder(app, held.append), http()) as server:
        await server.returns()
    source = pytest_module(held[0], "shop:app")
    assert "from asgiscope.conversation import Cut\n" in source
    module = {}
    exec(source.replace("from shop import app", ""), module)  # noqa: S102  (it is this package that wrote it)
    again = await replay(app, script(module["SCOPE"], module["EVENTS"]))
    assert not diff(held[0], again)
