"""The table in docs/testing.md, between two marks."""

import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.clients.contestants import CLIENTS, KINDS, MISSING
from bench.clients.speed import MEMORY, TIMED
from bench.clients.trial import PROBES, Outcome
from bench.turns import Sample

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
MARKS = re.compile(r"(?<=<!-- clients -->\n).*(?=<!-- /clients -->)", re.DOTALL)

Seen = Mapping[tuple[str, str], Outcome]
Measured = Mapping[Sample[str], float]


def versions() -> str:
    """What is compared, in a line."""
    return ", ".join(CLIENTS[client].versions() for client in KINDS)


def ratio(measured: Measured, case: str, client: str) -> str:
    """How many times what httpx.ASGITransport takes."""
    return f"{measured[Sample(case, client)] / measured[Sample(case, 'httpx')]:.2f}"


def amount(case: str, measured: float) -> str:
    """A measurement, in a unit for people."""
    return f"{measured / 1e6:.1f} MB" if case == MEMORY else f"{measured / 1e6:.2f} ms"


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def lines(seen: Seen, measured: Measured) -> Iterator[str]:
    """The table, what was seen where its answer is not yes, and the speed."""
    names = [CLIENTS[client].name for client in KINDS]
    yield row("", *names)
    yield "|---" * (len(names) + 1) + "|"
    for title, probe in PROBES.items():
        cells = [seen[title, client].word for client in KINDS]
        yield row(f"**{title}**: {probe.__doc__}", *cells)
    yield ""
    yield f"Python {platform.python_version()}, {versions()}."
    for client, why in MISSING.items():
        yield f"{CLIENTS[client].name} cannot be imported: {why}."
    yield ""
    yield "What was seen where the answer is no:"
    yield ""
    for title in PROBES:
        told: dict[str, list[str]] = {}
        for client in KINDS:
            if seen[title, client].word == "no":
                told.setdefault(seen[title, client].seen, []).append(CLIENTS[client].name)
        if told:
            cases = [f"{what} ({', '.join(who)})" for what, who in told.items()]
            yield f"- **{title}**: {'; '.join(cases)}"
    yield ""
    yield row("times what httpx.ASGITransport takes", *names)
    yield "|---" * (len(names) + 1) + "|"
    for case in (*TIMED, MEMORY):
        base = amount(case, measured[Sample(case, "httpx")])
        yield row(f"{case} (there {base})", *(ratio(measured, case, client) for client in KINDS))


def write(seen: Seen, measured: Measured) -> None:
    """Write the table into the page."""
    table = "\n".join(lines(seen, measured)) + "\n"
    PAGE.write_text(MARKS.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
