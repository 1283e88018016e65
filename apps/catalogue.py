"""The table of contents: every exhibit in reading order, each with its Django twin.

An exhibit `hello` is the file `apps/raw_asgi/hello.py`, mounted at `/raw/hello`. Its twin answers at
`/django/hello`: the same idea by Django's means, or a page that says what Django does instead.
"""

from typing import NamedTuple


class Exhibit(NamedTuple):
    """One line of the table of contents."""

    slug: str
    title: str
    chapter: str
    twin: bool  # whether Django can express it; if not, the twin's page says why not

    @property
    def raw(self) -> str:
        """The path of the exhibit on the site."""
        return f"/raw/{self.slug}"

    @property
    def django(self) -> str:
        """The path of its twin on the site."""
        return f"/django/{self.slug}"


CHAPTERS = {
    "A request and its answer": [
        ("hello", "A response is two events", True),
        ("inspect_scope", "What the server knows of a request", True),
        ("headers", "Headers are a list: order and repetition count", True),
        ("echo", "The request body arrives in pieces", True),
        ("errors", "Three ways to fail", True),
    ],
    "Answers that take time": [
        ("stream", "A response that leaves in pieces", True),
        ("timer", "A response that ends when the client leaves", True),
        ("sse", "Server-sent events, resumed where they broke off", True),
        ("long_poll", "An answer that waits for news", True),
    ],
    "Waiting": [
        ("blocking", "Eight ways to take a second", True),
        ("event_loop", "Who runs when, told while it runs", True),
        ("threads", "A thread for each request, made or lent", True),
    ],
    "Bodies and files": [
        ("upload", "An upload with a limit, and its progress", True),
        ("files", "A file, whole or in part", True),
    ],
    "Outside services": [
        ("films_api", "A service that is slow and sometimes fails", True),
        ("films", "Twelve requests side by side, each with its limits", True),
        ("progressive", "The page first, what it waits for after it", True),
    ],
    "What only some servers offer": [
        ("trailers", "Headers after the body", False),
        ("early_hints", "A word before the answer", False),
        ("server_push", "An answer nobody has asked for", False),
        ("debug_info", "A word for the tests", False),
        ("tls_info", "Who is at the other end of the encryption", True),
    ],
    "WebSocket": [
        ("websocket_echo", "Messages both ways", False),
        ("websocket_denial", "A handshake refused", False),
        ("chat", "Rooms, queues and a slow member", True),
        ("chat_workers", "A room on several workers, and nothing missed", False),
    ],
    "Around the application": [
        ("lifespan_state", "Opened once, used by every request", False),
        ("middleware", "An application that calls another", True),
        ("tiles", "Two hundred slow pictures, and HTTP/2", True),
    ],
    "A database": [
        ("readings", "A table in a stream, and news from the database", True),
    ],
    "Work outside the request": [
        ("jobs", "Begun by one request, watched by others", True),
    ],
    "The ancestors": [
        ("wsgi", "WSGI, and the bridge to it", True),
        ("cgi", "A process for every request", True),
    ],
}

CATALOGUE = [
    Exhibit(slug, title, chapter, twin)
    for chapter, exhibits in CHAPTERS.items()
    for slug, title, twin in exhibits
]

ABOUT = """\
ASGI is the protocol between Python web servers and applications. Each exhibit is one idea of it in one short
file, written by hand, with the conversation that it holds; beside it stands what Django makes of the same.
Read one, run it, and see every event cross, and the line that said it."""
