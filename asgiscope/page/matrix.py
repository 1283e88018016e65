"""The matrix of the lab, from the file in which its results are: which server keeps which clause, and what
each does with an application that breaks one."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..contract import CLAUSES

LARGEST = 64_000_000  # bytes of the file


class Held(NamedTuple):
    """What one case has shown of one target, over one version of HTTP."""

    version: int
    verdict: str
    why: str
    known: str  # why that is no surprise


class Wrong(NamedTuple):
    """What a target does with an application that breaks a clause, in short and in full."""

    version: int
    short: str
    server: str
    client: str
    survives: bool


class Matrix(NamedTuple):
    """All results: of each case, by target, and of each clause that an application breaks. `targets` have the
    versions of what they are made of.
    """

    made: str
    targets: Mapping[str, str]
    cases: Mapping[str, Mapping[str, tuple[Held, ...]]]
    wrong: Mapping[str, Mapping[str, tuple[Wrong, ...]]]

    @property
    def verdicts(self) -> dict[str, int]:
        """How often each verdict was found."""
        found: dict[str, int] = {}
        for row in self.cases.values():
            for held in row.values():
                for one in held:
                    found[one.verdict] = found.get(one.verdict, 0) + 1
        return found


def matrix_of(file: Path) -> Matrix | None:
    """The matrix in a file; None where there is none, or something else. Takes a while for a long one."""
    try:
        state = file.stat()
        return read(file, state.st_mtime_ns) if state.st_size <= LARGEST else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=1)
def read(file: Path, changed: int) -> Matrix:
    """The file as it was when it was last changed."""
    data: Any = json.loads(file.read_text(encoding="utf-8"))
    cases: dict[str, dict[str, tuple[Held, ...]]] = {}
    for one in data["results"]:
        row = cases.setdefault(str(one["case"]), {})
        known = (one.get("known") or {}).get("reason", "")
        held = Held(int(one["version"]), str(one["verdict"]), str(one["why"] or ""), str(known))
        row[str(one["target"])] = (*row.get(str(one["target"]), ()), held)
    wrong: dict[str, dict[str, tuple[Wrong, ...]]] = {}
    for one in data.get("wrong", ()):
        if "skipped" not in one:
            by_target = wrong.setdefault(str(one["clause"]), {})
            short, server, client = (str(one.get(key, "")) for key in ("short", "server", "client"))
            done = Wrong(int(one["version"]), short, server, client, one["survives"] is True)
            by_target[str(one["target"])] = (*by_target.get(str(one["target"]), ()), done)
    targets = {
        str(name): ", ".join(f"{package} {version}" for package, version in versions.items())
        for name, versions in data["targets"].items()
    }
    return Matrix(str(data["made"]), targets, dict(sorted(cases.items())), wrong)


def says(case: str) -> str:
    """What the clause says that a case is about, or that an application breaks."""
    clause = CLAUSES.get(case.partition("/")[0])
    return clause.says if clause else ""
