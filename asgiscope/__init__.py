"""The instrument: records an ASGI conversation, judges it against the specification, and shows it.

`Recorder` is middleware that makes a `Conversation` of what an application and its server say: each
`Event` with the line that said it, and every `Violation` of a `Clause`; a strict one raises
`ContractError`. `watch` puts a page around an application on which its conversations are drawn as they
happen; `watch_hops` and `watch_stalls` have them tell of threads, and of what holds the event loop. `render`
shows a conversation in the terminal, `CLAUSES` is the table of all rules, and `asgiscope.check` has the
function that puts an application through what clients and servers do. All of it is the command `asgiscope`,
too.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .contract import CLAUSES, Clause, Violation
    from .conversation import Conversation, Event
    from .hops import watch_hops
    from .page import watch
    from .recorder import ContractError, Recorder
    from .stalls import watch_stalls
    from .timeline import render

__version__ = "0.1.0.dev0"
__all__ = [
    "CLAUSES", "Clause", "ContractError", "Conversation", "Event", "Recorder", "Violation", "render", "watch",
    "watch_hops", "watch_stalls",
]  # fmt: skip

# Each is imported when it is first asked for: whoever wants the contract alone gets no event loop with it.
ROOMS = {
    "CLAUSES": "contract",
    "Clause": "contract",
    "ContractError": "recorder",
    "Conversation": "conversation",
    "Event": "conversation",
    "Recorder": "recorder",
    "Violation": "contract",
    "render": "timeline",
    "watch": "page",
    "watch_hops": "hops",
    "watch_stalls": "stalls",
}


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{ROOMS[name]}", __name__), name)
