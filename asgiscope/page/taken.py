"""A conversation as what it can be taken away as: to be pasted, sent to somebody, or drawn."""

import json

from ..conversation import Conversation
from ..export import curl, har, pytest_module
from ..timeline import render
from .answers import JSON, TEXT
from .drawing import drawn
from .journal import read
from .source import files_of, highlighted


def progress(conversation: Conversation) -> str:
    """How far it has come, in a word that changes whenever anything happens in it."""
    return "-".join(f"{events}{how}" for events, how in (tap.progress for tap in conversation.taps))


def taken(conversation: Conversation, what: str, *, with_source: bool) -> tuple[str, str]:
    """The text and its media type.

    Raises ValueError where there is no such thing, as of what is no request and no curl can send.
    """
    known, found = progress(conversation), read(conversation)
    match what:
        case "json":
            return found.to_json(), JSON
        case "drawn":
            shown = {file for file in files_of(found) if highlighted(file)} if with_source else set()
            return json.dumps({**drawn(found), "sources": sorted(shown), "progress": known}), JSON
        case "har":
            return json.dumps(har([found])), JSON
        case "curl":
            return f"{curl(found)}\n", TEXT
        case "test":
            return pytest_module(found, "yourproject:app"), TEXT
    return f"{render(found)}\n", TEXT
