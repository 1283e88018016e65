"""The conversations as they happen, told to a browser by server-sent events.

Every so often the newest state of what has changed is sent, so that a conversation with a thousand events in
that time costs one message, and a thousand conversations no more than MOST of them: the rest is counted. When
there is more than can be told, it is told less often, so that the site has its time for the site.
"""

import asyncio
from collections.abc import AsyncIterator

from ..conversation import Conversation
from .journal import Journal, summary

EVERY = 0.1  # seconds
BEHIND = 1.0  # seconds, when there is more than can be told
FIRST = 200  # conversations in the first message
MOST = 50  # conversations in each later one
OPEN = 200  # conversations that one watcher sees grow at a time
QUIET = 15.0  # seconds after which a word is sent, so that a proxy in between does not hang up
WATCHERS = 20  # that are told at a time; each costs its share


async def live(journal: Journal, after: int | None = None) -> AsyncIterator[tuple[str, object]]:
    """Messages ("rows", {"rows": [summary, ...], "begun": n, "dropped": n}), without an end.

    The first tells of the newest, and each later one of what has changed. `dropped` are those that it leaves
    out: of all that began since the last one, or since the `after` that a watcher knows of when it asks
    again. `since` is when the journal was begun, by which a watcher sees that it is another one.
    """
    known = journal.begun if after is None else min(after, journal.begun)
    seen, most = max(0, journal.begun - FIRST), FIRST
    growing = Growing()
    waited = QUIET
    while True:
        new, _ = journal.after(seen)
        seen = journal.begun
        told = new[-most:]
        dropped = max(0, seen - known - len(told))
        rows = [*map(growing.row, told), *growing.changed(max(0, MOST - len(told)))]
        if rows or waited >= QUIET:
            waited = 0.0
            yield "rows", {"rows": rows, "begun": seen, "dropped": dropped, "since": journal.since}
        pause = BEHIND if dropped or len(rows) >= MOST else EVERY
        known, most = seen, MOST
        waited += pause
        await asyncio.sleep(pause)


class Growing:
    """The conversations that go on, as far as one watcher sees them grow, and how far each was told."""

    def __init__(self) -> None:
        self.told: dict[int, tuple[Conversation, tuple[int, str]]] = {}

    def row(self, conversation: Conversation) -> dict[str, object]:
        """The row of a conversation, which is one of these as long as it goes on."""
        progress = conversation.taps[0].progress
        if progress[1] != "open":
            self.told.pop(conversation.id, None)
        elif conversation.id in self.told or len(self.told) < OPEN:
            self.told[conversation.id] = conversation, progress
        return summary(conversation)

    def changed(self, most: int) -> list[dict[str, object]]:
        """The rows of those that have changed since they were told; of many, those that were told the longest
        time ago."""
        found = [
            conversation
            for conversation, progress in self.told.values()
            if conversation.taps[0].progress != progress
        ][:most]
        for conversation in found:
            del self.told[conversation.id]  # to stand at the end of the line again
        return [self.row(conversation) for conversation in found]
