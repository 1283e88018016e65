"""Applications that break a clause of an extension. Only those about gates use one that is not offered."""

# ruff: noqa: ASYNC230 -- the files are small, and opening them is not the subject

from io import BytesIO
from pathlib import Path

from .lawful import ACCEPT, CLOSE, END, START, content, expect, offers, takes_files

PUSH = {"type": "http.response.push", "path": "/style.css", "headers": []}
HINT = {"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]}
TRAILERS = {"type": "http.response.trailers", "headers": []}
DEBUG = {"type": "http.response.debug", "info": {}}
COPY, PATH = "http.response.zerocopysend", "http.response.pathsend"
DENIAL = "websocket.http.response"
PROMISE = {**START, "headers": [(b"trailer", b"server-timing")], "trailers": True}
DESCRIBED = {**START, "headers": [(b"content-type", b"text/plain")]}


async def event_of_tls(scope, receive, send):
    """tls.no-new-events: asks the server for another handshake."""
    expect(scope, "http")
    await send({"type": "tls.renegotiate"})
    await send(START)
    await send(END)


# Push


async def push_to_everybody(scope, receive, send):
    """ext.http.response.push.gate: pushes whether or not the server can."""
    expect(scope, "http")
    await send(START)
    await send(PUSH)
    await send(END)


async def push_before_start(scope, receive, send):
    """ext.http.response.push.timing: pushes before the response has started."""
    expect(scope, "http")
    if offers(scope, "http.response.push"):
        await send(PUSH)
    await send(START)
    await send(END)


async def push_after_the_end(scope, receive, send):
    """ext.http.response.push.timing: pushes when the response is complete."""
    expect(scope, "http")
    await send(START)
    await send(END)
    if offers(scope, "http.response.push"):
        await send(PUSH)


async def push_path_in_bytes(scope, receive, send):
    """ext.http.response.push.path: gives the path of a push in bytes."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({**PUSH, "path": b"/style.css"})
    await send(END)


async def push_without_path(scope, receive, send):
    """ext.http.response.push.path: pushes something, and does not say what."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({"type": "http.response.push", "headers": []})
    await send(END)


async def push_without_headers(scope, receive, send):
    """ext.http.response.push.headers: leaves the headers of a push out, as those of a response may be."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({"type": "http.response.push", "path": "/style.css"})
    await send(END)


async def push_headers_in_text(scope, receive, send):
    """ext.http.response.push.headers: gives headers of a push as str."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({**PUSH, "headers": [("accept", "text/css")]})
    await send(END)


async def push_header_in_title_case(scope, receive, send):
    """ext.http.response.push.headers-lowercase: gives a header of a push in Title-Case."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({**PUSH, "headers": [(b"Accept", b"text/css")]})
    await send(END)


async def push_with_pseudo_header(scope, receive, send):
    """ext.http.response.push.headers-no-pseudo: gives a push the pseudo headers of HTTP/2."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.push"):
        await send({**PUSH, "headers": [(b":method", b"GET")]})
    await send(END)


# Zero copy send


async def file_to_everybody(scope, receive, send):
    """ext.http.response.zerocopysend.gate: sends a file without a copy whether or not the server can."""
    expect(scope, "http")
    await send(START)
    if scope["method"] != "HEAD":
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "more_body": True})
    await send(END)


async def file_before_start(scope, receive, send):
    """ext.http.response.zerocopysend.timing: sends a file before the response has started."""
    expect(scope, "http")
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "more_body": True})
    await send(START)
    await send(END)


async def file_after_the_end(scope, receive, send):
    """ext.http.response.zerocopysend.timing: sends a file when the response is complete."""
    expect(scope, "http")
    await send(START)
    await send(END)
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file})


async def file_in_memory(scope, receive, send):
    """ext.http.response.zerocopysend.file: sends a file that has no descriptor."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with BytesIO(b"hello") as file:
            await send({"type": COPY, "file": file, "more_body": True})
    await send(END)


async def file_by_its_name(scope, receive, send):
    """ext.http.response.zerocopysend.file: sends the name of a file."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        await send({"type": COPY, "file": __file__, "more_body": True})
    await send(END)


async def file_that_is_closed(scope, receive, send):
    """ext.http.response.zerocopysend.file: sends a file after the block that has it open."""
    expect(scope, "http")
    await send(START)
    with open(__file__, "rb") as file:
        pass
    if takes_files(scope, COPY):
        await send({"type": COPY, "file": file, "more_body": True})
    await send(END)


