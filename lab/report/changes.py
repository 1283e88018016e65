"""What is otherwise than in an earlier run: verdicts, and the versions of what was asked."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Key = tuple[str, str, int]  # a case, a target, a version of HTTP


class Changes(NamedTuple):
    """What is otherwise.

    `since` is when the earlier run was. `verdicts` has what was said then, of what is said otherwise now;
    `new` and `gone` are cases; `versions` are sentences.
    """

    since: str
    verdicts: Mapping[Key, str]
    new: Sequence[str]
    gone: Sequence[str]
    versions: Sequence[str]


def changes(now: Mapping[str, Any], before: Mapping[str, Any]) -> Changes:
    """What of `now` is otherwise than `before`: both are results as JSON has them.

    A verdict counts where both have it, so that a part of the matrix can be compared with all of it.
    """
    earlier, later = verdicts(before), verdicts(now)
    cases, cases_before = dict.fromkeys(key[0] for key in later), dict.fromkeys(key[0] for key in earlier)
    return Changes(
        str(before["made"]),
        {key: earlier[key] for key, verdict in later.items() if key in earlier and earlier[key] != verdict},
        [case for case in cases if case not in cases_before],
        [case for case in cases_before if case not in cases],
        [
            f"{target}: {package} {was[package]} → {version}"
            for target, versions in now["targets"].items()
            for was in [before["targets"].get(target, {})]
            for package, version in versions.items()
            if was.get(package, version) != version
        ],
    )


def verdicts(data: Mapping[str, Any]) -> dict[Key, str]:
    """Every verdict of a run."""
    return {(one["case"], one["target"], one["version"]): one["verdict"] for one in data["results"]}
