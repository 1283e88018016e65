"""asgiscope export."""

import pytest

EXHIBIT = '''\
"""An answer to what is sent.

It goes on until the client leaves.

    scope http POST /raw/echo?page=1
        x-name: me
    receive http.request body=b'one, ' more_body=True
    receive http.request body=b'two'
    return
"""
'''
SOCKET = '''\
"""A WebSocket.

It says what it hears.

    scope websocket /raw/socket
    receive websocket.connect
    send websocket.accept
    receive websocket.receive text='hello'
    send websocket.send text='hello'
    receive websocket.disconnect code=1000 reason=''
    return
"""
'''
SITE = """\
from pathlib import Path

from asgiscope.page import Exhibit, watch

FOLDER = Path(__file__).parent


async def site(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["greeting"] = b"started"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
    else:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        await send({"type": "http.response.start", "status": 200})
        body = b"%s %s" % (scope["state"]["greeting"], body)
        await send({"type": "http.response.body", "body": body, "more_body": scope["path"] == "/raw/echo"})
        if scope["path"] == "/raw/echo":
            while (await receive())["type"] != "http.disconnect":
                pass


app = watch(site, name="A gallery", exhibits=[
    Exhibit("echo", "Echo", "All", "/raw/echo", str(FOLDER / "echo.py"), twin="/django/echo"),
    Exhibit("socket", "Socket", "All", "/raw/socket", str(FOLDER / "socket_.py"), twin="/django/socket",
            instead=True),
])
"""


@pytest.fixture
def site(here):
    for name, text in {"site_.py": SITE, "echo.py": EXHIBIT, "socket_.py": SOCKET}.items():
        (here / name).write_text(text)
    return here


def test_gallery_is_written_with_a_conversation_of_each(site, asgiscope):
    status, out, _ = asgiscope("export", "site_:app", "out/gallery")
    assert status == 0
    assert "for 2 exhibits are in out/gallery: begin with out/gallery/index.html" in out
    folder = site / "out/gallery"
    echo = (folder / "conversations/echo.txt").read_text()
    assert echo.startswith("POST /raw/echo?page=1\n")
    assert "x-name: me" in echo
    # What lasts until the client leaves was left, and the lifespan has been before all of it.
    assert "body=b'started one, two'" in echo
    assert "http.disconnect" in echo
    assert (folder / "conversations/echo-twin.txt").read_text().startswith("POST /django/echo?page=1\n")
    assert "websocket.send  text='hello'" in (folder / "conversations/socket.txt").read_text()
    # A page that stands in for a twin is a page.
    assert (folder / "conversations/socket-twin.txt").read_text().startswith("GET /django/socket\n")
    assert (folder / "compare/echo.html").exists()


def test_place_on_the_disk_is_not_published(site, asgiscope):
    assert asgiscope("export", "site_:app", "out")[0] == 0
    assert not [
        file for file in (site / "out").rglob("*") if file.is_file() and str(site) in file.read_text()
    ]


def test_directory_with_files_is_left_alone(site, asgiscope):
    (site / "out").mkdir()
    (site / "out/mine.txt").write_text("mine")
    status, _, err = asgiscope("export", "site_:app", "out")
    assert status == 2
    assert "out is there and not empty" in err
    assert [file.name for file in (site / "out").iterdir()] == ["mine.txt"]


def test_application_without_a_gallery_cannot_be_exported(here, asgiscope):
    status, _, err = asgiscope("export", "right:app", "out")
    assert status == 2
    assert "'right:app' has no gallery" in err
