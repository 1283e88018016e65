"""The table of contents: every exhibit in reading order, each with its Django twin.

An exhibit `hello` is the file `apps/raw_asgi/hello.py`, mounted at `/raw/hello`. Its twin answers at
`/django/hello`: the same idea by Django's means, or a page that says what Django does instead.
"""

from html import escape
from itertools import groupby
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
    "Bodies and files": [
        ("upload", "An upload with a limit, and its progress", True),
        ("files", "A file, whole or in part", True),
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
        ("chat", "Rooms, queues and a slow member", False),
    ],
    "Around the application": [
        ("lifespan_state", "Opened once, used by every request", False),
        ("middleware", "An application that calls another", True),
        ("tiles", "Two hundred slow pictures, and HTTP/2", True),
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

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The raw ASGI explorer</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; color: #222 }
  body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem }
  h1 { font-size: 1.6rem; margin-bottom: 0 }
  h2 { font-size: 1rem; margin: 1.6rem 0 .3rem; color: #666 }
  table { width: 100%; border-collapse: collapse }
  td { padding: .2rem 0; border-top: 1px solid #e5e5e5; vertical-align: top }
  td + td { padding-left: 1rem; white-space: nowrap; width: 3rem }
  td:nth-child(2) { width: 10rem }
  a { color: #06c }
  .no { color: #888 }
</style>
<h1>The raw ASGI explorer</h1>
<p>Each line is one idea: by hand in raw ASGI, under its name; its source, to read; and through Django.
Where Django has no means for it, in grey, its page says what Django does instead.</p>
"""


def page(root_path: str) -> str:
    """The table of contents as HTML, for a site that is mounted at `root_path`."""
    root, parts = escape(root_path), [PAGE]
    for chapter, exhibits in groupby(CATALOGUE, key=lambda exhibit: exhibit.chapter):
        parts.append(f"<h2>{escape(chapter)}</h2>\n<table>\n")
        for exhibit in exhibits:
            cells = (
                escape(exhibit.title),
                f'<a href="{root}{exhibit.raw}"><code>{exhibit.slug}</code></a>',
                f'<a href="{root}/raw/files/{exhibit.slug}.py">source</a>',
                f'<a href="{root}{exhibit.django}"{"" if exhibit.twin else " class=no"}>Django</a>',
            )
            parts.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n")
        parts.append("</table>\n")
    return "".join(parts)
