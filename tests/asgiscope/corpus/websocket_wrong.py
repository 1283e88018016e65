"""Applications that break a clause of WebSocket."""

from .lawful import ACCEPT, CLOSE, expect, left, spec_version

# The order of a connection


async def connect_not_answered(scope, receive, send):
    """websocket.connect.must-answer: hears that a client wants to connect, and returns."""
    expect(scope, "websocket")
    await receive()


async def silent_refusal(scope, receive, send):
    """websocket.connect.must-answer: takes a return for a refusal, and does not even listen."""
    expect(scope, "websocket")


async def accepts_unasked(scope, receive, send):
    """websocket.connect.app-receives-first: accepts before anybody has asked to connect."""
    expect(scope, "websocket")
    await send(ACCEPT)
    await left(receive)


async def refuses_unasked(scope, receive, send):
    """websocket.connect.app-receives-first: refuses at once, without having heard the question."""
    expect(scope, "websocket")
    await send(CLOSE)


async def accepts_twice(scope, receive, send):
    """websocket.accept.once: accepts, and then accepts again with the subprotocol it forgot."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.accept", "subprotocol": None})
    await send(CLOSE)


async def accepts_after_close(scope, receive, send):
    """websocket.accept.once: accepts what it has refused."""
    expect(scope, "websocket")
    await receive()
    await send(CLOSE)
    await send(ACCEPT)


async def speaks_before_accept(scope, receive, send):
    """websocket.send.after-accept: greets the client before it accepts."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.send", "text": "hello"})
    await send(ACCEPT)
    await send(CLOSE)


async def never_accepts(scope, receive, send):
    """websocket.send.after-accept: answers messages, and has never accepted the connection."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.send", "text": "sorry, we are closed"})
    await send(CLOSE)


async def speaks_after_close(scope, receive, send):
    """websocket.send.not-after-close: says goodbye when it has closed already."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send(CLOSE)
    await send({"type": "websocket.send", "text": "goodbye"})


async def speaks_after_refusal(scope, receive, send):
    """websocket.send.not-after-close: explains itself after it has refused."""
    expect(scope, "websocket")
    await receive()
    await send(CLOSE)
    await send({"type": "websocket.send", "text": "no room"})


async def closes_twice(scope, receive, send):
    """websocket.close.once: closes, and closes in the end once more to be safe."""
    expect(scope, "websocket")
    await receive()
    try:
        await send(ACCEPT)
        await send({"type": "websocket.close", "code": 1001})
    finally:
        await send(CLOSE)


async def closes_after_disconnect(scope, receive, send):
    """websocket.close.once: answers a disconnect by a close, as the peers of a WebSocket do."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await left(receive)
    await send(CLOSE)


async def echoes_the_disconnect(scope, receive, send):
    """websocket.disconnect.expect-send-error: takes every event after the accept for a message."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    going = True
    while going:
        event = await receive()
        going = event["type"] == "websocket.receive"
        await send({"type": "websocket.send", "text": event.get("text") or "bytes, or nothing"})


async def goodbye_to_nobody(scope, receive, send):
    """websocket.disconnect.expect-send-error: says goodbye to a client that has left."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await left(receive)
    await send({"type": "websocket.send", "text": "goodbye"})


async def returns_without_close(scope, receive, send):
    """general.app.lives-as-long-as-connection: returns, and leaves an open connection to itself."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": "hello"})


async def http_response(scope, receive, send):
    """websocket.event.send-types: refuses a connection by a response of HTTP."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "http.response.start", "status": 403})
    await send(CLOSE)


async def disconnects_itself(scope, receive, send):
    """websocket.event.send-types: sends 'websocket.disconnect' to hang up, which only a server says."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.disconnect", "code": 1000})
    await send(CLOSE)


async def sends_a_ping(scope, receive, send):
    """websocket.event.send-types: pings the client, which is for the server to do."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.ping"})
    await send(CLOSE)


# What an accept says


async def subprotocol_in_bytes(scope, receive, send):
    """websocket.accept.subprotocol.type: names the subprotocol in bytes."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": b"chat"})
    await send(CLOSE)


async def subprotocols_all(scope, receive, send):
    """websocket.accept.subprotocol.type: gives back the whole list of subprotocols."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": list(scope.get("subprotocols", []))})
    await send(CLOSE)


async def subprotocol_not_offered(scope, receive, send):
    """websocket.accept.subprotocol.offered: names its own subprotocol, whatever the client speaks."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "v9.of-the-house.example"})
    await send(CLOSE)


async def subprotocol_empty(scope, receive, send):
    """websocket.accept.subprotocol.offered: gives the empty string for no subprotocol."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": ""})
    await send(CLOSE)


async def headers_as_dict(scope, receive, send):
    """websocket.accept.headers.shape: gives the headers as a dict."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "headers": {}})
    await send(CLOSE)


