"""The clients, as far as they are installed and run on this Python."""

from importlib import import_module
from importlib.metadata import version
from typing import NamedTuple

from bench.clients.client import Client


class Contestant(NamedTuple):
    """A client: what it is called, the packages it is made of, and the class that uses it."""

    name: str
    packages: tuple[str, ...]
    used_by: str

    def kind(self) -> type[Client]:
        """The class. Raises whatever importing it does, where it is not installed, or does not run here."""
        module, name = self.used_by.split(".")
        found: type[Client] = getattr(import_module(f"bench.clients.{module}"), name)
        return found

    def versions(self) -> str:
        return ", ".join(f"{package} {version(package)}" for package in self.packages)


CLIENTS = {
    "asgiscope": Contestant("asgiscope.testing", ("asgiscope",), "of_asgiscope.OfAsgiscope"),
    "httpx": Contestant("httpx.ASGITransport", ("httpx",), "of_httpx.OfHTTPX"),
    "httpx2": Contestant("httpx2.ASGITransport", ("httpx2",), "of_httpx2.OfHTTPX2"),
    "Starlette": Contestant("Starlette's TestClient", ("starlette",), "of_starlette.OfStarlette"),
    "async-asgi": Contestant(
        "async-asgi-testclient",
        ("async-asgi-testclient",),
        "of_async_asgi_testclient.OfAsyncASGITestClient",
    ),
    "httpx-ws": Contestant(
        "asgi-lifespan with httpx-ws", ("asgi-lifespan", "httpx-ws"), "of_httpx_ws.OfHTTPXWS"
    ),
    "Channels": Contestant("Channels' communicators", ("channels",), "of_channels.OfChannels"),
}

KINDS: dict[str, type[Client]] = {}
MISSING: dict[str, str] = {}
"""Why a client cannot be imported."""

for _key, _contestant in CLIENTS.items():
    try:
        KINDS[_key] = _contestant.kind()
    except Exception as error:
        MISSING[_key] = f"{type(error).__name__}: {error}"
