"""The tables in docs/speed.md, between two marks, the drawings beside it, and the figures for the site."""

import json
import os
import platform
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from bench.gateways.plot import Bar, Panel, plot
from bench.servers.trial import CONTESTANTS, EXHIBITS, SOCKET, Asked, Contestant, Measured

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "speed.md"
FIGURES = ROOT / "lab/results/speed.json"
MARKS = re.compile(r"(?<=<!-- servers -->\n).*(?=<!-- /servers -->)", re.DOTALL)
NAMES = {1: "HTTP/1.1", 2: "HTTP/2"}
ABOUT = {
    "hello": "one short answer",
    "echo 1 MB": "a megabyte there and back",
    "stream": "a body in 100 pieces",
    "WebSocket": "a message there and back",
    "Django async": "an async view",
    "Django sync": "a view in a thread",
}


def exhibits(over: int) -> list[str]:
    """What is asked over a version of HTTP."""
    return [name for name in EXHIBITS if over == 1 or name != SOCKET]


def head(over: int) -> list[str]:
    """The columns of a table."""
    return [NAMES[over], *exhibits(over), "memory", "start"]


def rate(rates: list[float] | None) -> str:
    """A median, and half of what lies between the lowest and the highest, in hundredths of it."""
    if not rates:
        return "–"
    middle = median(rates)
    return f"{middle:.{0 if middle >= 100 else 1}f} ±{50 * (max(rates) - min(rates)) / middle:.0f}%"


def cells(measured: Measured, contestant: Contestant) -> Iterator[str]:
    """The row of a contestant, without its name."""
    for exhibit in exhibits(contestant.version):
        yield rate(measured.rates.get(Asked(contestant, exhibit)))
    group, start = measured.groups.get(contestant), measured.starts.get(contestant)
    yield f"{group.memory / 1e6:.0f} MB" if group and group.memory else "–"
    yield f"{start:.1f} s" if start else "–"


def conditions(measured: Measured) -> str:
    """What the figures are, and were measured with."""
    rounds = max(map(len, measured.rates.values()), default=0)
    packages = [*dict.fromkeys(one.server for one in CONTESTANTS), "httptools", "uvloop", "django"]
    named = ", ".join(f"{package} {found}" for package in packages if (found := version_of(package)))
    return (
        f"Answers a second of one process to 8 connections: the medians of {rounds} rounds, ± half of"
        " what lies between the lowest and the highest, in hundredths. The memory is the most that was"
        " resident, the start the time to the first answer, once."
        f" Python {platform.python_version()}, {named}, on {os.cpu_count()} processors."
    )


def version_of(package: str) -> str | None:
    """The version that is installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def troubles(measured: Measured) -> Iterator[str]:
    """Why something is not there, in sentences."""
    for where, why in measured.troubles.items():
        yield f"{where}: {why}"


def lines(measured: Measured) -> Iterator[str]:
    """The tables of the page."""
    for over in NAMES:
        if not measured.has(over):
            continue
        columns = head(over)
        yield f"| {' | '.join(columns)} |"
        yield "|---" * len(columns) + "|"
        for contestant in CONTESTANTS:
            if contestant.version == over:
                yield f"| **{contestant.server}** | {' | '.join(cells(measured, contestant))} |"
        yield ""
    yield conditions(measured)
    if measured.troubles:
        yield ""
        yield from (f"- {sentence}" for sentence in troubles(measured))


def drawing(measured: Measured, over: int) -> str:
    """A drawing of what was answered over one version."""
    contestants = [one for one in CONTESTANTS if one.version == over]
    panels = []
    for exhibit in exhibits(over):
        bars = {}
        for one in contestants:
            rates = measured.rates.get(Asked(one, exhibit), [])
            low, high = min(rates, default=0), max(rates, default=0)
            middle = median(rates) if rates else 0
            bars[one.server] = Bar(middle, low, high, f"{middle:.3g}" if middle < 100 else f"{middle:.0f}")
            if not rates:
                bars[one.server] = Bar(0, 0, 0, "–")
        panels.append(Panel(exhibit, ABOUT[exhibit], bars))
    about = {one.server: version_of(one.server) or "" for one in contestants}
    return plot(f"Answers a second over {NAMES[over]}", about, panels)


def file_of(over: int) -> Path:
    """Where the drawing of a version is."""
    return DOCS / f"speed-http{over}.svg"


def figures(measured: Measured) -> str:
    """All that was measured, as JSON: rates round by round, bytes of memory, seconds of the start."""
    rows = []
    for one in CONTESTANTS:
        group = measured.groups.get(one)
        rows.append(
            {
                "server": one.server,
                "http": NAMES[one.version],
                "rates": {
                    exhibit: [round(rate, 1) for rate in measured.rates.get(Asked(one, exhibit), [])]
                    for exhibit in exhibits(one.version)
                },
                "memory": group.memory if group else None,
                "start": round(measured.starts[one], 3) if one in measured.starts else None,
            }
        )
    made = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": conditions(measured),
        "troubles": [*troubles(measured)],
        "results": rows,
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def write(measured: Measured) -> None:
    """Write the tables into the page, the drawings beside it, and the figures."""
    FIGURES.write_text(figures(measured), encoding="utf-8")
    made = "\n".join(lines(measured)) + "\n"
    PAGE.write_text(MARKS.sub(lambda _: made, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for over in NAMES:
        if measured.has(over):
            file_of(over).write_text(drawing(measured, over), encoding="utf-8")
