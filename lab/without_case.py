"""Clauses that a socket could show, and that have no case: why."""

from collections.abc import Mapping

NO_TLS = "It is about what `tls` says in a scope, and no server here offers it: tls.entry-dict/ordinary asks."
NO_ZERO_COPY = "No server here offers http.response.zerocopysend: general.extensions.value-dict looks at all."
UNSEEN = "What a server implements and does not say cannot be told from what it lacks."
WRONG = "What a server does with a wrong event is the second table: python -m lab --wrong."
NO_CODE = "A root path is given to a server as it is to be told: there is nothing to decode in it."
NO_SUCH_VALUE = (
    "The events of a server have bytes, texts, codes and flags in them, and nothing that this is about."
)

WITHOUT: Mapping[str, str] = {
    "general.receive.awaitable-callable": "Every case awaits it, and would break off.",
    "general.send.awaitable-callable": "Every case awaits it, and would break off.",
    "general.www.spec-version.truthful": "Every feature has its own case, with the version that brought it.",
    "general.event.type.namespaced": "Another type is found by http.event.receive-types and its like.",
    "general.event.value.int64": NO_SUCH_VALUE,
    "general.event.value.float-finite": NO_SUCH_VALUE,
    "general.event.value.tuples-as-lists": NO_SUCH_VALUE,
    "general.event.value.dict-keys": NO_SUCH_VALUE,
    "general.server.send-rejects-unknown-type": WRONG,
    "general.server.send-rejects-missing-keys": WRONG,
    "general.server.send-rejects-wrong-types": WRONG,
    "general.extensions.advertise": UNSEEN,
    "http.scope.root_path.decoded": NO_CODE,
    "http.scope.headers.case-best-effort": "A best effort is one that no server can fail.",
    "websocket.server.keepalive-ping": "When one is needed is for the server to say, and long after a case.",
    "websocket.scope.headers.case-best-effort": "A best effort is one that no server can fail.",
    "websocket.receive.bytes.type": "websocket.receive.mode/bytes compares the type with the value.",
    "websocket.receive.text.type": "websocket.receive.mode/text compares the type with the value.",
    "lifespan.per-thread": "No server here serves in several threads with an event loop each.",
    "tls.only-with-base": NO_TLS,
    "tls.client_cert_chain.order": NO_TLS,
    "tls.client_cert_error.none": NO_TLS,
    "tls.client_cert_error.non-empty": NO_TLS,
    "ext.websocket.http.response.advertised": UNSEEN,
    "ext.http.response.push.advertised": UNSEEN,
    "ext.http.response.zerocopysend.advertised": NO_ZERO_COPY,
    "ext.http.response.zerocopysend.like-body": NO_ZERO_COPY,
    "ext.http.response.zerocopysend.offset-default": NO_ZERO_COPY,
    "ext.http.response.zerocopysend.count-default": NO_ZERO_COPY,
    "ext.http.response.pathsend.advertised": UNSEEN,
    "ext.http.response.early_hint.advertised": UNSEEN,
    "ext.http.response.trailers.advertised": UNSEEN,
    "ext.http.response.debug.advertised": "It is for test clients, and theirs are not asked to have it.",
}
"""By the id of the clause."""
