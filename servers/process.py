"""The one process-runner: start a row, wait until it listens, stop it with grace, leave nothing behind.

A server runs in a process group of its own. A Ctrl-C in the terminal therefore reaches only this runner,
which then sends SIGTERM to the server's first process, as a service manager does: at SIGINT, gunicorn would
cut its responses off. The runner stays, and does not become the server by exec, for three reasons more:
uvicorn dies by SIGTERM again once it has shut down, so that its status says it was killed; hypercorn leaves
its Unix domain socket behind; and somebody has to end a server that does not end.
"""

import errno
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from servers.certificate import make_certificate
from servers.command import Options, OptionsError, check, command_line, notes
from servers.launchers import Launcher

ROOT = Path(__file__).resolve().parent.parent
"""The root of the project: servers are started there, and look for their application there."""

MARGIN = 10.0
"""Seconds a server gets beyond the grace to end itself: its lifespan has yet to shut down, jobs and all."""

HELPERS = 0.25
"""Seconds in which processes that a server leaves behind may end by themselves."""

TAIL = 16 * 1024
"""How many bytes of what a server has printed are shown."""


PORTS = range(20_000, 32_000)
"""Where a port is chosen: below those that clients are given, so that none of them has it a moment later."""


class NotServingError(Exception):
    """The server does not listen. A note holds what it has printed, and `status` how its process has ended,
    if it has."""

    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that has been started, with the options it was started with; the port is a real one."""

    launcher: Launcher
    options: Options
    process: subprocess.Popen[bytes]
    log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end; see `url_of`."""
        return url_of(self.options)

    def output(self) -> str:
        """The last of what it has printed, on both its streams; "" where that goes to the terminal."""
        if self.log is None:
            return ""
        # The server writes through a copy of this descriptor, and they have one position: not to be moved.
        descriptor = self.log.fileno()
        size = os.fstat(descriptor).st_size
        return os.pread(descriptor, TAIL, max(size - TAIL, 0)).decode(errors="replace")

    def stop(self) -> bool:
        """Stop it as gracefully as it can, and clear away what it leaves. False: it had to be killed.

        It gets the grace of its options, and MARGIN more. A KeyboardInterrupt ends that time.
        """
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.wait(self.options.grace + MARGIN)
        in_time = self.process.poll() is not None

        # Helpers of multiprocessing end a moment after the process they help. What is left after that, or has
        # had its time, is killed; among it are the dead that nobody has reaped yet, whom it does no harm.
        end = time.monotonic() + (HELPERS if in_time else 0)
        with suppress(ProcessLookupError):
            while time.monotonic() < end:
                os.killpg(self.process.pid, 0)
                time.sleep(0.01)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

        if self.options.uds:
            Path(self.options.uds).unlink(missing_ok=True)
            lock = Path(f"{self.options.uds}.lock")  # Twisted's, which daphne listens with: a link to nothing
            if lock.is_symlink():
                lock.unlink()
        return in_time


