"""The command as a process."""

import os
import subprocess
import sys
from contextlib import contextmanager

MODULE = ("-m", "asgiscope")
# A Python in which uvicorn is not installed, as far as it can tell.
NO_UVICORN = (
    "-c",
    "import sys; sys.modules['uvicorn'] = None; from asgiscope.cli import main; sys.exit(main())",
)
NO_SERVER = (NO_UVICORN[0], NO_UVICORN[1].replace("=", "= sys.modules['hypercorn'] =", 1))
NO_PYGMENTS = (NO_UVICORN[0], NO_UVICORN[1].replace("uvicorn", "pygments"))
LIMIT = 30  # seconds


def process(*arguments, command=MODULE, **options):
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **options}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env=environment,
    )


def run(*arguments, **options):
    """The status, the output and the errors of a command that ends by itself."""
    with running(*arguments, **options) as started:
        out, err = started.communicate(timeout=LIMIT)
    return started.returncode, out, err


@contextmanager
def running(*arguments, **options):
    """A command that goes on until it is interrupted."""
    with process(*arguments, **options) as started:
        try:
            yield started
        finally:
            started.kill()


def lines_until(stream, text):
    """What is printed, up to the line that has a text; all of it, if none has."""
    lines = []
    for line in stream:
        lines.append(line)
        if text in line:
            break
    return "".join(lines)