async def file_from_text(scope, receive, send):
    """ext.http.response.zerocopysend.offset: gives the offset as it stood in a header."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "offset": "0", "more_body": True})
    await send(END)


async def file_from_its_end(scope, receive, send):
    """ext.http.response.zerocopysend.offset: counts the offset from the end of the file."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "offset": -10, "more_body": True})
    await send(END)


async def file_of_a_share(scope, receive, send):
    """ext.http.response.zerocopysend.count: sends half of a file, in floating bytes."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "count": 11 / 2, "more_body": True})
    await send(END)


async def file_with_more_as_number(scope, receive, send):
    """ext.http.response.zerocopysend.more_body: says with 0 that nothing follows."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        with open(__file__, "rb") as file:
            await send({"type": COPY, "file": file, "more_body": 0})
    else:
        await send(END)


async def file_left_open(scope, receive, send):
    """ext.http.response.zerocopysend.app-closes: leaves it to the server to close the file."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, COPY):
        file = open(__file__, "rb")  # noqa: SIM115 -- that is the fault
        await send({"type": COPY, "file": file, "more_body": True})
    await send(END)


# Path send


async def path_to_everybody(scope, receive, send):
    """ext.http.response.pathsend.gate: sends the path of a file whether or not the server reads it."""
    expect(scope, "http")
    await send(DESCRIBED)
    if scope["method"] != "HEAD":
        await send({"type": PATH, "path": __file__})
    if not takes_files(scope, PATH):
        await send(END)


async def path_before_start(scope, receive, send):
    """ext.http.response.pathsend.timing: sends a path before the response has started."""
    expect(scope, "http")
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})
    await send(DESCRIBED)
    await send(END)


async def path_after_the_end(scope, receive, send):
    """ext.http.response.pathsend.timing: sends a path when the response is complete."""
    expect(scope, "http")
    await send(DESCRIBED)
    await send(END)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})


async def path_then_body(scope, receive, send):
    """ext.http.response.pathsend.no-mix: ends the response by a body, which the path has ended."""
    expect(scope, "http")
    await send(DESCRIBED)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})
    await send(END)


async def body_then_path(scope, receive, send):
    """ext.http.response.pathsend.no-mix: sends a line of its own before the file."""
    expect(scope, "http")
    await send(DESCRIBED)
    await send({"type": "http.response.body", "body": content(scope, b"#!"), "more_body": True})
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})
    else:
        await send(END)


async def two_paths(scope, receive, send):
    """ext.http.response.pathsend.once: sends a file by two paths, for its two halves."""
    expect(scope, "http")
    await send(DESCRIBED)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})
        await send({"type": PATH, "path": __file__})
    else:
        await send(END)


async def path_as_object(scope, receive, send):
    """ext.http.response.pathsend.path: sends a pathlib.Path."""
    expect(scope, "http")
    await send(DESCRIBED)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": Path(__file__)})
    else:
        await send(END)


async def path_left_out(scope, receive, send):
    """ext.http.response.pathsend.path: sends a path under another name."""
    expect(scope, "http")
    await send(DESCRIBED)
    if takes_files(scope, PATH):
        await send({"type": PATH, "file": __file__})
    else:
        await send(END)


async def path_from_here(scope, receive, send):
    """ext.http.response.pathsend.path-absolute: sends a path from the directory that it was started in."""
    expect(scope, "http")
    await send(DESCRIBED)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": "static/style.css"})
    else:
        await send(END)


async def path_without_description(scope, receive, send):
    """ext.http.response.pathsend.app-headers: leaves it to the server to say what the file is."""
    expect(scope, "http")
    await send(START)
    if takes_files(scope, PATH):
        await send({"type": PATH, "path": __file__})
    else:
        await send(END)


# Early hints


async def hint_to_everybody(scope, receive, send):
    """ext.http.response.early_hint.gate: gives hints whether or not the server sends them."""
    expect(scope, "http")
    await send(HINT)
    await send(START)
    await send(END)


async def hint_after_the_end(scope, receive, send):
    """ext.http.response.early_hint.timing: gives hints when the response is complete."""
    expect(scope, "http")
    await send(START)
    await send(END)
    if offers(scope, "http.response.early_hint"):
        await send(HINT)


async def hint_after_start(scope, receive, send):
    """ext.http.response.early_hint.timing: gives hints after the start, as the specification once had it."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.early_hint"):
        await send(HINT)
    await send(END)