@contextmanager
def running(
    launcher: Launcher,
    options: Options,
    *,
    timeout: float = 20.0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A server that listens, for as long as the `with` lasts; it then stops as `Running.stop` says.

    `environment` is added to the variables that it inherits.

    It is an ordinary context manager and not an asynchronous one, because a server outlives event loops: a
    fixture of a whole test module may own one while each test has a loop of its own. To listen is not yet to
    answer: gunicorn listens before it loads the application, and a first request waits for that.

    Raises OptionsError and CertificateError when it cannot be started, NotServingError when it ends by itself
    or is not listening after `timeout` seconds. What is raised inside the `with` gets the server's output as
    a note.
    """
    options = settle(launcher, options)
    with tempfile.TemporaryFile() as log:
        server = _start(launcher, options, log, environment)
        try:
            _wait_until_it_listens(server, timeout)
            yield server
        except BaseException as error:
            error.add_note(f"{launcher.name} printed:\n{server.output()}")
            raise
        finally:
            server.stop()


def serve(launcher: Launcher, options: Options) -> int:
    """Run a server in the foreground until it ends or is told to; the status for `sys.exit`.

    SIGINT, SIGTERM and SIGHUP tell it to stop, gracefully, and then the status is 0. A second one kills it.
    Raises OptionsError and CertificateError when it cannot be started.
    """
    options = settle(launcher, options)
    command = shlex.join(["python", "-m", *command_line(launcher, options)])
    where = f"unix:{options.uds}" if options.uds else url_of(options)
    print(f"{launcher.name} at {where}: {command}", flush=True)
    for sentence in notes(launcher, options):
        print(sentence, flush=True)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # like SIGINT: KeyboardInterrupt
    server = _start(launcher, options)
    asked_to_stop = False
    try:
        server.process.wait()
    except KeyboardInterrupt:
        asked_to_stop = True
    if not server.stop():
        print(f"{launcher.name} was killed before it had stopped.", file=sys.stderr)
        return 1
    status = server.process.returncode
    if status == 0 and not asked_to_stop:
        # Hypercorn says so of an application that it cannot import, or that refuses to start.
        print(f"{launcher.name} has ended though nobody asked it to.", file=sys.stderr)
        return 1
    if status < 0:
        # It died by a signal: by the one it was sent, or by another, and that is said as a shell says it.
        return 0 if asked_to_stop else 128 - status
    return status


def settle(launcher: Launcher, options: Options) -> Options:
    """The options as they can be: with a port that is free, a path that is whole, and a certificate made.

    Raises OptionsError, and CertificateError.
    """
    check(launcher, options)
    if options.uds:
        path = Path(options.uds).absolute()
        _check_socket(path)
        return replace(options, uds=str(path))
    with_udp = options.http == 3
    port = options.port or _any_port(options.host, with_udp=with_udp)
    port = _check_port(options.host, port, with_udp=with_udp)
    if options.tls:
        make_certificate(ROOT)
    return replace(options, port=port)


def url_of(options: Options) -> str:
    """As in "https://127.0.0.1:8000"; over a Unix domain socket the host says nothing: "http://localhost"."""
    if options.uds:
        return "http://localhost"
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{'https' if options.tls else 'http'}://{host}:{options.port}"


def _start(
    launcher: Launcher,
    options: Options,
    log: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Running:
    process = subprocess.Popen(  # noqa: S603 - the words come from the table and from whoever runs this
        # By -m the server is this interpreter's, and modules are looked for in the current directory.
        [sys.executable, "-m", *command_line(launcher, options)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        process_group=0,
    )
    return Running(launcher=launcher, options=options, process=process, log=log)


def _wait_until_it_listens(server: Running, timeout: float) -> None:
    name = server.launcher.name
    deadline = time.monotonic() + timeout
    while not _listens(server.options):
        if server.process.poll() is not None:
            status = server.process.returncode
            ended = NotServingError(f"{name} ended with status {status} before it listened.")
            ended.status = status
            raise ended
        if time.monotonic() > deadline:
            raise NotServingError(f"{name} did not listen within {timeout:g} seconds.")
        time.sleep(0.02)


def _listens(options: Options) -> bool:
    try:
        if options.uds:
            with closing(socket.socket(socket.AF_UNIX)) as client:
                client.connect(options.uds)
                return True
        with socket.create_connection((options.host, options.port), timeout=1) as client:
            # While nobody listens on a port of the range that clients use, a client can be given that very
            # port, and then it is connected to itself.
            return bool(client.getsockname() != client.getpeername())
    except OSError:
        return False


def _any_port(host: str, *, with_udp: bool) -> int:
    """A port that is free; 0, for the kernel to choose, where many are not."""
    for port in random.sample(PORTS, 20):
        with suppress(OptionsError):
            return _check_port(host, port, with_udp=with_udp)
    return 0


def _check_port(host: str, port: int, *, with_udp: bool) -> int:
    """The port, or one that is free for 0. Raises OptionsError when it cannot be listened on."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)[: 1 + with_udp]:
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
            with socket.socket(family, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                port = probe.getsockname()[1]
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                text = f"Port {port} of {host} is in use: choose another by --port, 0 for any."
                raise OptionsError(text) from error
            raise OptionsError(f"{host}, port {port}: cannot listen there ({error.strerror}).") from error
    return port


def _check_socket(path: Path) -> None:
    """Raises OptionsError when no socket can be made at the path. One that nobody uses is cleared away."""
    try:
        if path.is_socket():
            with closing(socket.socket(socket.AF_UNIX)) as client, suppress(ConnectionRefusedError):
                client.connect(str(path))
                raise OptionsError(f"{path} is in use: another server listens there.")
            path.unlink()
        elif path.exists():
            raise OptionsError(f"{path} exists and is not a socket: choose another path.")
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.bind(str(path))
        path.unlink()
    except OSError as error:
        raise OptionsError(f"{path}: no socket can be made there ({error.strerror or error}).") from error
