"""From what was asked to a command line, or to a sentence about why not.

Nothing here starts a process or touches the network: the same question has the same answer.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address

from servers.certificate import CERTIFICATE, KEY
from servers.launchers import Http, Launcher


class OptionsError(Exception):
    """What was asked cannot be done. The text is one sentence for whoever asked."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What can be asked of every server.

    `http` is the newest version of HTTP to offer, None what the server offers by itself. `uds` is the path
    of a Unix domain socket and takes the place of `host` and `port`; port 0 is any that is free. `app` is
    looked up from the root of the project. `grace` is how many seconds running responses get at the end.
    """

    app: str = "asgi:application"
    http: Http | None = None
    tls: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    uds: str | None = None
    root_path: str = ""
    workers: int = 1
    grace: int = 5


def missing_packages(launcher: Launcher, http: Http = 1) -> list[str]:
    """The packages without which the server cannot speak this version, in the order to install them."""
    wanted = [name for version in launcher.packages if version <= http for name in launcher.packages[version]]
    return [name for name in wanted if find_spec(name) is None]


def command_line(launcher: Launcher, options: Options) -> list[str]:
    """The words of the command, from the name of the server on, for options that `check` lets pass."""
    http = options.http or launcher.natural
    where = launcher.uds if options.uds else launcher.tls if options.tls else launcher.clear
    pieces = [launcher.command, where, launcher.http[http]]
    if options.root_path:
        pieces.append(launcher.root_path)
    if options.workers > 1 and launcher.workers:
        pieces.append(launcher.workers)
    pieces.append(launcher.grace)

    host = f"[{options.host}]" if ":" in options.host else options.host
    values = {
        "app": options.app,
        "host": options.host,
        "host_in_endpoint": options.host.replace(":", r"\:"),  # the colon separates the parts of an endpoint
        "port": options.port,
        "address": f"{host}:{options.port}",
        "uds": options.uds,
        "root_path": options.root_path,
        "workers": options.workers,
        "grace": options.grace,
        "certificate": CERTIFICATE,
        "key": KEY,
    }
    # The words are cut before they are filled, so a path with a space in it stays one word.
    return [word.format_map(values) for word in shlex.split(" ".join(pieces))]


def check(launcher: Launcher, options: Options) -> None:
    """Raises OptionsError when the server is not installed, or does not have what was asked."""
    name = launcher.name
    http = options.http or launcher.natural
    if missing := missing_packages(launcher):
        raise OptionsError(f"{name} cannot be started: {_install(missing)}.")
    if http not in launcher.http:
        raise OptionsError(f"{name} does not speak HTTP/{http}, only {_versions(launcher.http)}.")
    if missing := missing_packages(launcher, http):
        raise OptionsError(f"{name} cannot speak HTTP/{http} yet: {_install(missing)}.")
    if "--host" in launcher.lacks and not options.uds and not _is_address(options.host):
        raise OptionsError(f"{name} cannot listen on {options.host}. {launcher.lacks['--host']}")
    if options.uds and options.tls:
        raise OptionsError("A Unix domain socket is local, and has no TLS here: leave out --tls or --uds.")
    if not options.tls and http not in launcher.in_clear:
        raise OptionsError(f"{name} speaks HTTP/{http} only over TLS: add --tls.")
    if options.workers < 1:
        raise OptionsError(f"There have to be workers, 1 or more, not {options.workers}.")
    if options.workers > 1 and launcher.workers is None:
        raise OptionsError(f"{name} is a single process: it has no workers, so leave out --workers.")
    if options.root_path and (not options.root_path.startswith("/") or options.root_path.endswith("/")):
        raise OptionsError(f"A root_path begins with a slash and ends without, unlike {options.root_path!r}.")
    if ":" not in options.app:
        raise OptionsError(f"An application is named as module:attribute, unlike {options.app!r}.")
    if not 0 <= options.port < 65536:
        raise OptionsError(f"A port is a number from 0 to 65535, not {options.port}.")


def notes(launcher: Launcher, options: Options) -> list[str]:
    """What the row says the server lacks in just what was asked."""
    asked = []
    if options.http:
        asked.append(f"--http {options.http}")
    if options.workers > 1:
        asked.append("--workers")
    return [launcher.lacks[option] for option in asked if option in launcher.lacks]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _versions(numbers: Iterable[Http]) -> str:
    """As in "HTTP/1.1 and HTTP/2"."""
    return " and ".join(f"HTTP/{'1.1' if number == 1 else number}" for number in numbers)


def _install(missing: list[str]) -> str:
    return f"install what it needs by pip install {' '.join(missing)}"
