"""An ordinary request, for any version of HTTP; how its bytes look is up to the version."""

from dataclasses import dataclass

from ..evidence import Evidence
from . import Place, http2
from .http1 import Bytes, Step


@dataclass(frozen=True)
class Ask:
    """Ask for the target, and read the answer.

    `body` is sent in these pieces, as chunks or as DATA frames; one that is "" is an empty frame, and none in
    HTTP/1.1. `pause` is the seconds before each of them. A Content-Length has to be given as a header.
    `trailers` follow the body. `leaves` is when the client goes away: after the head of the answer, or never.
    `below` and `query` come behind the target.
    """

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[bytes, ...] | None = None
    pause: float = 0.0
    trailers: tuple[tuple[str, str], ...] = ()
    leaves: str | None = None
    below: str = ""
    query: str = ""

    async def __call__(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        target += f"{self.below}?{self.query}" if self.query else self.below
        over = {1: self.over_1, 2: self.over_2, 3: self.over_3}[version]
        await over(place, version, target, evidence)

    async def over_1(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        """The bytes of HTTP/1.1."""
        has_length = any(name.lower() == "content-length" for name, _ in self.headers)
        chunked = self.body is not None and not has_length
        lines = [
            f"{self.method} {target} HTTP/1.1",
            f"host: {place.authority}",
            *(f"{name}: {value}" for name, value in self.headers),
            *(["transfer-encoding: chunked"] if chunked else []),
        ]
        steps: list[Step] = ["\r\n".join([*lines, "", ""]).encode("latin-1")]
        for piece in filter(None, self.body or ()):
            steps += [self.pause] if self.pause else []
            steps.append(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            trailers = "".join(f"{name}: {value}\r\n" for name, value in self.trailers)
            steps.append(f"0\r\n{trailers}\r\n".encode("latin-1"))
        steps += ["head", "hang up"] if self.leaves == "head" else ["answer"]
        await Bytes(tuple(steps), methods=(self.method,))(place, version, target, evidence)

    async def over_2(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        """The frames of HTTP/2."""
        pieces = list(self.body or ())
        asked = http2.request(
            *self.headers, method=self.method, path=target, end=not pieces and not self.trailers
        )
        steps = [asked]
        for n, piece in enumerate(pieces):
            steps += [http2.pause(self.pause)] if self.pause else []
            steps.append(http2.data(piece, end=n == len(pieces) - 1 and not self.trailers))
        if self.trailers:
            steps.append(http2.trailers(*self.trailers))
        steps += [http2.head(), http2.HANG_UP] if self.leaves == "head" else [http2.answer()]
        await http2.Streams(tuple(steps))(place, version, target, evidence)

    async def over_3(self, place: Place, version: int, target: str, evidence: Evidence) -> None:
        """The frames of HTTP/3."""
        # The servers import this module with the cases, and aioquic would double what that takes.
        from . import http3

        asked = http3.Request(self.method, target, self.headers, tuple(self.body or ()), self.trailers)
        await http3.exchange(place, asked, evidence, pause=self.pause, leaves=self.leaves)