async def hint_in_text(scope, receive, send):
    """ext.http.response.early_hint.links: gives links as str."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        await send({**HINT, "links": ["</style.css>; rel=preload"]})
    await send(START)
    await send(END)


async def hint_of_one_link(scope, receive, send):
    """ext.http.response.early_hint.links: gives one link, where a list of them belongs."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        await send({**HINT, "links": b"</style.css>; rel=preload"})
    await send(START)
    await send(END)


async def hint_as_headers(scope, receive, send):
    """ext.http.response.early_hint.links: gives its links as headers."""
    expect(scope, "http")
    if offers(scope, "http.response.early_hint"):
        headers = [(b"link", b"</style.css>; rel=preload")]
        await send({"type": "http.response.early_hint", "headers": headers})
    await send(START)
    await send(END)


# Trailers


async def trailers_to_everybody(scope, receive, send):
    """ext.http.response.trailers.gate: sends trailers also where it could not announce them."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    await send(TRAILERS)


async def trailers_promised_to_everybody(scope, receive, send):
    """http.response.start.trailers.gated, ext.http.response.trailers.sent: promises them always."""
    expect(scope, "http")
    await send({**START, "trailers": True})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send(TRAILERS)


async def trailers_not_promised(scope, receive, send):
    """ext.http.response.trailers.flag: sends trailers that the start has not promised."""
    expect(scope, "http")
    await send(START)
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send(TRAILERS)


async def trailers_forgotten(scope, receive, send):
    """ext.http.response.trailers.sent: promises trailers, and sends none."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)


async def trailers_before_the_end(scope, receive, send):
    """ext.http.response.trailers.after-body: sends trailers, and ends the body after them."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    if offers(scope, "http.response.trailers"):
        await send(TRAILERS)
    await send(END)


async def trailers_not_announced(scope, receive, send):
    """ext.http.response.trailers.announce: promises trailers, and has no header that names them."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "headers": [(b"server-timing", b"db;dur=53")]})


async def trailers_other_than_announced(scope, receive, send):
    """ext.http.response.trailers.announce: announces one trailer, and sends two."""
    expect(scope, "http")
    await send(PROMISE if offers(scope, "http.response.trailers") else START)
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "headers": [(b"server-timing", b"db;dur=53"), (b"etag", b'"1"')]})


async def trailers_without_headers(scope, receive, send):
    """ext.http.response.trailers.headers: sends trailers without the key that holds them."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({"type": "http.response.trailers"})


async def trailers_in_text(scope, receive, send):
    """ext.http.response.trailers.headers: sends trailers as str."""
    expect(scope, "http")
    await send(PROMISE if offers(scope, "http.response.trailers") else START)
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "headers": [("server-timing", "db;dur=53")]})


async def trailers_in_title_case(scope, receive, send):
    """ext.http.response.trailers.headers-lowercase: sends a trailer in Title-Case."""
    expect(scope, "http")
    await send(PROMISE if offers(scope, "http.response.trailers") else START)
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "headers": [(b"Server-Timing", b"db;dur=53")]})


async def trailers_with_pseudo_header(scope, receive, send):
    """ext.http.response.trailers.headers-no-pseudo: sends its final status as a trailer."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "headers": [(b":status", b"200")]})


