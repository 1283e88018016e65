"""The results as JSON: what is committed, what the page is made of, and what a later run is compared with."""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..case import Verdict
from ..inprocess import TRANSPORTS
from ..known import FAULTS, FLAKY, known
from ..runner import Result
from ..targets import TARGETS
from ..wronged import Wronged
from .mistakes import short

LATEST = Path(__file__).parents[1] / "results" / "latest.json"  # the committed results
UNTOLD = "How that is done is not told before its authors have mended it."
SHOWN = 600  # bytes that are kept of each thing that was said


def to_json(results: Sequence[Result], mistakes: Sequence[Wronged] = (), whole: bool = False) -> str:
    """All results and the versions of everything, a line for each, so that two files can be compared by eye.

    The evidence is with what is a fault, or with everything if it is to be `whole`, and of long
    bodies it has the beginning: `--replay` shows all of it. Of a case that is sensitive, the kind of harm is
    told, and nothing of how it is done.
    """
    names = dict.fromkeys([*(one.target for one in results), *(one.target for one in mistakes)])
    head = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "targets": {name: versions(name) for name in names},
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    rows = ",\n".join(json.dumps(row(one, whole)) for one in results)
    wrong = ",\n".join(json.dumps(wrong_row(one, whole)) for one in mistakes)
    return "\n".join(["{", *lines, f'"results": [\n{rows}\n],', f'"wrong": [\n{wrong}\n]', "}", ""])


def committed() -> Any:
    """The results that are committed; None where there are none."""
    return json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else None


def row(one: Result, whole: bool = False) -> dict[str, Any]:
    """One result as plain data."""
    found: dict[str, Any] = {
        "case": one.case.id,
        "target": one.target,
        "version": one.version,
        "verdict": one.conclusion.verdict.value,
        "why": one.conclusion.why,
    }
    if entry := known(one.target, one.case.id, one.version):
        found["known"] = {"reason": entry.reason, "confirmed": entry.confirmed, "link": entry.link}
    if one.case.id in FLAKY:
        found["quarantined"] = FLAKY[one.case.id]
    if one.case.sensitive:
        found["sensitive"] = one.case.sensitive
        harmed = one.conclusion.verdict in (*FAULTS, Verdict.FLAKY)
        found["why"] = f"{one.case.sensitive} {UNTOLD}" if harmed else ""
    elif whole or one.conclusion.verdict in (*FAULTS, Verdict.FLAKY):
        found["evidence"] = shortened(one.evidence.to_json())
    return found


def wrong_row(one: Wronged, whole: bool = False) -> dict[str, Any]:
    """What comes of one wrong application as plain data."""
    found: dict[str, Any] = {"clause": one.wrong.clause.id, "target": one.target, "version": one.version}
    if one.skipped:
        return {**found, "skipped": one.skipped}
    found |= {"server": one.server, "client": one.client, "survives": one.survives}
    found["short"] = short(found)
    return {**found, "evidence": shortened(one.evidence.to_json())} if whole else found


def shortened(value: Any) -> Any:
    """Evidence with the beginnings of what is long."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [shortened(inner) for inner in value[:30]]
    return value[:SHOWN] if isinstance(value, str) else value


# What a recorder knows besides, and what says nothing of a server.
LEFT_OUT = (
    "line",
    "outside",
    "lines",
    "task",
    "hops",
    "dropped_hops",
    "stalls",
    "dropped_stalls",
    "scope_after",
)


def versions(target: str) -> dict[str, str]:
    """The versions of a server and of what it is made of."""
    if target in TRANSPORTS:
        packages: tuple[str, ...] = (TRANSPORTS[target].package,)
    elif target in TARGETS:
        packages = (TARGETS[target].launcher.name, *TARGETS[target].packages)
    else:
        packages = ()
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
