"""What a deviation is."""

from fnmatch import fnmatchcase
from typing import NamedTuple


class Known(NamedTuple):
    """A deviation: of which targets, in which cases, over which versions of HTTP, and what it is.

    Targets and cases are patterns, several with blanks in between. SEEN says which version of each server
    they were seen in. `confirmed` is the second observation, and `link` is where it is told upstream.
    """

    targets: str
    cases: str
    reason: str
    versions: tuple[int, ...] = (1, 2, 3)
    confirmed: str = ""
    link: str = ""

    def is_about(self, target: str, case: str, version: int) -> bool:
        """Whether this result is meant."""
        return (
            version in self.versions
            and any(fnmatchcase(case, pattern) for pattern in self.cases.split())
            and any(fnmatchcase(target, pattern) for pattern in self.targets.split())
        )
