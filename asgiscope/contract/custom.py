"""Conversations of a protocol that the specification does not have: judged by what holds for all of them."""

from collections.abc import Iterator
from typing import Any

from .clause import Violation, breach
from .judge import Judge
from .scope import general_breaches

UNKNOWN = "x-unknown"


class CustomJudge(Judge):
    """The judge of a conversation whose type is none of the specification's, or is missing.

    Two parties may agree on a protocol of their own, so that only UNKNOWN stands for one that nobody knows.
    """

    def __init__(self, scope: Any) -> None:
        super().__init__(scope if isinstance(scope, dict) else {}, "open")
        self.given = scope
        self.told = False

    def scope_breaches(self) -> Iterator[Violation]:
        yield from general_breaches(self.given)

    def unknown(self, kind: str, index: int, direction: str, message: str) -> Iterator[Violation]:
        if direction == "send":
            yield from self.spoken(index, message)

    def end_breaches(self) -> Iterator[Violation]:
        message = f"The application returned from a conversation of type {self.protocol!r}."
        yield from self.spoken(None, message)

    def spoken(self, index: int | None, message: str) -> Iterator[Violation]:
        """The clause that is broken by taking part in a conversation that nobody knows."""
        if self.protocol == UNKNOWN and not self.told:
            self.told = True
            yield breach("general.app.rejects-unknown-protocol", index, message)
