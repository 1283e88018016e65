"""The tables of docs/servers.md: what the results say of the servers in the cases that the page names.

A table stands between two comments, and the first names its cases: `<!-- cases: ID ID -->`, and then
`<!-- /cases -->`. Between `<!-- versions -->` and `<!-- /versions -->` is what was asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from .. import cases
from ..case import Verdict
from ..targets import TARGETS
from .page import SIGNS, says

PAGE = Path(__file__).parents[2] / "docs" / "servers.md"
TABLES = re.compile(r"(<!-- cases: ([^>]*?) -->\n).*?(<!-- /cases -->)", re.DOTALL)
VERSIONS = re.compile(r"(<!-- versions -->\n).*?(<!-- /versions -->)", re.DOTALL)
HTTP = {1: "HTTP/1.1", 2: "HTTP/2", 3: "HTTP/3"}

Told = Sequence[tuple[str, int, str]]  # a configuration, a version of HTTP, and the verdict


def write_table(data: Mapping[str, Any]) -> None:
    """Write the tables of results into the page."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), data), encoding="utf-8")


def written(text: str, data: Mapping[str, Any]) -> str:
    """A page with its tables. Raises KeyError for a case that there is not."""
    text = VERSIONS.sub(lambda mark: mark[1] + versions(data) + mark[2], text)
    return TABLES.sub(lambda mark: mark[1] + "".join(table(mark[2].split(), data)) + mark[3], text)


def versions(data: Mapping[str, Any]) -> str:
    """What was asked, and when."""
    asked = [data["targets"][target] for target in TARGETS if target in data["targets"]]
    packages = {name: number for found in asked for name, number in found.items()}
    named = ", ".join(f"{name} {number}" for name, number in packages.items())
    return f"Asked on {data['made'].partition('T')[0]}, with Python {data['python']}: {named}.\n"


def table(asked: Sequence[str], data: Mapping[str, Any]) -> Iterator[str]:
    """A row for each case, a column for each server; several configurations of one server share a cell."""
    found: dict[str, dict[str, list[tuple[str, int, str]]]] = defaultdict(lambda: defaultdict(list))
    for one in told(data):
        server, _, variant = one["target"].partition("-")
        found[one["case"]][server].append((variant, one["version"], one["verdict"]))
    servers = [server for server in names(data) if any(server in found[case] for case in asked)]
    yield f"| | {' | '.join(servers)} |\n|---|{'---|' * len(servers)}\n"
    for case in asked:
        about = says(case).rstrip(".")
        cells = " | ".join(cell(found[case].get(server, [])) for server in servers)
        yield f"| {about[0].upper()}{about[1:]} ([`{case}`]({link(case)})) | {cells} |\n"


def told(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The results; where a server takes no WebSockets over HTTP/2, the page says so once."""
    return [
        one
        for one in data["results"]
        if not (one["verdict"] == Verdict.UNSUPPORTED and "WebSockets over HTTP/2" in one["why"])
    ]


def names(data: Mapping[str, Any]) -> list[str]:
    """The servers that there are results of, each once; a transport in process is not what one chooses."""
    return list(dict.fromkeys(target.partition("-")[0] for target in TARGETS if target in data["targets"]))


def cell(seen: Told) -> str:
    """One sign if a server always does the same; or else by version of HTTP, or by configuration."""
    if not seen:
        return ""
    for divide in (lambda one: "", lambda one: HTTP[one[1]], lambda one: one[0]):
        parts = split(seen, divide)
        if all(len(verdicts) == 1 for verdicts in parts.values()):
            break
    else:
        parts = split(seen, lambda one: f"{one[0]} {HTTP[one[1]]}".strip())
    by_sign: dict[str, list[str]] = defaultdict(list)
    for part, verdicts in parts.items():
        by_sign[" ".join(SIGNS[Verdict(verdict)] for verdict in verdicts)].append(part)
    return "; ".join(f"{sign} {', '.join(filter(None, them))}".strip() for sign, them in by_sign.items())


def split(seen: Told, divide: Any) -> dict[str, list[str]]:
    """The different verdicts of each part."""
    parts: dict[str, dict[str, None]] = defaultdict(dict)
    for one in seen:
        parts[divide(one)][one[2]] = None
    return {part: list(verdicts) for part, verdicts in parts.items()}


def link(case: str) -> str:
    """The file in which a case stands, from the page."""
    for module in iter_modules(cases.__path__):
        found = import_module(f"{cases.__name__}.{module.name}")
        if any(one.id == case for one in getattr(found, "CASES", ())):
            return f"../lab/cases/{module.name}.py"
    raise KeyError(case)
