"""The command as a shell meets it."""

import json
import signal
from importlib.metadata import entry_points

import pytest

import asgiscope
from asgiscope.cli import main

from .processes import LIMIT, lines_until, run, running

STUBBORN = """\
import asyncio, threading, time

async def stubborn():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

tasks = []

async def app(scope, receive, send):
    tasks.append(asyncio.create_task(stubborn()))
    threading.Thread(target=time.sleep, args=(60,)).start()
    print("begun", flush=True)
    await asyncio.sleep(60)
"""


def test_command_says_its_version():
    assert run("--version") == (0, f"asgiscope {asgiscope.__version__}\n", "")


@pytest.mark.parametrize("command", ["", "check", "trace", "clauses", "watch"])
def test_command_helps(command):
    status, out, err = run(*filter(None, [command]), "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: asgiscope {command}".rstrip())


def test_command_that_is_not_there_is_told_in_a_sentence():
    status, out, err = run("chek", "a:b")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("asgiscope: argument COMMAND: invalid choice: 'chek'")


def test_status_is_what_was_found(here):
    assert run("check", "right:app", "--only", "get")[0] == 0
    assert run("check", "wrong:app", "--only", "get")[0] == 1
    assert run("check", "nothing:app") == (2, "", run("check", "nothing:app")[2])


def test_json_is_alone_on_stdout_whatever_writes_there(here):
    (here / "writes.py").write_text(
        "import os, subprocess\nos.write(1, b'imported')\n"
        "async def app(scope, receive, send):\n"
        "    print('called')\n"
        "    subprocess.run(['echo', 'from a child'])\n"
        "    raise NotImplementedError\n"
    )
    status, out, err = run("check", "writes:app", "--json", "--only", "get")
    assert (status, json.loads(out)) == (0, [])
    assert "imported" in err
    assert "from a child" in err


def test_what_an_application_leaves_running_keeps_nobody_waiting(here):
    (here / "stubborn.py").write_text(STUBBORN)
    status, out, _ = run("check", "stubborn:app", "--only", "get", "--timeout", "0.1")
    assert status in (0, 1)
    assert out.splitlines()[-1].startswith("1 scenario: ")


def test_ctrl_c_ends_a_check_without_a_traceback(here):
    (here / "stubborn.py").write_text(STUBBORN)
    with running("check", "stubborn:app") as started:
        assert "begun" in lines_until(started.stderr, "begun")
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=LIMIT)
    assert (started.returncode, out) == (130, "")
    assert "KeyboardInterrupt" not in err


def test_reader_that_has_read_enough_is_no_error(here):
    with running("clauses", "--json") as started:  # which is more than a pipe holds
        started.stdout.readline()
        started.stdout.close()
        assert started.stderr.read() == ""
        assert started.wait(LIMIT) == 141


def test_colours_are_forced_and_forbidden(here):
    assert "\x1b[" in run("check", "wrong:app", "--only", "get", FORCE_COLOR="1")[1]
    assert "\x1b[" not in run("check", "wrong:app", "--only", "get", FORCE_COLOR="1", NO_COLOR="1")[1]


def test_terminal_without_arrows_gets_what_it_has(here):
    status, out, err = run("trace", "right:app", PYTHONIOENCODING="ascii")
    assert (status, err) == (0, "")
    assert "\\u2190 send" in out


def test_command_that_is_installed_is_this_one():
    [script] = entry_points(group="console_scripts", name="asgiscope") or pytest.skip(
        "asgiscope was installed here before it had a command: install it again"
    )
    assert script.load() is main
