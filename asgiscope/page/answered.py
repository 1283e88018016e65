"""What came back to the client beside the server."""

from dataclasses import dataclass, field
from typing import Any

KEPT = 4096  # bytes of the answer that are shown


@dataclass
class Answer:
    """What came back: the beginning of it as it was on the wire, how much there was, and how it ended."""

    data: bytearray = field(default_factory=bytearray)
    size: int = 0
    how: str = "the server has closed the connection"
    took: float = 0.0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.data += data[: KEPT - len(self.data)] if len(self.data) < KEPT else b""

    def as_dict(self) -> dict[str, Any]:
        """For the page: everything in it is text or a number."""
        return {
            "wire": self.data.decode("latin-1"),
            "bytes": self.size,
            "cut": self.size > len(self.data),
            "how": self.how,
            "took": self.took,
        }
