"""What the page remembers: the newest conversations, and no more than that.

A conversation is put here when it begins, and nothing is worked out of it before somebody looks. Whoever
watches asks again and again for what is new, so that a page that falls behind costs the site nothing: what it
has no time for is counted as dropped.

The recorder masks credentials when it writes, so that there are none here. A call that goes on has its own
scope with it, as the application has; when it has ended, nothing is left but what was written.
"""

from asyncio import get_running_loop
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, time
from typing import Any

from ..contract import Level
from ..conversation import Conversation, Lane

KEPT = 500  # conversations
MARKS = 80  # events of a conversation that stand in its summary
LONGEST = 200  # characters of a path there
HEAVIEST = 64_000_000  # bytes, about, that all of them take
EVERY = 0.25  # seconds between two looks at what they take
LEFT = 100  # events that are left of what is too heavy, and goes on


class Journal:
    """The newest conversations, in the order in which they began: no more than `kept`, and none that are too
    heavy together. `begun` is how many there have been in all."""

    def __init__(self, kept: int = KEPT) -> None:
        self.conversations: deque[Conversation] = deque(maxlen=kept)
        self.begun = 0
        self.due = 0.0  # when they are weighed again, by the clock that only goes on
        self.since = time()
        self.watchers = 0  # that are told of what happens

    def begin(self, conversation: Conversation) -> None:
        """Remember a conversation: the sink of a recorder."""
        if len(self.conversations) == self.conversations.maxlen:
            self.drop()
        self.conversations.append(conversation)
        self.begun += 1
        if monotonic() > self.due:
            self.weigh()

    def weigh(self) -> None:
        """Let the oldest go where all of them have become too heavy.

        What grows without others that begin is looked at later, if this is asyncio.
        """
        self.due = monotonic() + EVERY
        total = sum(map(weight, self.conversations))
        while total > HEAVIEST and len(self.conversations) > 1:
            total -= weight(self.drop())
        if any(conversation.taps[0].progress[1] == "open" for conversation in self.conversations):
            with suppress(RuntimeError):
                get_running_loop().call_later(4 * EVERY, self.weigh_again)

    def weigh_again(self) -> None:
        """Weigh them, if nobody has done so since."""
        if monotonic() > self.due:
            self.weigh()

    def drop(self) -> Conversation:
        """Let the oldest go. If it goes on, it keeps little from now on."""
        oldest = self.conversations.popleft()
        if oldest.taps[0].progress[1] == "open":
            for tap in oldest.taps:
                if not isinstance(tap, Lane):
                    tap.shorten(LEFT)
        return oldest

    def held(self, id: int) -> Conversation | None:
        """The conversation with this id, which may go on; None if it is not, or no longer, here."""
        return next((one for one in reversed(self.conversations) if one.id == id), None)

    def find(self, id: int) -> Conversation | None:
        """The same as far as it has come."""
        found = self.held(id)
        return None if found is None else read(found)

    def after(self, number: int) -> tuple[list[Conversation], int]:
        """The conversations that began after so many had begun, and how many of those are gone already."""
        new = self.begun - number
        here = min(new, len(self.conversations))
        return list(self.conversations)[len(self.conversations) - here :], new - here

    def newest(self) -> Iterator[Conversation]:
        """The newest first."""
        return reversed(self.conversations)


def read(conversation: Conversation) -> Conversation:
    """A conversation as far as it has come: one that is being written is read anew at each look."""
    return Conversation(conversation.id, conversation.started, conversation.lanes)


def weight(conversation: Conversation) -> int:
    """About how many bytes a conversation takes."""
    return sum(tap.weight for tap in conversation.taps if not isinstance(tap, Lane))


def summary(conversation: Conversation) -> dict[str, Any]:
    """A conversation in a row: what it is about, how it is going, and a timeline in miniature.

    `marks` are some of the events: when, in nanoseconds from the beginning, and whether the application
    receives. Nothing here takes longer for a conversation that is longer, or only a little.
    """
    glimpse = conversation.taps[0].glimpse(MARKS)
    scope = glimpse.scope
    levels = [violation.level for violation in conversation.violations]
    return {
        "id": conversation.id,
        "started": conversation.started,
        "type": word(scope.get("type")),
        "method": word(scope.get("method")),
        "path": word(scope.get("path")),
        "query": word(scope.get("query_string")),
        "status": glimpse.status if isinstance(glimpse.status, int) else None,
        "how": glimpse.how,
        "took": glimpse.at,
        "events": glimpse.events,
        "marks": glimpse.marks,
        "musts": sum(level is Level.MUST for level in levels),
        "shoulds": sum(level is Level.SHOULD for level in levels),
        "stalls": [(stall.at, stall.length) for stall in conversation.stalls[:MARKS]],
        "lanes": len(conversation.taps),
    }


def word(value: Any) -> str:
    """A value of a scope as text that fits in a row, whatever the server has put there."""
    if value is None:
        return ""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
