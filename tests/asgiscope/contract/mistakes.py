"""Mistakes that uvicorn tells an application of, by raising from `send`.

Each is a conversation in our notation, of which the last line is the one that uvicorn refuses.
"""

from typing import NamedTuple

HTTP_1 = H11, HTTPTOOLS, ZTTP = "h11", "httptools", "zttp"
ZTTP_2 = "zttp, HTTP/2"
SANSIO, WSPROTO = "websockets-sansio", "wsproto"


class Mistake(NamedTuple):
    """What an application says, the clause that this breaks, and the implementations that raise.

    Where none is named, all of them do. Where no clause is, they refuse what the specification allows.
    """

    told: str
    clause: str | None
    raised_by: tuple = ()


START = "send http.response.start status=200"
HEADER = "http.response.start.headers"
SEMANTICS = "http.semantics"
IN_HTTP = {
    "a body first": Mistake("send http.response.body body=b'a'", "http.response.start.before-body"),
    "two starts": Mistake(f"{START}\n{START}", "http.response.start.once"),
    "a type that is none": Mistake("send http.response.begin status=200", "http.event.send-types"),
    "a type that is none, after the start": Mistake(
        f"{START}\nsend http.response.flush", "http.event.send-types"
    ),
    "a type of another protocol": Mistake("send websocket.accept", "http.event.send-types"),
    "a body after the last": Mistake(
        f"{START}\nsend http.response.body\nsend http.response.body", "http.response.body.app-stops"
    ),
    "a start after the last body": Mistake(
        f"{START}\nsend http.response.body\n{START}", "http.response.start.once"
    ),
    # Extensions that were not offered.
    "an early hint": Mistake(
        "send http.response.early_hint links=[b'</a>']",
        "ext.http.response.early_hint.gate",
        HTTP_1,
    ),
    "debug information": Mistake("send http.response.debug info={}", "ext.http.response.debug.gate"),
    "a push": Mistake(f"{START}\nsend http.response.push path='/' headers=[]", "ext.http.response.push.gate"),
    "a path": Mistake(
        f"{START}\n    content-type: text/plain\nsend http.response.pathsend path='/a'",
        "ext.http.response.pathsend.gate",
    ),
    "a file": Mistake(
        f"{START}\nsend http.response.zerocopysend file=FILE", "ext.http.response.zerocopysend.gate"
    ),
    "trailers": Mistake(
        f"{START}\nsend http.response.body\nsend http.response.trailers headers=[]",
        "ext.http.response.trailers.gate",
        HTTP_1,
    ),
    # The length of the body.
    "a body that is too long": Mistake(
        f"{START}\n    content-length: 1\nsend http.response.body body=b'ab'", f"{SEMANTICS}.content-length"
    ),
    "pieces that are too long": Mistake(
        f"{START}\n    content-length: 1\nsend http.response.body body=b'a' more_body=True\n"
        "send http.response.body body=b'b'",
        f"{SEMANTICS}.content-length",
    ),
    "a body that is too short": Mistake(
        f"{START}\n    content-length: 3\nsend http.response.body body=b'ab'", f"{SEMANTICS}.content-length"
    ),
    "a body with 204": Mistake(
        "send http.response.start status=204\nsend http.response.body body=b'a'",
        f"{SEMANTICS}.bodiless-status",
        (H11, HTTPTOOLS),
    ),
    "a body with 304": Mistake(
        "send http.response.start status=304\nsend http.response.body body=b'a'",
        f"{SEMANTICS}.bodiless-status",
        (H11, HTTPTOOLS),
    ),
    "a length in words": Mistake(f"{START}\n    content-length: five", f"{SEMANTICS}.content-length.digits"),
    "a length below zero": Mistake(
        f"{START}\n    content-length: -1", f"{SEMANTICS}.content-length.digits", (H11, ZTTP)
    ),
    "a length beyond all bodies": Mistake(
        f"{START}\n    content-length: {10**21}", f"{SEMANTICS}.content-length.digits", (H11, ZTTP)
    ),
    "two lengths": Mistake(
        f"{START}\n    content-length: 1\n    content-length: 2",
        f"{SEMANTICS}.content-length.one",
        (H11, ZTTP),
    ),
    # Headers.
    "a name with a space": Mistake(f"{START}\n    x a: b", f"{SEMANTICS}.header.name"),
    "a name with a control character": Mistake(
        f"{START} headers=[(b'x\\x01', b'a')]", f"{SEMANTICS}.header.name"
    ),
    "a name outside ASCII": Mistake(f"{START}\n    xé: a", f"{SEMANTICS}.header.name", (H11, ZTTP, ZTTP_2)),
    "an empty name": Mistake(
        f"{START} headers=[(b'', b'a')]", f"{SEMANTICS}.header.name", (H11, ZTTP, ZTTP_2)
    ),
    "a pseudo header": Mistake(f"{START}\n    :status: 200", f"{HEADER}.no-pseudo"),
    "two headers in one": Mistake(f"{START} headers=[(b'x', b'a\\r\\ny: b')]", f"{SEMANTICS}.header.value"),
    "a value with a NUL": Mistake(f"{START} headers=[(b'x', b'a\\0')]", f"{SEMANTICS}.header.value"),
    "a value with a control character": Mistake(
        f"{START} headers=[(b'x', b'a\\x01')]", f"{SEMANTICS}.header.value", (HTTPTOOLS, ZTTP, ZTTP_2)
    ),
    "a value with a DEL": Mistake(
        f"{START} headers=[(b'x', b'a\\x7f')]", f"{SEMANTICS}.header.value", (HTTPTOOLS, ZTTP, ZTTP_2)
    ),
    "a value that begins with a space": Mistake(
        f"{START} headers=[(b'x', b' a')]", f"{SEMANTICS}.header.value", (H11,)
    ),
    "a value that ends with a tab": Mistake(
        f"{START} headers=[(b'x', b'a\\t')]", f"{SEMANTICS}.header.value", (H11,)
    ),
    "a name in text": Mistake(f"{START} headers=[('x', b'a')]", f"{HEADER}.bytes", (HTTPTOOLS, ZTTP, ZTTP_2)),
    "a value in text": Mistake(
        f"{START} headers=[(b'x', 'a')]", f"{HEADER}.bytes", (HTTPTOOLS, ZTTP, ZTTP_2)
    ),
    "a value in text outside ASCII": Mistake(f"{START} headers=[(b'x', 'é')]", f"{HEADER}.bytes"),
    "a value that is a number": Mistake(f"{START} headers=[(b'content-length', 1)]", f"{HEADER}.bytes"),
    "headers in a dict": Mistake(f"{START} headers={{'content-type': 'text/plain'}}", f"{HEADER}.shape"),
    "headers that are None": Mistake(f"{START} headers=None", f"{HEADER}.shape"),
    "a header that is no pair": Mistake(f"{START} headers=[b'x: a']", f"{HEADER}.shape"),
    # The status.
    "no status": Mistake("send http.response.start", "http.response.start.status.type"),
    "a status in text": Mistake("send http.response.start status='200'", "http.response.start.status.type"),
    "a status with a point": Mistake(
        "send http.response.start status=200.0", "http.response.start.status.type", (H11, ZTTP, ZTTP_2)
    ),
    "a status below 100": Mistake("send http.response.start status=99", f"{SEMANTICS}.status.range"),
    "a status above 599": Mistake("send http.response.start status=600", f"{SEMANTICS}.status.range"),
    "a status of four digits": Mistake("send http.response.start status=1000", f"{SEMANTICS}.status.range"),
    "a status that is not final": Mistake(
        "send http.response.start status=103", f"{SEMANTICS}.status.final", (H11,)
    ),
    # Values.
    "a body in text": Mistake(f"{START}\nsend http.response.body body='a'", "http.response.body.body.type"),
    "a body that is a number": Mistake(
        f"{START}\nsend http.response.body body=1", "http.response.body.body.type"
    ),
    "no event": Mistake("send = None", "general.event.is-dict"),
    "an event that is no dict": Mistake("send = ['http.response.start']", "general.event.is-dict"),
    "an event without a type": Mistake("send = {'status': 200}", "general.event.type"),
    "a type in bytes": Mistake(
        "send = {'type': b'http.response.start', 'status': 200}", "general.event.type"
    ),
    # What the specification lets an application do.
    "a coding of its own": Mistake(f"{START}\n    transfer-encoding: gzip", None, (H11, ZTTP)),
    "two codings": Mistake(
        f"{START}\n    transfer-encoding: chunked\n    transfer-encoding: chunked", None, (H11, ZTTP)
    ),
}

