"""The recorder: middleware that passes a conversation on untouched, writes it down and has it judged.

    application = Recorder(application, conversations.append)

Between the application and its server stands a `Tap`, or a `WritingTap` where the events are kept.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from .conversation import Conversation
from .tap import ContractError, Tap
from .writing import WritingTap

__all__ = ["ContractError", "Recorder"]

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
Sink = Callable[[Conversation], object]
Hide = Callable[[dict[Any, Any]], dict[Any, Any]]

KEPT = 64 * 1024  # bytes of a body, or characters of a text, that are kept of one event


class Recorder:
    """An ASGI application that stands around another one, records its conversations and has them judged.

    `sink` is called with each conversation when it begins, and the conversation fills while it goes on.
    Whoever wants to hear of each event appends a function to `conversation.listeners`: it is called with the
    conversation and the event, and at the end with None. A sink or a listener that raises is logged; the
    conversation goes on. Without a sink, violations are logged when the conversation has ended.

    With `strict`, a must that is broken is raised as ContractError where it was broken: out of `send`, out of
    `receive`, or out of the call. With `record=False`, events are judged and not kept. `keep` is how many
    bytes of a body are kept of each event. `name` is what the lane is called: by default, what the
    application is called. Raises TypeError for an application that cannot be called.

    `hide` is given each scope, and each event that is more than a body or a text, and returns what is written
    of it; judged is what was said. A call that goes on has its own scope beside that, as the application has;
    when it has ended, nothing is left but what was written. Recorders further in hide the same.
    """

    def __init__(
        self,
        app: Application,
        sink: Sink | None = None,
        *,
        strict: bool = False,
        name: str | None = None,
        record: bool = True,
        keep: int = KEPT,
        hide: Hide | None = None,
    ) -> None:
        if not callable(app):
            raise TypeError(
                f"an application is called with scope, receive and send: {app!r} cannot be called"
            )
        self.app = app
        self.sink = sink
        self.strict = strict
        self.name = name or str(getattr(app, "__qualname__", type(app).__qualname__))
        self.record = record
        self.keep = keep
        self.hide = hide
        self.states: dict[int, WritingTap] = {}  # by the identity of scope["state"], while the call lasts

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        await (WritingTap if self.record else Tap)(self, scope, receive, send).run()
