"""Whom the lab asks: every way to configure every server of `servers/`, and the transports in process.

A server has one process in clear text and, where a case needs it, one with TLS: HTTP/3 has no other, and some
servers speak HTTP/2 in no other. A few cases want TLS for its own sake, or a server that is mounted, on a
Unix domain socket: these are for one configuration of each server, whose other ones are started alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from servers import LAUNCHERS, Launcher
from servers.command import missing_packages


@dataclass(frozen=True)
class Target:
    """A configuration of a server: the name it has in the matrix, its row, and the versions of HTTP it is
    asked in."""

    name: str
    launcher: Launcher
    versions: tuple[int, ...]
    packages: tuple[str, ...] = ()  # whose versions are told, besides the server's
    lives: bool = True  # whether its lifespan and its start are not those of another target

    def in_clear(self, version: int) -> bool:
        """Whether it speaks this version without TLS."""
        return version in self.launcher.in_clear


def variant(
    row: str,
    options: str = "",
    *versions: int,
    name: str = "",
    packages: tuple[str, ...] = (),
    lives: bool = True,
) -> Target:
    """A target that is a row of `servers/`, started with these options more."""
    launcher = LAUNCHERS[row]
    if options:
        launcher = replace(launcher, command=f"{launcher.command} {options}")
    return Target(name or row, launcher, versions or tuple(launcher.http), packages, lives)


def missing(target: Target) -> list[str]:
    """The packages that a target needs and that are not installed."""
    return missing_packages(target.launcher, max(target.launcher.http))


def hypercorn(worker: str) -> Target:
    """Hypercorn with one of its workers; the row has uvloop."""
    row = LAUNCHERS["hypercorn"]
    command = row.command.replace("--worker-class uvloop", f"--worker-class {worker}")
    packages = ("h11", "h2", "aioquic", "wsproto")
    # uvloop is another loop for the asyncio worker, and trio another worker.
    return Target(
        f"hypercorn-{worker}", replace(row, command=command), (1, 2, 3), packages, worker != "uvloop"
    )


def gunicorn() -> Target:
    """Gunicorn, which is asked for HTTP/2 where ALPN says what is spoken: on a busy machine, it may take the
    preface of HTTP/2 in clear text for a request of HTTP/1.1, and refuse it."""
    target = variant("gunicorn", packages=("h2",))
    return replace(target, launcher=replace(target.launcher, in_clear=(1,)))


TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        variant(
            "uvicorn", "--http h11 --ws wsproto", 1, name="uvicorn-h11-wsproto", packages=("h11", "wsproto")
        ),
        variant(
            "uvicorn",
            "--http httptools --ws websockets",
            1,
            name="uvicorn-httptools-websockets",
            packages=("httptools", "websockets"),
            lives=False,
        ),
        variant(
            "uvicorn",
            "--http httptools --ws websockets-sansio",
            1,
            name="uvicorn-httptools-sansio",
            packages=("httptools", "websockets"),
            lives=False,
        ),
        variant("uvicorn", "", 2, name="uvicorn-zttp", packages=("zttp",), lives=False),
        hypercorn("asyncio"),
        hypercorn("trio"),
        hypercorn("uvloop"),
        variant("daphne", packages=("twisted", "autobahn")),
        variant("granian"),
        gunicorn(),
    )
}
"""Every configuration, by its name."""