OWES = f"{START} trailers=True\n    trailer: x-a\nsend http.response.body"
TRAILERS = "ext.http.response.trailers"
IN_HTTP_2 = IN_HTTP | {
    "a body for trailers": Mistake(f"{OWES}\nsend http.response.body", "http.response.body.app-stops"),
    "trailers for a body": Mistake(
        f"{START} trailers=True\nsend http.response.trailers headers=[]", f"{TRAILERS}.after-body"
    ),
    "trailers that nobody was promised": Mistake(
        f"{START}\nsend http.response.body\nsend http.response.trailers headers=[]", f"{TRAILERS}.flag"
    ),
    "trailers after the last": Mistake(
        f"{OWES}\nsend http.response.trailers headers=[]\nsend http.response.trailers headers=[]",
        "http.response.body.app-stops",
    ),
    "trailers without headers": Mistake(f"{OWES}\nsend http.response.trailers", f"{TRAILERS}.headers"),
    "trailers in text": Mistake(
        f"{OWES}\nsend http.response.trailers headers=[('x-a', b'a')]", f"{TRAILERS}.headers"
    ),
    "a pseudo header in trailers": Mistake(
        f"{OWES}\nsend http.response.trailers\n    :status: 200", f"{TRAILERS}.headers-no-pseudo"
    ),
    "an early hint without links": Mistake(
        "send http.response.early_hint", "ext.http.response.early_hint.links"
    ),
    "an early hint in text": Mistake(
        "send http.response.early_hint links=['</a>']", "ext.http.response.early_hint.links"
    ),
    "an early hint of two headers": Mistake(
        "send http.response.early_hint links=[b'</a>\\r\\nx: a']", f"{SEMANTICS}.header.value"
    ),
}

