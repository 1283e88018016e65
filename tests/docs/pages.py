"""A page of docs/ as its reader uses it: the files it shows are written, its commands are typed.

A block of Python names its file behind the language. In a block of the language `console` a line that
begins with "$ " is a command, and the lines below it are what it prints, `...` being any text. A server
is ready when it has printed its lines, and "^C" stops it. 8000 is the port of every page, and another
one whenever a page is played.
"""

import asyncio
import os
import re
import shlex
import signal
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from shutil import copy, which
from types import ModuleType
from typing import NamedTuple

import pytest

from tests.conversation import keeps

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
SERVER = re.compile(
    r"(env (\S+=\S+ )+)?"
    r"(uvicorn|hypercorn|gunicorn|python -m servers|python \S+manage.py runserver|asgiscope watch) "
)
PATIENCE = 30  # seconds until a command is given up: on a busy machine, imports alone take a while

BLOCK = re.compile(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


class File(NamedTuple):
    """A file that the page shows."""

    name: str
    text: str


class Command(NamedTuple):
    """A command that the page types, or "^C", and the lines that it promises."""

    line: str
    promise: list[str]


def steps(text):
    """What the page asks of its reader, from top to bottom."""
    for language, name, block in BLOCK.findall(text):
        if language == "console":
            for typed in re.split(r"^(?=\$ |\^C$)", block, flags=re.MULTILINE)[1:]:
                line, *promise = typed.splitlines()
                yield Command(line.removeprefix("$ "), promise)
        else:
            yield File(name, block)


def module(page, name):
    """A Python file of a page, run anew in this process."""
    (text,) = [step.text for step in steps(PAGES[page]) if isinstance(step, File) and step.name == name]
    made = ModuleType(name)
    exec(compile(text, f"docs/{page}: {name}", "exec"), vars(made))  # noqa: S102 (the page is ours)
    return made


async def follow(page, directory):
    """Do what the page says; yield each command and the lines that it printed.

    A page that shows files is about a project of the reader's, and the directory is where it is; any other
    is about this one. Skips the test where a command is not installed.
    """
    port = free_port()
    todo = list(steps(PAGES[page].replace("8000", port)))
    if any(isinstance(step, File) for step in todo):
        copy(ROOT / "router.py", directory)
    else:
        directory = ROOT
    server = None
    async with AsyncExitStack() as running:
        for step in todo:
            if isinstance(step, File):
                file = directory / step.name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(step.text, encoding="utf-8")
            elif step.line == "^C":
                os.killpg(server.pid, signal.SIGINT)
                yield step, await printed(server)
            else:
                process = await running.enter_async_context(typed(step.line, directory))
                if SERVER.match(step.line):
                    server = process
                    lines = await printed(server, step.promise)
                    if port in step.line and keeps(lines, step.promise):
                        await listening(port, server)
                    yield step, lines
                else:
                    yield step, await printed(process)


@asynccontextmanager
async def typed(line, directory):
    """The process of a command, found first where this Python has its own; it ends with the block."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program, *arguments = shlex.split(line)
    found = which(program, path=path)
    if found is None:
        pytest.skip(f"{program} is not installed")
    # curl shall not read what its user likes, nor tell a pipe of its progress as it never tells a terminal.
    plain = ["-q", "--no-progress-meter"] if program == "curl" else []
    process = await asyncio.create_subprocess_exec(
        found,
        *plain,
        *arguments,
        cwd=directory,
        env={
            "PATH": path,
            "PYTHONUNBUFFERED": "1",  # a pipe would keep back what a terminal shows at once
            "PYTHONPATH": str(Path(__file__).parent / "absent"),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # The first asks, the second asks whoever does not like to wait, the third does not ask.
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, TimeoutError):
                os.killpg(process.pid, number)
                await asyncio.wait_for(process.communicate(), timeout=2)


async def printed(process, promise=None):
    """The lines that the process prints until it ends, or until they are those of the promise."""
    lines = []
    try:
        async with asyncio.timeout(PATIENCE):
            while promise is None or not keeps(lines, promise):
                line = await process.stdout.readline()
                if not line:
                    await process.wait()
                    break
                lines.append(line.decode().rstrip())
    except TimeoutError:
        lines.append("(and waits for something)")
    return lines


async def listening(port, server):
    """Wait until the server listens on the port: runserver and granian print their lines before they do."""
    async with asyncio.timeout(PATIENCE):
        while server.returncode is None:
            try:
                _, connection = await asyncio.open_connection("localhost", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                connection.close()
                return


def free_port():
    """A port of this machine, as text, that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])
