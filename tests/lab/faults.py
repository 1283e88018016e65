"""The wrong servers: the right one, with one thing wrong."""

from types import MappingProxyType
from urllib.parse import unquote

from tests.lab.right_socket import Fault


def sets(key, change):
    """A scope with another value of one key, where it has that key."""

    def scope(found):
        if key in found:
            found[key] = change(found[key])

    return scope


def lacks(key):
    """A scope without a key."""

    def scope(found):
        found.pop(key, None)

    return scope


def asgi(**changed):
    """A scope that says something else of the version of ASGI; what is None is not said."""

    def scope(found):
        found["asgi"] = {key: value for key, value in {**found["asgi"], **changed}.items() if value}

    return scope


def headers(change):
    """A scope whose headers are a function of what they were."""
    return sets("headers", lambda pairs: [list(pair) for pair in change([tuple(pair) for pair in pairs])])


def of_type(kind, change):
    """Events of one type are changed, others are not."""
    return lambda event: change(event) if event["type"] == kind else event


def first(change):
    """The first event of a connection is changed, others are not."""
    return lambda event: change(event) if event["type"] in ("http.request", "websocket.connect") else event


def field(kind, key, change):
    """Events of one type have another value of one field."""
    return of_type(kind, lambda event: {**event, key: change(event[key])} if key in event else event)


def without(kind):
    """There are no events of one type."""
    return of_type(kind, lambda event: None)


def joined(pairs):
    """Headers of the same name in one."""
    found = {}
    for name, value in pairs:
        found[name] = found[name] + b", " + value if name in found else value
    return found.items()


def reversed_headers(event):
    """A response whose headers are in the other order."""
    return {**event, "headers": list(event.get("headers", ()))[::-1]}


