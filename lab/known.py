"""What is known to be otherwise: each deviation with the reason, and where its authors have been told, if
they have.

A run fails on what breaks a clause and is not here, and on what is here and does not break it any more.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

from .case import Verdict

FAULTS = (Verdict.BREAKS, Verdict.BROKEN_OFF)


class Known(NamedTuple):
    """A deviation: of which targets, in which cases, both as patterns, and over which versions of HTTP.

    `seen` is the version of the server that it was seen in, and `reason` what confirms it besides the case:
    the lines of the server's source that do it, or another client.
    """

    targets: str
    cases: str
    seen: str
    reason: str
    versions: tuple[int, ...] = (1, 2, 3)
    link: str = ""

    def is_about(self, target: str, case: str, version: int) -> bool:
        """Whether this result is meant."""
        return (
            version in self.versions and fnmatchcase(target, self.targets) and fnmatchcase(case, self.cases)
        )


KNOWN: tuple[Known, ...] = ()
"""All of them, by target."""

FLAKY: dict[str, str] = {}
"""Cases that do not always show the same, with the reason: they are held and shown, and fail no run."""


def known(target: str, case: str, version: int) -> Known | None:
    """What is known about a result."""
    return next((one for one in KNOWN if one.is_about(target, case, version)), None)
