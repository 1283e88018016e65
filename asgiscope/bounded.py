"""A list with an end to it, to which any thread may add."""

from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Bounded(Generic[T]):
    """The first items and the last ones: `dropped` says how many were left out between them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.items: list[T] = []
        self.dropped = 0
        self.lock = Lock()

    def add(self, item: T) -> None:
        with self.lock:
            self.items.append(item)
            if len(self.items) > self.most:
                first, more = self.most // 4, self.most // 2
                del self.items[first : first + more]
                self.dropped += more


NONE_YET: Bounded[Any] = Bounded(0)
"""What has nothing in it so far, and to which nothing is added."""