def as_text(pairs):
    """Headers of text."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]


def query_in_path(scope):
    """The path with all that is behind it."""
    scope["path"] += "?" + scope["query_string"].decode("latin-1")


def ports_of_text(scope):
    """Addresses whose ports are texts."""
    for key in ("client", "server"):
        scope[key] = [scope[key][0], str(scope[key][1])]


def as_bytes(event):
    """A message of text as one of bytes."""
    data = (event.get("text") or "").encode() or event.get("bytes")
    return {"type": event["type"], "text": None, "bytes": data}


def both_modes(event):
    """A message of both kinds."""
    return {**event, "text": event.get("text") or "", "bytes": event.get("bytes") or b""}


def swapped(event):
    """A message with small letters for capitals."""
    return {key: value.swapcase() if key != "type" and value else value for key, value in event.items()}


def offers_tls(entry):
    """A scope with the extension `tls`."""
    return lambda scope: scope["extensions"].update(tls=entry)


TLS = {"server_cert": None, "tls_version": None, "cipher_suite": None}
WRONG_TLS = {
    "server_cert": "no PEM",
    "client_cert_chain": ["no PEM"],
    "client_cert_name": 1,
    "client_cert_error": 1,
    "tls_version": 0x10000,
    "cipher_suite": 0x10000,
}
UNKNOWN_TLS = {"server_cert": "", "client_cert_chain": None, "client_cert_name": "", "tls_version": 0}
EMPTY = {"type": "http.request", "body": b"", "more_body": False}
RESPONSE, BODY = "http.response.start", "http.response.body"


FAULTS = [
    Fault("has a scope that is no dict", scope=MappingProxyType),
    Fault("has no type", scope=lacks("type")),
    Fault("has a type in bytes", scope=sets("type", str.encode)),
    Fault("has a type that there is not", scope=sets("type", lambda _: "gopher")),
    Fault("says nothing of ASGI", scope=lacks("asgi")),
    Fault("has no version of ASGI", scope=asgi(version=None)),
    Fault("has a version of ASGI that there is not", scope=asgi(version="9.9")),
    Fault("has a version of the specification that there is not", scope=asgi(spec_version="9.9")),
    Fault("has a key in bytes", scope=lambda found: found.update({b"x": 1})),
    Fault("has a query in a bytearray", scope=sets("query_string", bytearray)),
    Fault("has extensions in a list", scope=sets("extensions", list)),
    Fault("has an extension in bytes", scope=sets("extensions", lambda found: {**found, b"x": {}})),
    Fault("has an extension that is no dict", scope=sets("extensions", lambda found: {**found, "x": 1})),
    Fault("has an event that is no dict", received=first(lambda event: list(event.items()))),
    Fault("has an event without a type", received=first(lambda event: {"body": b""})),
    Fault("has an event with a set in it", received=first(lambda event: {**event, "x": {1}})),
    Fault("has an event of TLS", received=first(lambda event: {**event, "type": "tls.connect"})),
    Fault("has a method in bytes", scope=sets("method", str.encode)),
    Fault("has a scheme in bytes", scope=sets("scheme", str.encode)),
    Fault("has the scheme of another protocol", scope=sets("scheme", lambda _: "gopher")),
    Fault("has a version of HTTP in bytes", scope=sets("http_version", str.encode)),
    Fault("has a version of HTTP that there is not", scope=sets("http_version", lambda _: "1.2")),
    Fault(
        "has no port, and an old version",
        scope=lambda found: found.update(
            server=["localhost", None], asgi={"version": "3.0", "spec_version": "2.1"}
        ),
    ),
    Fault("has names in capitals", scope=headers(lambda pairs: [(name.title(), v) for name, v in pairs])),
    Fault("changes the values of headers", scope=headers(lambda pairs: [(n, v + b"x") for n, v in pairs])),
    Fault("has headers in another order", scope=headers(lambda pairs: pairs[::-1])),
    Fault("prefixes the raw path", scope=lambda found: found.update(raw_path=b"/site" + found["raw_path"])),
    Fault("leaves the method as it is sent", scope=sets("method", str.lower)),
    Fault("makes a GET of every method", scope=sets("method", lambda _: "GET")),
    Fault("has another version of HTTP", scope=sets("http_version", lambda _: "2")),
    Fault("has a version of HTTP that has no WebSockets", scope=sets("http_version", lambda _: "1.0")),
    Fault("has no version of HTTP", scope=lacks("http_version")),
    Fault("has another scheme", scope=sets("scheme", lambda _: "")),
    Fault(
        "takes TLS for clear text",
        scope=sets("scheme", lambda scheme: {"https": "http", "wss": "ws"}.get(scheme, scheme)),
    ),
    Fault("offers what it says of TLS in clear text", scope=offers_tls(TLS)),
    Fault("says nothing of TLS", scope=offers_tls({})),
    Fault("says of TLS what cannot be", scope=offers_tls(WRONG_TLS)),
    Fault("says of TLS what it does not know", scope=offers_tls(UNKNOWN_TLS)),
    Fault("does not know where it is mounted", scope=sets("root_path", lambda _: "")),
    Fault("tells two letters of the socket", scope=sets("server", lambda found: list(str(found[0])[:2]))),
    Fault("has a path in bytes", scope=sets("path", str.encode)),
    Fault(
        "leaves out the path behind the run", scope=sets("path", lambda path: "/".join(path.split("/")[:5]))
    ),
    Fault("decodes the path twice", scope=sets("path", unquote)),
    Fault(
        "leaves the path encoded", scope=lambda found: found.update(path=found["raw_path"].decode("latin-1"))
    ),
    Fault("leaves the query in the path", scope=query_in_path),
    Fault("decodes the raw path", scope=lambda found: found.update(raw_path=found["path"].encode())),
    Fault("has a raw path of text", scope=sets("raw_path", lambda path: path.decode("latin-1"))),
    Fault("has a query of text", scope=sets("query_string", lambda query: query.decode("latin-1"))),
    Fault("loses the query", scope=sets("query_string", lambda _: b"")),
    Fault("has a root path in bytes", scope=sets("root_path", str.encode)),
    Fault("has headers of text", scope=headers(as_text)),
    Fault("has headers in a dict", scope=sets("headers", dict)),
    Fault("joins headers", scope=headers(joined)),
    Fault(
        "has the host last", scope=headers(lambda pairs: sorted(pairs, key=lambda pair: pair[0] == b"host"))
    ),
    Fault("has two hosts", scope=headers(lambda pairs: [*pairs, (b"host", b"other.example")])),
    Fault("has pseudo-headers", scope=headers(lambda pairs: [*pairs, (b":path", b"/")])),
    Fault("has a client without a port", scope=sets("client", lambda found: found[:1])),
    Fault("has ports of text", scope=ports_of_text),
    Fault("has another client", scope=sets("client", lambda _: ["192.0.2.1", 1])),
    Fault("has a server that is a number", scope=sets("server", lambda _: [1, 1])),
    Fault("has a server in text", scope=sets("server", lambda _: "localhost")),
    Fault("has a state that is no dict", scope=lambda found: found.update(state=[])),
    Fault("has versions that are numbers", scope=sets("asgi", lambda _: {"version": 3, "spec_version": 2.5})),
    Fault("loses the subprotocols", scope=sets("subprotocols", lambda _: [])),
    Fault(
        "has subprotocols in bytes",
        scope=sets("subprotocols", lambda names: [name.encode() for name in names] or [b"x"]),
    ),
    Fault("loses bodies", received=field("http.request", "body", lambda _: b"")),
    Fault("loses pieces of bodies", received=field("http.request", "body", lambda body: body[:1])),
    Fault("has bodies of text", received=field("http.request", "body", lambda body: body.decode("latin-1"))),
    Fault("never promises more body", received=field("http.request", "more_body", lambda _: False)),
    Fault("has a promise that is a number", received=field("http.request", "more_body", int)),
    Fault(
        "has an event of another protocol",
        received=of_type("http.request", lambda event: {**event, "type": "http.body"}),
    ),
    Fault("has no http.disconnect", received=of_type("http.disconnect", lambda _: EMPTY)),
    Fault("disconnects at once", received=of_type("http.request", lambda _: {"type": "http.disconnect"})),
    Fault("changes the status", sent=field(RESPONSE, "status", lambda _: 299)),
    Fault("loses the headers of the response", sent=field(RESPONSE, "headers", lambda _: [])),
    Fault("has response headers in another order", sent=of_type(RESPONSE, reversed_headers)),
    Fault("loses the body of the response", sent=field(BODY, "body", lambda _: b"")),
    Fault("changes the body of the response", sent=field(BODY, "body", bytes.swapcase)),
    Fault("takes every piece for the last", sent=field(BODY, "more_body", lambda _: False)),
    Fault("sends nothing", written=lambda data: b""),
    Fault("cuts the connection", written=lambda data: None),
    Fault(
        "has no connect",
        received=of_type("websocket.connect", lambda _: {"type": "websocket.receive", "text": ""}),
    ),
    Fault("has texts in bytes", received=of_type("websocket.receive", as_bytes)),
    Fault("has both modes", received=of_type("websocket.receive", both_modes)),
    Fault("has neither mode", received=of_type("websocket.receive", lambda event: {"type": event["type"]})),
    Fault("changes messages", received=of_type("websocket.receive", swapped)),
    Fault(
        "has another code in websocket.disconnect",
        received=field("websocket.disconnect", "code", lambda _: 4999),
    ),
    Fault(
        "has no code in websocket.disconnect",
        received=of_type("websocket.disconnect", lambda event: {"type": event["type"]}),
    ),
    Fault(
        "has another reason in websocket.disconnect",
        received=field("websocket.disconnect", "reason", lambda _: "because"),
    ),
    Fault("has a code of text", received=field("websocket.disconnect", "code", str)),
    Fault("has a reason in bytes", received=field("websocket.disconnect", "reason", str.encode)),
    Fault("sends texts as bytes", sent=of_type("websocket.send", as_bytes)),
    Fault("sends other messages", sent=of_type("websocket.send", swapped)),
    Fault("does not send messages", sent=without("websocket.send")),
    Fault("sends another close code", sent=of_type("websocket.close", lambda event: {**event, "code": 4998})),
    Fault("sends no reason", sent=of_type("websocket.close", lambda event: {**event, "reason": ""})),
    Fault("does not send the close", sent=without("websocket.close")),
    Fault("accepts without headers", sent=field("websocket.accept", "headers", lambda _: [])),
    Fault("accepts without a subprotocol", sent=field("websocket.accept", "subprotocol", lambda _: None)),
    Fault(
        "accepts every WebSocket", sent=of_type("websocket.close", lambda event: {"type": "websocket.accept"})
    ),
    Fault(
        "refuses every WebSocket", sent=of_type("websocket.accept", lambda event: {"type": "websocket.close"})
    ),
    Fault(
        "changes the status of a refusal",
        sent=field("websocket.http.response.start", "status", lambda _: 499),
    ),
    Fault("loses the body of a refusal", sent=field("websocket.http.response.body", "body", lambda _: b"")),
]