CONNECT = "receive websocket.connect"
ACCEPT = f"{CONNECT}\nsend websocket.accept"
CLOSE = f"{ACCEPT}\nsend websocket.close"
DENY = f"{CONNECT}\nsend websocket.http.response.start status=403 headers=[]"
DENIAL = "ext.websocket.http.response"
IN_WEBSOCKET = {
    "a message first": Mistake(f"{CONNECT}\nsend websocket.send text='a'", "websocket.send.after-accept"),
    "two accepts": Mistake(f"{ACCEPT}\nsend websocket.accept", "websocket.accept.once"),
    "a message after the close": Mistake(
        f"{CLOSE}\nsend websocket.send text='a'", "websocket.send.not-after-close"
    ),
    "two closes": Mistake(f"{CLOSE}\nsend websocket.close", "websocket.close.once"),
    "an accept after the close": Mistake(
        f"{CONNECT}\nsend websocket.close\nsend websocket.accept", "websocket.accept.once"
    ),
    "a type that is none": Mistake(f"{CONNECT}\nsend websocket.open", "websocket.event.send-types"),
    "a type that is none, when accepted": Mistake(
        f"{ACCEPT}\nsend websocket.ping", "websocket.event.send-types"
    ),
    "a type of another protocol": Mistake(
        f"{CONNECT}\nsend http.response.start status=200", "websocket.event.send-types"
    ),
    "a message after the disconnect": Mistake(
        f"{ACCEPT}\nreceive websocket.disconnect\nsend websocket.send text='a'",
        "websocket.disconnect.expect-send-error",
    ),
    "a close after the disconnect": Mistake(
        f"{ACCEPT}\nreceive websocket.disconnect\nsend websocket.close", "websocket.close.once", (WSPROTO,)
    ),
    # Denials.
    "the body of a denial first": Mistake(
        f"{CONNECT}\nsend websocket.http.response.body body=b'a'", f"{DENIAL}.start-structure"
    ),
    "a denial with a status below 100": Mistake(
        f"{CONNECT}\nsend websocket.http.response.start status=99", f"{SEMANTICS}.status.range"
    ),
    "a denial with a status above 599": Mistake(
        f"{CONNECT}\nsend websocket.http.response.start status=600", f"{SEMANTICS}.status.range"
    ),
    "a denial with a status in text": Mistake(
        f"{CONNECT}\nsend websocket.http.response.start status='403'", f"{DENIAL}.start-structure"
    ),
    "a denial with a header in text": Mistake(
        f"{CONNECT}\nsend websocket.http.response.start status=403 headers=[('x', 'a')]",
        f"{DENIAL}.start-structure",
        (SANSIO,),
    ),
    "a denial with a body in text": Mistake(
        f"{DENY}\nsend websocket.http.response.body body='a'", f"{DENIAL}.body-structure"
    ),
    "an accept after a denial": Mistake(f"{DENY}\nsend websocket.accept", f"{DENIAL}.exclusive"),
    "a close after a denial": Mistake(
        f"{DENY}\nsend websocket.http.response.body body=b'a'\nsend websocket.close", f"{DENIAL}.exclusive"
    ),
    "a body after a denial": Mistake(
        f"{DENY}\nsend websocket.http.response.body body=b'a'\nsend websocket.http.response.body body=b'b'",
        f"{DENIAL}.exclusive",
    ),
    "a denial after the accept": Mistake(
        f"{ACCEPT}\nsend websocket.http.response.start status=403 headers=[]", f"{DENIAL}.after-connect"
    ),
    # Values.
    "a message of nothing": Mistake(
        f"{ACCEPT}\nsend websocket.send", "websocket.send.exactly-one", (WSPROTO,)
    ),
    "a text in bytes": Mistake(
        f"{ACCEPT}\nsend websocket.send text=b'a'", "websocket.send.text.type", (SANSIO,)
    ),
    "bytes in text": Mistake(
        f"{ACCEPT}\nsend websocket.send bytes='a'", "websocket.send.bytes.type", (SANSIO,)
    ),
    "a close for no reason": Mistake(
        f"{ACCEPT}\nsend websocket.close code=1005", "websocket.close.code.value", (SANSIO,)
    ),
    "a close with a code of nobody's": Mistake(
        f"{ACCEPT}\nsend websocket.close code=2000", "websocket.close.code.value", (SANSIO,)
    ),
    "a close with a code of 17 bits": Mistake(
        f"{ACCEPT}\nsend websocket.close code=70000", "websocket.close.code.value"
    ),
    "a close with a code in text": Mistake(
        f"{ACCEPT}\nsend websocket.close code='1000'", "websocket.close.code.type"
    ),
    "a close with a long reason": Mistake(
        f"{ACCEPT}\nsend websocket.close reason={'a' * 124!r}", "websocket.close.reason.length", (SANSIO,)
    ),
    "a close with a reason in bytes": Mistake(
        f"{ACCEPT}\nsend websocket.close reason=b'a'", "websocket.close.reason.type"
    ),
    "an accept with a header in text": Mistake(
        f"{CONNECT}\nsend websocket.accept headers=[('x', 'a')]", "websocket.accept.headers.bytes", (SANSIO,)
    ),
    "an accept with two headers in one": Mistake(
        f"{CONNECT}\nsend websocket.accept headers=[(b'x', b'a\\r\\ny: b')]", f"{SEMANTICS}.header.value"
    ),
    "an accept with a space in a name": Mistake(
        f"{CONNECT}\nsend websocket.accept\n    x a: b", f"{SEMANTICS}.header.name", (WSPROTO,)
    ),
    "an accept with headers in a dict": Mistake(
        f"{CONNECT}\nsend websocket.accept headers={{'x-a': 'b'}}", "websocket.accept.headers.shape"
    ),
    "an accept with headers that are None": Mistake(
        f"{CONNECT}\nsend websocket.accept headers=None", "websocket.accept.headers.shape"
    ),
    "a subprotocol that was not offered": Mistake(
        f"{CONNECT}\nsend websocket.accept subprotocol='chat'",
        "websocket.accept.subprotocol.offered",
        (WSPROTO,),
    ),
    "a subprotocol in bytes": Mistake(
        f"{CONNECT}\nsend websocket.accept subprotocol=b'chat'",
        "websocket.accept.subprotocol.type",
        (WSPROTO,),
    ),
    "an event that is no dict": Mistake(f"{CONNECT}\nsend = 'websocket.accept'", "general.event.is-dict"),
    "an event without a type": Mistake(f"{CONNECT}\nsend = {{}}", "general.event.type"),
    # What the specification lets an application do.
    "a denial without headers": Mistake(
        f"{CONNECT}\nsend websocket.http.response.start status=403", None, (WSPROTO,)
    ),
    "a denial without a body": Mistake(f"{DENY}\nsend websocket.http.response.body", None),
}

