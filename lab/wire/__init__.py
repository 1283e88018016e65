"""The clients of the lab. Each says exactly the bytes that its case asks for, and writes down all it sees.

An action is what a case's client does. It is called with the place where the server is, the version of HTTP,
the target, and the evidence, which it fills; it ends by itself, and whoever calls it sets a limit.
"""

from typing import Literal, NamedTuple, Protocol

from ..evidence import Evidence

PATIENCE = 3.5  # seconds of silence after which a client stops waiting, and what it waits for is "open"


Start = Literal["clear", "tls", "mounted"]
"""How a server is started: in clear text, with TLS, or mounted below MOUNT, on a SOCKET."""
MOUNT = "/site"
SOCKET = "lab.socket"  # a Unix domain socket, in a folder of its own


class Place(NamedTuple):
    """Where a server is, and how it is reached: `uds` is the path of a socket, in the place of host and port.
    `root` is what stands in front of every path."""

    host: str
    port: int
    tls: bool = False
    root: str = ""
    authority: str = "localhost"
    cafile: str | None = None
    uds: str | None = None

    @property
    def start(self) -> Start:
        """How the server there was started."""
        return "mounted" if self.uds else "tls" if self.tls else "clear"


class Action(Protocol):
    """What the client of a case does."""

    async def __call__(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        """Do it. Raises OSError where the server cannot be reached."""
