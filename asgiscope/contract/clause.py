"""One rule of the specification, and one breach of it.

The rules themselves are data, in the `.toml` files beside this one. `CLAUSES` reads them when somebody first
asks, which is not before something is wrong, or somebody wants to read.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

SLICES = ("general", "http", "websocket", "lifespan", "extensions")


class Party(StrEnum):
    """Whom a clause binds."""

    APPLICATION = "application"
    SERVER = "server"
    MIDDLEWARE = "middleware"
    BOTH = "both"


class Level(StrEnum):
    """How much a breach matters: a must fails a check, a should fails a strict one, the others never."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    NOTE = "note"


class Seen(StrEnum):
    """What it takes to see that a clause is broken."""

    CONVERSATION = "conversation"  # its scope and its events: a judge sees it
    CALL = "call"  # the running call, its tasks and its objects: the recorder sees it
    VARIATION = "variation"  # the same conversation held twice, in two ways: `asgiscope check` sees it
    WIRE = "wire"  # a socket
    NOWHERE = "nowhere"  # nothing can, or nothing should: `unseen` says why


class Clause(NamedTuple):
    """A rule: whom it binds, how strongly, where it is written, what it says, what to do instead.

    `broken` is a short conversation that breaks this clause and no other, `kept` its neighbour that breaks
    none, both in the notation of `asgiscope.contract.notation`. `implied` says that the clause follows from
    the text without standing in it, and `since` from which version of the specification it holds.
    """

    id: str
    party: Party
    level: Level
    section: str
    says: str
    remedy: str
    seen: Seen
    unseen: str = ""
    implied: bool = False
    since: str = ""
    broken: str = ""
    kept: str = ""

    @property
    def url(self) -> str:
        """Where the section can be read."""
        document, _, title = self.section.partition(": ")
        if document.startswith("RFC "):
            number, _, part = document.removeprefix("RFC ").partition(" ")
            return f"https://www.rfc-editor.org/rfc/rfc{number}#section-{part}"
        if document == "asgiref.typing":
            return "https://github.com/django/asgiref/blob/main/asgiref/typing.py"
        page = {"asgi.rst": "specs/main", "extensions.rst": "extensions"}.get(
            document, f"specs/{document.removesuffix('.rst')}"
        )
        return f"https://asgi.readthedocs.io/en/latest/{page}.html#{ANCHORS.get(title, slug(title))}"


# Two titles stand twice on one page; the second has an anchor of its own, or none that lasts.
ANCHORS = {
    "Disconnect - receive event (WebSocket)": "disconnect-receive-event-ws",
    "Disconnected Client - send exception (WebSocket)": "websocket",
}


def slug(title: str) -> str:
    """The anchor of a title, as docutils makes it."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r" \(\w+\)$", "", title).lower()).strip("-")


class Violation(NamedTuple):
    """A clause that was broken: by whom, at which event, what happened, what to do instead.

    `event` counts the events of the conversation from 0, in both directions; None is the scope, or the end.
    """

    clause: str
    level: Level
    party: Party
    event: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        clause = CLAUSES[self.clause]
        source = "Implied by" if clause.implied else "The clause:"
        return (
            f"{self.message}\n"
            f"  {source} {clause.says} ({clause.id}, {clause.section})\n"
            f"  Instead: {self.remedy}"
        )


class Table(Mapping[str, Clause]):
    """All clauses by their id, in the order of the specification; read when first asked for."""

    def __getitem__(self, id: str) -> Clause:
        return table()[id]

    def __iter__(self) -> Iterator[str]:
        return iter(table())

    def __len__(self) -> int:
        return len(table())


@cache
def table() -> dict[str, Clause]:
    """Read the clauses."""
    return {
        id: Clause(
            id=id,
            party=Party(row.pop("party")),
            level=Level(row.pop("level")),
            seen=Seen(row.pop("seen")),
            **row,
        )
        for part in SLICES
        for id, row in tomllib.loads(
            files(__package__).joinpath(f"{part}.toml").read_text(encoding="utf-8")
        ).items()
    }


CLAUSES = Table()


def breach(
    id: str, event: int | None, message: str, *, level: Level | None = None, party: Party | None = None
) -> Violation:
    """The violation of a clause; its level and party are the clause's unless the case has its own."""
    clause = CLAUSES[id]
    return Violation(id, level or clause.level, party or clause.party, event, message, clause.remedy)
