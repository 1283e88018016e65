"""`python -m servers`, as somebody in a terminal meets it."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from servers import LAUNCHERS
from servers.listing import WIDTH, installed
from servers.process import ROOT
from tests.servers.clients import wait_until

PROBE = ("--app", "tests.servers.probe:app", "--port", "0")


def run(*arguments, python=()):
    """The command, once it has ended."""
    command = [sys.executable, *python, "-m", "servers", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)  # noqa: S603


@pytest.mark.parametrize("name", LAUNCHERS)
def test_server_that_never_starts_is_no_success(name):
    ended = run(name, "--app", "no.such:app", "--port", "0")
    assert ended.returncode not in (0, 2)


@contextmanager
def running(*arguments, folder, **kwargs):
    """The command while it runs, the URL in its first line, and a function for all it has printed."""
    printed = folder / "printed"
    with printed.open("wb") as file:
        command = [sys.executable, "-m", "servers", *arguments]
        process = subprocess.Popen(  # noqa: S603
            command, stdout=file, stderr=file, **{"cwd": ROOT} | kwargs
        )
    try:
        wait_until(lambda: "\n" in printed.read_text())
        yield process, re.search(" at (http.*?): ", printed.read_text())[1], printed.read_text
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url):
    """Whether something answers there."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param([], "Which server: choose one of uvicorn, ", id="no name"),
        pytest.param(["gunicron"], "There is no server 'gunicron' here: choose one of", id="an unknown name"),
        pytest.param(["uvicorn", "--http", "4"], "invalid choice: 4", id="an unknown version"),
        pytest.param(["uvicorn", "--fast"], "unrecognized arguments: --fast", id="an unknown option"),
        pytest.param(
            ["uvicorn", "--port", "http"], "invalid int value: 'http'", id="a port that is no number"
        ),
        pytest.param(
            ["daphne", "--workers", "2"], "daphne is a single process", id="an option it does not have"
        ),
        pytest.param(
            ["uvicorn", "--uds", "a", "--port", "1"], "leave out --uds, or", id="a socket and a port"
        ),
        pytest.param(
            ["uvicorn", "--host", "192.0.2.1"], "cannot listen there", id="a host that is elsewhere"
        ),
        pytest.param(["uvicorn", "--uds", "/no/such/folder"], "no socket can be made there", id="no folder"),
        pytest.param(["uvicorn", "--uds", "asgi.py"], "exists and is not a socket", id="a file in the way"),
        pytest.param(["uvicorn", "--uds", "a" * 200], "no socket can be made there", id="a path too long"),
    ],
)
def test_mistake_is_answered_by_one_sentence_and_status_2(arguments, sentence):
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_server_that_is_not_installed_is_one_sentence_and_status_2():
    ended = run("granian", python=["-S"])  # without what is installed beside Python
    assert ended.returncode == 2
    assert (
        ended.stderr
        == "python -m servers: granian cannot be started: install what it needs by pip install granian.\n"
    )


def test_port_in_use_is_one_sentence_and_status_2():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run("granian", "--port", str(port))  # which would share the port
    assert ended.returncode == 2
    assert ended.stderr == (
        f"python -m servers: Port {port} of 127.0.0.1 is in use: choose another by --port, 0 for any.\n"
    )


def test_socket_in_use_is_one_sentence_and_status_2(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        ended = run("uvicorn", "--uds", str(path))
    assert ended.returncode == 2
    assert ended.stderr == f"python -m servers: {path} is in use: another server listens there.\n"


def test_list_says_everything_the_rows_say_in_the_width_of_a_terminal():
    ended = run("--list")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert max(map(len, ended.stdout.splitlines())) <= WIDTH
    words = " ".join(ended.stdout.split())
    for row in LAUNCHERS.values():
        assert re.search(rf"^{row.name} .*{installed(row) or 'no'}$", ended.stdout, re.MULTILINE)
        for about, sentence in row.lacks.items():
            assert f"{about}: {sentence}" in words


def test_list_says_what_is_not_installed_and_how_to_install_it():
    words = " ".join(run("--list", python=["-S"]).stdout.split())
    for row in LAUNCHERS.values():
        assert f"{row.name} Not installed: pip install {' '.join(row.packages[1])}" in words


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, signal.SIGTERM) for name in LAUNCHERS),
        # Told to stop by SIGINT, gunicorn itself would not shut its lifespan down.
        ("gunicorn", signal.SIGINT),
        ("uvicorn", signal.SIGINT),
        ("uvicorn", signal.SIGHUP),
    ],
)
def test_signal_stops_the_server_gracefully_with_status_0(name, number, tmp_path):
    with running(name, *PROBE, folder=tmp_path) as (process, url, printed):
        wait_until(lambda: answers(url))
        assert printed().startswith(f"{name} at {url}: python -m {name} tests.servers.probe:app ")
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert not answers(url)
        assert ("lifespan.shutdown" in printed()) == LAUNCHERS[name].lifespan


def test_second_signal_kills(tmp_path):
    with (
        running("uvicorn", *PROBE, folder=tmp_path) as (process, url, printed),
        httpx.Client() as client,
    ):
        wait_until(lambda: answers(url))
        with client.stream("GET", f"{url}/endless"):
            process.send_signal(signal.SIGINT)
            wait_until(lambda: "Shutting down" in printed())
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 1
    assert "uvicorn was killed before it had stopped." in printed()


def test_server_that_ends_by_itself_passes_its_status_on():
    ended = run("uvicorn", "--port", "0", "--app", "tests.servers.probe:no_such_attribute")
    assert ended.returncode == 3  # uvicorn's for a start that failed
    assert "no_such_attribute" in ended.stderr


def test_application_is_found_from_another_folder(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with running("uvicorn", *PROBE, folder=tmp_path, cwd=tmp_path, env=environment) as (_, url, _):
        wait_until(lambda: answers(url))


def test_who_asks_for_something_with_a_catch_reads_it_before_the_server_starts(tmp_path):
    with running("hypercorn", "--http", "1", *PROBE, folder=tmp_path) as (_, url, printed):
        wait_until(lambda: answers(url))
        assert printed().splitlines()[1] == LAUNCHERS["hypercorn"].lacks["--http 1"]
