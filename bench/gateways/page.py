"""The table in docs/gateways.md, between two marks, and the drawing beside it."""

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.gateways.group import Group
from bench.gateways.plot import Bar, Panel, plot
from bench.gateways.trial import GATEWAYS, PAGES, WAIT, Asked, Turns, beside_asgi

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "gateways.md"
DRAWING = DOCS / "gateways.svg"
MARKS = re.compile(r"(?<=<!-- gateways -->\n).*(?=<!-- /gateways -->)", re.DOTALL)

HEAD = ("", "hello", "of ASGI", "waiting", "of ASGI", "memory", "processes", "threads")
ABOUT = {"hello": "answered at once", "waiting": f"answered after a wait of {WAIT * 1000:.0f} ms"}


def peak(turns: Turns, gateway: str) -> Group:
    """The most that the processes of a gateway have been, with either page."""
    most = Group()
    for page in PAGES:
        for turn in turns[Asked(gateway, page)]:
            most = most.peak(turn.group)
    return most


def percent(ratio: float) -> str:
    """In hundredths, to two digits, and to no more than two places."""
    places = 0 if ratio >= 0.1 else 1 if ratio >= 0.01 else 2
    return f"{100 * ratio:.{places}f}"


def cells(turns: Turns, gateway: str) -> Iterator[str]:
    """The row of a gateway, without its name."""
    for page in PAGES:
        asked = Asked(gateway, page)
        ratios = beside_asgi(turns)[asked]
        yield f"{median(turn.rate for turn in turns[asked]):.3g}"
        spread = f"{percent(min(ratios))}–{percent(max(ratios))}"
        yield "100%" if gateway == "ASGI" else f"{percent(median(ratios))}% ({spread})"
    most = peak(turns, gateway)
    yield f"{most.memory / 1e6:.0f} MB" if most.memory else "–"
    yield f"{most.processes or '–'}"
    yield f"{most.threads or '–'}"


def conditions(turns: Turns, clients: int) -> str:
    """What the figures are, and were measured with."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "gunicorn"))
    rounds = len(turns[Asked("ASGI", "hello")])
    return (
        f"{clients} clients, requests a second: the medians of {rounds} rounds, and in parentheses the lowest"
        f" and the highest. Python {platform.python_version()}, Django {version('django')}, {versions}, on"
        f" {os.cpu_count()} processors, which the clients use, too."
    )


def lines(turns: Turns, clients: int) -> Iterator[str]:
    """The table of the page."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    for name, gateway in GATEWAYS.items():
        yield f"| **{name}**: {gateway.about} | {' | '.join(cells(turns, name))} |"
    yield ""
    yield conditions(turns, clients)


def panels(turns: Turns) -> Iterator[Panel]:
    """What the drawing shows: the two pages, and the memory."""
    for page, about in ABOUT.items():
        bars = {}
        for name in GATEWAYS:
            rates = [turn.rate for turn in turns[Asked(name, page)]]
            bars[name] = Bar(median(rates), min(rates), max(rates), f"{median(rates):.3g}")
        yield Panel(f"{page}, requests a second", about, bars, is_wait=page == "waiting")
    bars = {}
    for name in GATEWAYS:
        megabytes = peak(turns, name).memory / 1e6
        bars[name] = Bar(megabytes, megabytes, megabytes, f"{megabytes:.0f}" if megabytes else "–")
    yield Panel("memory, MB", "of all its processes", bars)


def write(turns: Turns, clients: int) -> None:
    """Write the table into the page, and the drawing beside it."""
    table = "\n".join(lines(turns, clients)) + "\n"
    PAGE.write_text(MARKS.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    about = {name: gateway.about for name, gateway in GATEWAYS.items()}
    DRAWING.write_text(plot("One application, three gateways", about, list(panels(turns))), encoding="utf-8")
