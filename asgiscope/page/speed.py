"""How fast servers are, from a file of figures: answers a second, exhibit by exhibit."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

LARGEST = 1_000_000  # bytes of the file


class Rate(NamedTuple):
    """Answers a second: the median of all rounds, and half of what lies between lowest and highest."""

    median: float
    half: float


class Pace(NamedTuple):
    """What one server has shown over one version of HTTP: the rate of each exhibit, None where it has not
    answered, the bytes of memory at its peak, and the seconds until its first answer."""

    server: str
    rates: Mapping[str, Rate | None]
    memory: int | None
    start: float | None


class Speed(NamedTuple):
    """All figures, by the version of HTTP, with what they were measured with and why some are missing."""

    made: str
    conditions: str
    troubles: tuple[str, ...]
    paces: Mapping[str, tuple[Pace, ...]]


def speed_of(file: Path) -> Speed | None:
    """The figures in a file; None where there are none, or something else."""
    try:
        if file.stat().st_size > LARGEST:
            return None
        return read(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read(data: Any) -> Speed:
    """The figures that the benchmark has written."""
    paces: dict[str, tuple[Pace, ...]] = {}
    for one in data["results"]:
        rates = {str(exhibit): rate([*map(float, rounds)]) for exhibit, rounds in one["rates"].items()}
        memory = None if one["memory"] is None else int(one["memory"])
        start = None if one["start"] is None else float(one["start"])
        http = str(one["http"])
        paces[http] = (*paces.get(http, ()), Pace(str(one["server"]), rates, memory, start))
    return Speed(str(data["made"]), str(data["conditions"]), (*map(str, data["troubles"]),), paces)


def rate(rounds: list[float]) -> Rate | None:
    """What several rounds come to."""
    return Rate(median(rounds), (max(rounds) - min(rounds)) / 2) if rounds else None
