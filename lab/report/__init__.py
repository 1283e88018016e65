"""What a run has shown, for people and for programs."""

from .letter import about
from .page import html
from .results import committed, to_json
from .servers import write_table
from .surprise import surprises
from .text import listing, replay, table, wrong_table
from .xml import junit

__all__ = [
    "about",
    "committed",
    "html",
    "junit",
    "listing",
    "replay",
    "surprises",
    "table",
    "to_json",
    "write_table",
    "wrong_table",
]