async def headers_none(scope, receive, send):
    """websocket.accept.headers.shape: gives None for no headers."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.accept", "headers": None})
    await send(CLOSE)


async def headers_in_text(scope, receive, send):
    """websocket.accept.headers.bytes: gives headers as str, where the server takes any."""
    expect(scope, "websocket")
    await receive()
    headers = [("x-room", "1")] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def header_value_as_number(scope, receive, send):
    """websocket.accept.headers.bytes: gives a number as the value of a header."""
    expect(scope, "websocket")
    await receive()
    headers = [(b"x-room", 1)] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def header_in_title_case(scope, receive, send):
    """websocket.accept.headers.lowercase: sets a cookie in Title-Case."""
    expect(scope, "websocket")
    await receive()
    headers = [(b"Set-Cookie", b"room=1")] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def subprotocol_as_header(scope, receive, send):
    """websocket.accept.headers.no-subprotocol-header: names the subprotocol by its header."""
    expect(scope, "websocket")
    await receive()
    names = [name.encode() for name in scope.get("subprotocols", [])] or [b"chat"]
    headers = [(b"sec-websocket-protocol", names[0])] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def pseudo_header(scope, receive, send):
    """websocket.accept.headers.no-pseudo: writes the status as HTTP/2 has it."""
    expect(scope, "websocket")
    await receive()
    headers = [(b":status", b"200")] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def header_with_line_feed(scope, receive, send):
    """http.semantics.header.value: writes two headers into the value of one."""
    expect(scope, "websocket")
    await receive()
    headers = [(b"x-room", b"1\r\nx-seat: 2")] if spec_version(scope) >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def headers_to_an_old_server(scope, receive, send):
    """websocket.accept.headers.version-gate: sends headers also where the version announced has none."""
    expect(scope, "websocket")
    await receive()
    headers = [(b"x-room", b"1")] if "spec_version" in scope["asgi"] else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


async def headers_to_a_server_without_version(scope, receive, send):
    """websocket.scope.asgi.spec-version.default: takes a missing version for the latest one."""
    expect(scope, "websocket")
    await receive()
    headers = [(b"x-room", b"1")] if scope["asgi"].get("spec_version", "2.5") >= "2.1" else []
    await send({"type": "websocket.accept", "headers": headers})
    await send(CLOSE)


# What a message says


async def empty_message(scope, receive, send):
    """websocket.send.exactly-one: sends a message that is neither text nor bytes."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send"})
    await send(CLOSE)


async def message_of_nothing(scope, receive, send):
    """websocket.send.exactly-one: sends a message whose text and bytes are both None."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": None, "bytes": None})
    await send(CLOSE)


async def both_at_once(scope, receive, send):
    """websocket.send.exactly-one: sends a text together with its encoding."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": "hello", "bytes": b"hello"})
    await send(CLOSE)


async def empty_bytes_beside_text(scope, receive, send):
    """websocket.send.exactly-one: sends empty bytes beside its text, and an empty message is one."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": "hello", "bytes": b""})
    await send(CLOSE)


async def text_in_bytes(scope, receive, send):
    """websocket.send.text.type: sends the encoded text as text."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": b'{"hello": "world"}'})
    await send(CLOSE)


async def text_not_dumped(scope, receive, send):
    """websocket.send.text.type: sends a dict for the server to make JSON of."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "text": {"hello": "world"}})
    await send(CLOSE)


async def bytes_in_text(scope, receive, send):
    """websocket.send.bytes.type: sends text as bytes."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "bytes": "hello"})
    await send(CLOSE)


async def bytes_in_a_buffer(scope, receive, send):
    """websocket.send.bytes.type: sends the bytearray that it has filled."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.send", "bytes": bytearray(b"hello")})
    await send(CLOSE)


# What a close says


async def code_as_text(scope, receive, send):
    """websocket.close.code.type: gives the code as str."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": "1000"})


async def code_none(scope, receive, send):
    """websocket.close.code.type: gives None for the code that goes without saying."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": None})


async def code_as_bool(scope, receive, send):
    """websocket.close.code.type: says that it closes well, and not with which code."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": True})


async def code_never_sent(scope, receive, send):
    """websocket.close.code.value: closes with 1006, which stands for a close that never came."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1006})


async def code_for_no_code(scope, receive, send):
    """websocket.close.code.value: gives back 1005, with which a client has left that gave no code."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 1005})


async def code_of_http(scope, receive, send):
    """websocket.close.code.value: closes with a status of HTTP."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": 403})


async def code_too_high(scope, receive, send):
    """websocket.close.code.value: closes with a code of its own, above those that are free."""
    expect(scope, "websocket")
    await receive()
    await send(ACCEPT)
    await send({"type": "websocket.close", "code": 5000})


async def reason_in_bytes(scope, receive, send):
    """websocket.close.reason.type: gives the reason in bytes."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": 4000, "reason": b"full"})


async def reason_as_dict(scope, receive, send):
    """websocket.close.reason.type: gives an error object as the reason."""
    expect(scope, "websocket")
    await receive()
    await send({"type": "websocket.close", "code": 4000, "reason": {"error": "full"}})


async def reason_too_long(scope, receive, send):
    """websocket.close.reason.length: gives a reason that no close frame has room for."""
    expect(scope, "websocket")
    await receive()
    reason = "x" * 124 if spec_version(scope) >= "2.3" else ""
    await send({"type": "websocket.close", "code": 4000, "reason": reason})


async def reason_too_long_in_bytes(scope, receive, send):
    """websocket.close.reason.length: counts the characters of its reason, and not the bytes."""
    expect(scope, "websocket")
    await receive()
    reason = ("é" * 200)[:123] if spec_version(scope) >= "2.3" else ""
    await send({"type": "websocket.close", "code": 4000, "reason": reason})


async def reason_to_an_old_server(scope, receive, send):
    """websocket.close.reason.version-gate: gives a reason also where the version announced has none."""
    expect(scope, "websocket")
    await receive()
    reason = "full" if "spec_version" in scope["asgi"] else None
    await send({"type": "websocket.close", "code": 4000, "reason": reason})


async def reason_to_a_server_without_version(scope, receive, send):
    """websocket.scope.asgi.spec-version.default: gives a reason, as no version forbids it."""
    expect(scope, "websocket")
    await receive()
    reason = "full" if scope["asgi"].get("spec_version", "2.3") >= "2.3" else None
    await send({"type": "websocket.close", "code": 4000, "reason": reason})