async def trailers_with_more_as_number(scope, receive, send):
    """ext.http.response.trailers.more_trailers: says with 0 that no more trailers follow."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send({**TRAILERS, "more_trailers": 0})


async def trailers_after_trailers(scope, receive, send):
    """http.response.body.app-stops: sends more trailers, after those that it called the last."""
    expect(scope, "http")
    await send({**START, "trailers": offers(scope, "http.response.trailers")})
    await send(END)
    if offers(scope, "http.response.trailers"):
        await send(TRAILERS)
        await send(TRAILERS)


# Debug


async def debug_to_everybody(scope, receive, send):
    """ext.http.response.debug.gate: tells a server of its templates that has not asked."""
    expect(scope, "http")
    await send(DEBUG)
    await send(START)
    await send(END)


async def debug_twice(scope, receive, send):
    """ext.http.response.debug.once: tells of each of its templates on its own."""
    expect(scope, "http")
    if offers(scope, "http.response.debug"):
        await send({**DEBUG, "info": {"template": "page.html"}})
        await send({**DEBUG, "info": {"template": "menu.html"}})
    await send(START)
    await send(END)


async def debug_after_start(scope, receive, send):
    """ext.http.response.debug.before-start: tells of its template when it has filled it."""
    expect(scope, "http")
    await send(START)
    if offers(scope, "http.response.debug"):
        await send({**DEBUG, "info": {"template": "page.html"}})
    await send(END)


async def debug_of_nothing(scope, receive, send):
    """ext.http.response.debug.info: sends debug information without any."""
    expect(scope, "http")
    if offers(scope, "http.response.debug"):
        await send({"type": "http.response.debug"})
    await send(START)
    await send(END)


async def debug_in_a_list(scope, receive, send):
    """ext.http.response.debug.info: gives its templates as a list."""
    expect(scope, "http")
    if offers(scope, "http.response.debug"):
        await send({**DEBUG, "info": ["page.html", "menu.html"]})
    await send(START)
    await send(END)


async def debug_by_number(scope, receive, send):
    """ext.http.response.debug.info: numbers what it has to tell."""
    expect(scope, "http")
    if offers(scope, "http.response.debug"):
        await send({**DEBUG, "info": {1: "page.html", 2: "menu.html"}})
    await send(START)
    await send(END)


# A denial response


async def denial_to_everybody(scope, receive, send):
    """ext.websocket.http.response.gate: denies by a response, and closes where that was not possible."""
    expect(scope, "websocket")
    await receive()
    await send({"type": f"{DENIAL}.start", "status": 403})
    await send({"type": f"{DENIAL}.body"})
    if not offers(scope, DENIAL):
        await send(CLOSE)


async def denial_unasked(scope, receive, send):
    """ext.websocket.http.response.after-connect: denies before it has received 'websocket.connect'."""
    expect(scope, "websocket")
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
        await receive()
        await send({"type": f"{DENIAL}.body"})
    else:
        await receive()
        await send(CLOSE)


async def denial_after_accept(scope, receive, send):
    """ext.websocket.http.response.after-connect: denies what it has accepted."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
    await send(CLOSE)


async def denial_after_close(scope, receive, send):
    """ext.websocket.http.response.after-connect: closes, and then says with a response why."""
    expect(scope, "websocket")
    await receive()
    await send(CLOSE)
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})


async def denial_and_close(scope, receive, send):
    """ext.websocket.http.response.exclusive: closes what its denial has ended."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
        await send({"type": f"{DENIAL}.body"})
    await send(CLOSE)


async def denial_and_accept(scope, receive, send):
    """ext.websocket.http.response.exclusive: begins to deny, and then accepts."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
    await send(ACCEPT)
    if not offers(scope, DENIAL):
        await send(CLOSE)


async def denial_by_an_invented_event(scope, receive, send):
    """ext.websocket.http.response.types: ends its denial by an event that the extension does not have."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
        await send({"type": f"{DENIAL}.body"})
        await send({"type": f"{DENIAL}.end"})
    else:
        await send(CLOSE)


async def denial_without_status(scope, receive, send):
    """ext.websocket.http.response.start-structure: denies without a status."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "headers": []})
        await send({"type": f"{DENIAL}.body"})
    else:
        await send(CLOSE)


async def denial_with_headers_in_text(scope, receive, send):
    """ext.websocket.http.response.start-structure: denies with headers that are str."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 401, "headers": [("www-authenticate", "Basic")]})
        await send({"type": f"{DENIAL}.body"})
    else:
        await send(CLOSE)


async def denial_by_body_alone(scope, receive, send):
    """ext.websocket.http.response.start-structure: denies by a body that no start came before."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.body", "body": b"no"})
    await send(CLOSE)


async def denial_with_body_in_text(scope, receive, send):
    """ext.websocket.http.response.body-structure: says in a str why it denies."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
        await send({"type": f"{DENIAL}.body", "body": "no"})
    else:
        await send(CLOSE)


async def denial_without_end(scope, receive, send):
    """ext.websocket.http.response.completed: starts a denial, and leaves it at that."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
    else:
        await send(CLOSE)


async def denial_in_pieces(scope, receive, send):
    """ext.websocket.http.response.completed: announces more of its denial, and sends no more."""
    expect(scope, "websocket")
    await receive()
    if offers(scope, DENIAL):
        await send({"type": f"{DENIAL}.start", "status": 403})
        await send({"type": f"{DENIAL}.body", "body": b"no, ", "more_body": True})
    else:
        await send(CLOSE)
