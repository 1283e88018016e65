"""Small applications, each wrong in one way or right in a way that surprises, to try `asgiscope check` on.

The first line of an application's docstring says which: "CLAUSE.ID: what it does wrong.", or "Right: why it
surprises." Where one fault breaks several clauses, they stand there with commas between them.
"""

import re
from importlib import import_module
from typing import Any, NamedTuple

MODULES = (
    "http_wrong", "http_right", "websocket_wrong", "websocket_right", "lifespan_wrong", "lifespan_right",
    "extensions_wrong", "extensions_right", "call_wrong", "call_right", "variation_wrong",
)  # fmt: skip
KIND = re.compile(r"(?P<clauses>Right|[a-z]+\.[\w.-]+(?:, [a-z]+\.[\w.-]+)*): .+\.")


class Case(NamedTuple):
    """An application, and the clauses that have to be reported of it: none, if it is right.

    `requests` are asked for beside those that every application is asked.
    """

    name: str
    app: Any
    clauses: frozenset[str]
    requests: tuple[str, ...] = ()


def cases_of(module):
    """The cases of a module: all that has a docstring which says what kind of a case it is."""
    for name, app in vars(module).items():
        kind = KIND.fullmatch((getattr(app, "__doc__", None) or "").partition("\n")[0])
        if kind and not isinstance(app, type):
            clauses = frozenset() if kind["clauses"] == "Right" else frozenset(kind["clauses"].split(", "))
            yield Case(f"{module.__name__.rpartition('.')[2]}.{name}", app, clauses)


CASES = [case for name in MODULES for case in cases_of(import_module(f"{__name__}.{name}"))]
