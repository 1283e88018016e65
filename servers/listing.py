"""What `python -m servers --list` prints: the rows of LAUNCHERS, for people."""

from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from textwrap import fill

from servers.command import missing_packages
from servers.launchers import EXTENSIONS, LAUNCHERS, Launcher

WIDTH = 100
"""How many columns of a terminal it may take."""


def listing() -> str:
    """What each server can do, what it lacks, and whether it is installed."""
    return "\n\n".join(
        [
            _aligned(abilities()),
            "Numbers are versions of HTTP. In clear text, 2 is by prior knowledge; over TLS it is by ALPN.",
            _aligned(extensions()),
            'What is in scope["extensions"], over which version of HTTP; ws is a WebSocket, over any.',
            *map(_paragraph, LAUNCHERS.values()),
        ]
    )


def abilities() -> list[list[str]]:
    """A table: a row of titles, then a row for each server."""
    titles = ["", "clear text", "TLS", "WebSocket", "lifespan", "workers", "root_path in path", "installed"]
    rows = [
        [
            row.name,
            _versions(row.in_clear),
            _versions(row.http),
            _versions(row.websocket),
            _yes_or_no(row.lifespan),
            _yes_or_no(row.workers is not None),
            _yes_or_no(row.path_has_root),
            installed(row) or "no",
        ]
        for row in LAUNCHERS.values()
    ]
    return [titles, *rows]


def extensions() -> list[list[str]]:
    """A table: a row with the names of the servers, then a row for each extension."""
    rows = LAUNCHERS.values()
    offered = {name for row in rows for name in row.extensions}
    table = [["", *LAUNCHERS]]
    for name in [*EXTENSIONS, *sorted(offered.difference(EXTENSIONS))]:
        title = name if name in EXTENSIONS else f"{name} (not in the spec)"
        table.append([title, *(_versions(row.extensions.get(name, ())) for row in rows)])
    return table


def installed(launcher: Launcher) -> str | None:
    """The version of the server that is installed here, None without it."""
    try:
        return version(launcher.name)
    except PackageNotFoundError:
        return None


def _paragraph(launcher: Launcher) -> str:
    """What the tables do not say of a server."""
    found = installed(launcher)
    sentences = []
    if missing := missing_packages(launcher):
        sentences.append(f"Not installed: pip install {' '.join(missing)}")
    for http in launcher.http:
        if not missing and (more := missing_packages(launcher, http)):
            sentences.append(f"HTTP/{http} is not installed: pip install {' '.join(more)}")
            break
    if found and found != launcher.checked:
        sentences.append(f"What is said of it here was found true of {launcher.checked}.")
    sentences += [f"{about}: {sentence}" for about, sentence in launcher.lacks.items()]
    lines = [fill(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ") for sentence in sentences]
    return "\n".join([launcher.name, *lines])


def _aligned(table: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
    return "\n".join(lines)


def _versions(connections: Iterable[object]) -> str:
    names = {1: "1.1", "websocket": "ws"}
    return ", ".join(str(names.get(connection, connection)) for connection in connections) or "-"


def _yes_or_no(what: bool) -> str:
    return "yes" if what else "no"