STARTS = "receive lifespan.startup"
STARTED = f"{STARTS}\nsend lifespan.startup.complete"
STOPS = f"{STARTED}\nreceive lifespan.shutdown"
IN_LIFESPAN = {
    "a type that is none": Mistake(f"{STARTS}\nsend lifespan.startup.begun", "lifespan.event.send-types"),
    "a start after the start": Mistake(
        f"{STARTED}\nsend lifespan.startup.complete", "lifespan.startup.answered"
    ),
    "a failure after the start": Mistake(
        f"{STARTED}\nsend lifespan.startup.failed", "lifespan.startup.answered"
    ),
    "a start after a failure": Mistake(
        f"{STARTS}\nsend lifespan.startup.failed\nsend lifespan.startup.complete", "lifespan.startup.answered"
    ),
    "a stop before the start": Mistake(
        f"{STARTS}\nsend lifespan.shutdown.complete", "lifespan.shutdown.answered"
    ),
    "a failure to stop before the start": Mistake(
        f"{STARTS}\nsend lifespan.shutdown.failed", "lifespan.shutdown.answered"
    ),
    "two stops": Mistake(
        f"{STOPS}\nsend lifespan.shutdown.complete\nsend lifespan.shutdown.complete",
        "lifespan.shutdown.answered",
    ),
    "a failure to stop after the stop": Mistake(
        f"{STOPS}\nsend lifespan.shutdown.complete\nsend lifespan.shutdown.failed",
        "lifespan.shutdown.answered",
    ),
    "a start when it stops": Mistake(f"{STOPS}\nsend lifespan.startup.complete", "lifespan.startup.answered"),
    "a failure to start when it stops": Mistake(
        f"{STOPS}\nsend lifespan.startup.failed", "lifespan.startup.answered"
    ),
    "an event that is no dict": Mistake(f"{STARTS}\nsend = None", "general.event.is-dict"),
    "an event without a type": Mistake(f"{STARTS}\nsend = {{}}", "general.event.type"),
}
