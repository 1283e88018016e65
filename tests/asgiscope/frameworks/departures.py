"""What each framework does that the specification does not allow; departures.toml is the table.

docs/departures.md tells people of the same, and a test compares the two.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple

EVERY = "*"


class Departure(NamedTuple):
    """A clause that a framework breaks, and the line of the framework that decides it."""

    framework: str
    clause: str
    level: str
    apps: str
    only: str
    file: str
    function: str
    code: str
    why: str
    asked: str = ""
    until: str = ""

    def is_found_in(self, app):
        """Whether an application of the framework's module shows it."""
        return self.apps == EVERY or app in self.apps.split()

    @property
    def app(self):
        """The application that shows it."""
        return "hello" if self.apps == EVERY else self.apps.split()[0]

    @property
    def shown_by(self):
        """What shows it on the command line, behind the directory."""
        module = f"{self.framework.lower()}_apps.py"
        return " ".join(filter(None, [f"{module}:{self.app}", self.asked, f"--only '{self.only}'"]))


TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
DEPARTURES = [Departure(framework, **row) for framework, rows in TABLE.items() for row in rows]
