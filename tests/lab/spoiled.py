"""Which cases find which fault: by the name of the fault, those that fail because of it.

test_coverage.py has the other places where cases are known to fail.
"""

CASES_BY_FAULT = {
    "has a scope that is no dict": """
        general.scope.is-dict/request general.scope.is-dict/websocket
        general.server.terminates-on-app-error/before-the-start
        general.server.terminates-on-app-error/next-request tls.entry-dict/ordinary
        tls.client_cert_name.rfc4514/ordinary tls.client_cert_name.with-chain/ordinary
        tls.cipher_suite.none/ordinary tls.no-new-events/ordinary
    """,
    "has no type": """
        general.scope.type.present/request general.scope.type.present/websocket
    """,
    "has a type in bytes": """
        general.scope.type.unicode/request general.scope.type.unicode/websocket
    """,
    "has a type that there is not": """
        http.scope.type/request websocket.scope.type/short-key websocket.scope.type/no-upgrade
        websocket.scope.type/no-connection websocket.scope.type/other-upgrade websocket.scope.type/post
        websocket.scope.type/capitals
    """,
    "says nothing of ASGI": """
        general.scope.asgi.present/request general.scope.asgi.present/websocket
    """,
    "has no version of ASGI": """
        general.scope.asgi.version.present/request general.scope.asgi.version.present/websocket
    """,
    "has a version of ASGI that there is not": """
        general.scope.asgi.version.values/request general.scope.asgi.version.values/websocket
    """,
    "has a version of the specification that there is not": """
        general.scope.asgi.spec-version.independent/request
        general.scope.asgi.spec-version.independent/websocket
    """,
    "has a key in bytes": """
        general.keys.unicode/request general.keys.unicode/websocket
    """,
    "has a query in a bytearray": """
        http.scope.query_string.type/ordinary websocket.scope.query_string.type/ordinary
    """,
    "has extensions in a list": """
        general.extensions.dict/ordinary
    """,
    "has an extension in bytes": """
        general.extensions.name-unicode/request general.extensions.name-unicode/websocket
    """,
    "has an extension that is no dict": """
        general.extensions.value-dict/ordinary
    """,
    "has an event that is no dict": """
        general.event.is-dict/request general.event.is-dict/websocket
        http.disconnect.after-close/hang-up-in-the-body http.disconnect.after-close/reset-in-the-body
        http.send.closed-raises/hang-up general.server.post-close-noop/response
        websocket.connect.hold-handshake/client-leaves websocket.send.closed-raises/vanished
        websocket.send.closed-oserror/vanished general.server.post-close-noop/websocket
        websocket.receive.order/then-vanish
    """,
    "has an event without a type": """
        general.event.type/request general.event.type/websocket
    """,
    "has an event with a set in it": """
        general.event.value.allowed-types/request general.event.value.allowed-types/websocket
    """,
    "has an event of TLS": """
        general.scope.type.defined-value/websocket general.strings.exact-types/websocket
        websocket.scope.path.type/ordinary websocket.scope.headers.shape/ordinary
        websocket.scope.headers.bytes/ordinary websocket.event.receive-types/ordinary
        websocket.server.ping-pong/payload websocket.server.ping-pong/empty
        websocket.disconnect.client-close/1000 websocket.disconnect.socket-loss/vanish
        websocket.disconnect.socket-loss/reset websocket.disconnect.socket-loss/before-the-accept
        websocket.scope.lifetime/closed websocket.disconnect.socket-loss/end-of-stream
    """,
    "has a method in bytes": """
        http.scope.method.type/ordinary
    """,
    "has a scheme in bytes": """
        http.scope.scheme.type/ordinary websocket.scope.scheme.type/ordinary
    """,
    "has the scheme of another protocol": """
        http.scope.scheme.value/ordinary websocket.scope.scheme.value/ordinary
    """,
    "has a version of HTTP in bytes": """
        websocket.scope.http_version.type/ordinary
    """,
    "has a version of HTTP that there is not": """
        http.scope.http_version.values/ordinary
    """,
    "has no port, and an old version": """
        http.scope.server.none-port-gate/ordinary
    """,
    "has names in capitals": """
        http.scope.headers.lowercase/title-case websocket.scope.headers.lowercase/title-case
    """,
    "changes the values of headers": """
        http.scope.headers.exact-value-bytes/latin-1 http.scope.headers.exact-value-bytes/inside
        http.scope.headers.exact-value-bytes/empty
    """,
    "has headers in another order": """
        http.scope.headers.value-order/three websocket.scope.headers.order/three
    """,
    "prefixes the raw path": """
        http.scope.raw_path.unmodified/mounted websocket.scope.raw_path.unmodified/mounted
    """,
    "leaves the method as it is sent": """
        http.scope.method.uppercase/small-letters http.scope.method.uppercase/unknown
    """,
    "makes a GET of every method": """
        http.scope.method.uppercase/unknown
    """,
    "has another version of HTTP": """
        http.scope.http_version.matches/1.0 http.scope.http_version.matches/same
    """,
    "has a version of HTTP that has no WebSockets": """
        websocket.scope.http_version.values/ordinary websocket.scope.http_version.values/same
    """,
    "has no version of HTTP": """
        http.scope.http_version.type/ordinary
    """,
    "has another scheme": """
        http.scope.scheme.non-empty/ordinary websocket.scope.scheme.non-empty/ordinary
    """,
    "takes TLS for clear text": """
        http.scope.scheme.value/tls websocket.scope.scheme.value/tls
    """,
    "offers what it says of TLS in clear text": """
        general.extensions.per-scope/tls-in-clear tls.only-on-tls/in-clear
    """,
    "says nothing of TLS": """
        tls.server_cert.mandatory/ordinary tls.tls_version.mandatory/ordinary
        tls.cipher_suite.mandatory/ordinary
    """,
    "says of TLS what cannot be": """
        tls.server_cert.pem/ordinary tls.client_cert_chain.type/ordinary tls.client_cert_name.type/ordinary
        tls.client_cert_error.type/ordinary tls.tls_version.value/ordinary tls.cipher_suite.value/ordinary
    """,
    "says of TLS what it does not know": """
        tls.server_cert.none-if-unknown/ordinary tls.client_cert_chain.empty/ordinary
        tls.client_cert_name.none/ordinary tls.tls_version.none/ordinary
    """,
    "does not know where it is mounted": """
        http.scope.root_path.mount-point/mounted http.scope.root_path.prefix-of-path/mounted
        websocket.scope.root_path.type/mounted
    """,
    "tells two letters of the socket": """
        http.scope.server.unix/socket websocket.scope.server.unix/socket
    """,
    "has a path in bytes": """
        http.scope.path.type/ordinary
    """,
    "leaves out the path behind the run": """
        http.scope.path.no-query/question-mark
    """,
    "decodes the path twice": """
        http.scope.path.percent-decoded/slash websocket.scope.path.percent-decoded/slash
    """,
    "leaves the path encoded": """
        http.scope.path.percent-decoded/blank http.scope.path.decoded-utf8/percent
        websocket.scope.path.percent-decoded/blank websocket.scope.path.decoded-utf8/percent
    """,
    "leaves the query in the path": """
        http.scope.path.no-query/question-mark http.scope.path.no-query/encoded-question-mark
    """,
    "decodes the raw path": """
        http.scope.raw_path.unmodified/percent websocket.scope.raw_path.unmodified/percent
    """,
    "has a raw path of text": """
        http.scope.raw_path.type/ordinary http.scope.raw_path.unmodified/dots
        http.scope.raw_path.no-query/query http.request.decoded-content/trailers
        websocket.scope.raw_path.type/ordinary websocket.scope.raw_path.no-query/query
    """,
    "has a query of text": """
        http.scope.query_string.type/ordinary http.scope.query_string.raw/percent
        http.scope.query_string.empty/none http.scope.query_string.empty/only-question-mark
        websocket.scope.query_string.type/ordinary websocket.scope.query_string.type/none
    """,
    "loses the query": """
        http.scope.query_string.raw/percent http.scope.query_string.raw/second-question-mark
        websocket.scope.path.no-query/question-mark websocket.scope.query_string.type/raw
    """,
    "has a root path in bytes": """
        http.scope.root_path.type/ordinary websocket.scope.root_path.type/ordinary
    """,
    "has headers of text": """
        http.scope.headers.bytes/ordinary
    """,
    "has headers in a dict": """
        http.scope.headers.shape/ordinary ext.http.response.early_hint.attempt/two-links
        ext.http.response.trailers.te-required/not-asked-for
    """,
    "joins headers": """
        http.scope.headers.duplicates/twice websocket.scope.headers.duplicates/twice
    """,
    "has the host last": """
        websocket.scope.headers.authority-first/host
    """,
    "has two hosts": """
        websocket.scope.headers.authority-replaces-host/both
    """,
    "has pseudo-headers": """
        http.scope.headers.no-pseudo/ordinary websocket.scope.headers.no-pseudo/ordinary
    """,
    "has a client without a port": """
        http.scope.client.shape/ordinary websocket.scope.client/ordinary http.scope.client.shape/socket
    """,
    "has ports of text": """
        http.scope.client.port/ordinary http.scope.server.port/ordinary
    """,
    "has another client": """
        http.scope.client.host/loopback
    """,
    "has a server that is a number": """
        http.scope.server.host/ordinary
    """,
    "has a server in text": """
        http.scope.server.shape/ordinary websocket.scope.server/ordinary
    """,
    "has a state that is no dict": """
        http.scope.state.type/ordinary websocket.scope.state.type/ordinary
    """,
    "has versions that are numbers": """
        general.scope.asgi.version.unicode/request general.scope.asgi.version.unicode/websocket
        http.scope.asgi.spec-version.type/ordinary websocket.scope.asgi.spec-version.type/ordinary
    """,
    "loses the subprotocols": """
        websocket.scope.subprotocols.content/list websocket.scope.subprotocols.content/two-headers
    """,
    "has subprotocols in bytes": """
        websocket.scope.subprotocols.type/ordinary websocket.scope.subprotocols.content/none
    """,
    "loses bodies": """
        http.request.body.complete/length http.request.body.complete/without-length
        http.request.body.complete/every-byte http.request.body.complete/megabyte
        http.request.body.complete/slow-application http.request.body.complete/with-the-head
        http.request.body.complete/byte-by-byte http.request.body.complete/ends-at-its-length
        http.request.body.complete/gzip http.request.body.complete/get-with-body
        http.request.body.complete/http-1.0 http.request.body.complete/expect-continue
        http.server.dechunk-request/coding-in-capitals http.request.decoded-content/chunks-then-request
    """,
    "loses pieces of bodies": """
        http.request.body.complete/gzip http.server.dechunk-request/extensions
    """,
    "has bodies of text": """
        http.request.body.type/ordinary
    """,
    "never promises more body": """
        http.request.body.complete/megabyte http.server.dechunk-request/three-chunks
        http.server.dechunk-request/cut-anywhere http.server.dechunk-request/size-in-capitals
    """,
    "has a promise that is a number": """
        http.request.more_body.type/ordinary http.request.none-after-final/waits
    """,
    "has an event of another protocol": """
        http.event.receive-types/ordinary http.scope.long-poll/held-open
        http.request.sent/post-without-length http.request.sent/length-of-zero http.request.sent/no-chunks
        http.disconnect.after-close/hang-up-while-waiting http.disconnect.after-close/reset-while-waiting
        http.disconnect.after-close/hang-up-in-the-response
        http.disconnect.after-close/reset-in-the-response http.disconnect.after-response/twice
    """,
    "has no http.disconnect": """
        http.disconnect.after-response/get
    """,
    "disconnects at once": """
        http.request.sent/get
    """,
    "changes the status": """
        general.scope.type.defined-value/request general.strings.exact-types/request
        http.scope.state.copy/two-requests http.request.body.complete/expect-and-refused
        http.response.start.status.wire/201 http.response.start.status.wire/226
        http.response.start.status.wire/404 http.response.start.status.wire/418
        http.response.start.status.wire/451 http.response.start.status.wire/500
        http.response.start.status.wire/599 http.response.body.body.default/missing
        http.response.body.completes/204 http.response.body.completes/304 http.response.body.completes/head
        http.response.body.completes/head-without-length http.server.transfer-encoding-owner/204
        ext.http.response.debug.not-in-servers/offered http.scope.root_path.mount-point/header-of-a-client
    """,
    "loses the headers of the response": """
        http.response.start.headers.order/four http.response.start.headers.exact-bytes/blanks-inside
        http.response.start.headers.exact-bytes/latin-1 http.response.start.headers.exact-bytes/empty
        http.response.start.headers.exact-bytes/long http.response.start.headers.exact-bytes/date
        http.response.start.headers.exact-bytes/server http.headers.transport-exact/response-twice
        http.response.start.headers.default/list-of-lists http.response.start.content-encoding-app/gzip
    """,
    "has response headers in another order": """
        http.response.start.headers.order/four http.response.start.headers.order/same-name
        http.headers.set-cookie-no-merge/three
    """,
    "loses the body of the response": """
        http.scope.single-request/body-left http.scope.single-request/body-comes-late
        http.response.body.body.concatenated/three
    """,
    "changes the body of the response": """
        http.scope.single-request/keep-alive http.scope.single-request/pipelined
        http.scope.starts-at-request/before-the-body http.response.start.status.wire/299
        http.response.start.headers.default/missing http.response.start.transfer-encoding-ignored/chunked
        http.response.start.transfer-encoding-ignored/with-length
        http.response.start.content-encoding-app/none http.response.start.no-flush-needed/start
        http.response.body.body.default/missing-and-more http.response.body.more_body.default/missing
        http.response.body.body.concatenated/three http.response.body.body.concatenated/empty-in-between
        http.response.body.body.concatenated/with-length http.response.body.body.concatenated/megabyte
        http.response.body.flush/first-before-second http.response.body.after-complete-ignored/second-body
        http.response.body.after-complete-ignored/chunked
        http.response.body.after-complete-ignored/second-start http.response.body.completes/length
        http.response.body.completes/close http.response.body.completes/client-closes
        http.response.body.completes/head-then-get http.server.may-chunk-response/no-length
        http.server.may-chunk-response/one-piece http.disconnect.after-close/half-close
        http.disconnect.after-response/connection-kept http.disconnect.after-response/body-unread
        general.server.tolerates-extra-keys/response ext.http.response.early_hint.may-ignore/not-offered
        http.response.start.trailers.default/missing
    """,
    "takes every piece for the last": """
        http.response.body.body.concatenated/three http.response.body.body.concatenated/thousand
        http.server.transfer-encoding-owner/http-1.0 http.send.closed-oserror/hang-up
        general.send.returns-when-done/slow-client general.send.returns-when-done/slow-client-goes-on
    """,
    "sends nothing": """
        http.response.start.status.wire/404
    """,
    "cuts the connection": """
        http.response.start.status.wire/404
    """,
    "has no connect": """
        websocket.connect.first/connect websocket.receive.order/behind-the-close
    """,
    "has texts in bytes": """
        websocket.receive.mode/text websocket.receive.mode/empty-text websocket.receive.order/hundred
    """,
    "has both modes": """
        websocket.receive.mode/bytes websocket.receive.mode/empty-bytes
        websocket.receive.exactly-one/both-kinds
    """,
    "has neither mode": """
        websocket.receive.exactly-one/both-kinds
    """,
    "changes messages": """
        websocket.receive.order/long-text websocket.receive.order/quarter-of-a-mebibyte
        websocket.server.defragments/three-frames websocket.server.defragments/inside-a-character
        websocket.server.defragments/empty-frames websocket.server.defragments/ping-in-between
        websocket.server.defragments/byte-by-byte websocket.server.ping-pong/pong-unasked
        websocket.receive.order/then-close
    """,
    "has another code in websocket.disconnect": """
        websocket.disconnect.code.value/1000 websocket.disconnect.code.value/1001
        websocket.disconnect.code.value/3000 websocket.disconnect.code.1005/no-code
    """,
    "has no code in websocket.disconnect": """
        websocket.disconnect.code.type/ordinary
    """,
    "has another reason in websocket.disconnect": """
        websocket.disconnect.reason.value/ascii websocket.disconnect.reason.value/beyond-ascii
    """,
    "has a code of text": """
        websocket.disconnect.code.type/ordinary websocket.disconnect.code.value/4999
    """,
    "has a reason in bytes": """
        websocket.disconnect.reason.type/ordinary
    """,
    "sends texts as bytes": """
        websocket.send.mode/text websocket.send.empty-message/text websocket.send.mode/hundred
        websocket.send.mode/quarter-of-a-mebibyte
    """,
    "sends other messages": """
        websocket.send.mode/text websocket.send.missing-is-none/bytes-none
        websocket.send.missing-is-none/text-none
    """,
    "does not send messages": """
        websocket.send.mode/text websocket.send.mode/bytes websocket.send.empty-message/bytes
    """,
    "sends another close code": """
        websocket.disconnect.server-close/1000 websocket.close.code.default/missing
        websocket.close.after-accept-code/4001 websocket.close.after-accept-code/1001
        websocket.close.after-accept-code/1011 websocket.close.after-accept-code/3000
        websocket.close.after-accept-code/1008 websocket.close.reason.default/missing
        websocket.close.reason.default/none general.server.post-close-noop/behind-its-own-close
        websocket.server.app-death-closes/sensitive-2
    """,
    "sends no reason": """
        websocket.close.reason.wire/ascii websocket.close.reason.wire/beyond-ascii
        websocket.close.reason.wire/longest
    """,
    "does not send the close": """
        websocket.close.before-accept-403/code-and-reason websocket.close.before-accept-no-handshake/close
        websocket.close.after-accept-code/4001 ext.websocket.http.response.fallback-403/not-offered
    """,
    "accepts without headers": """
        websocket.accept.headers.order/three websocket.accept.headers.order/cookies
    """,
    "accepts without a subprotocol": """
        websocket.accept.subprotocol.wire/second
    """,
    "accepts every WebSocket": """
        websocket.connect.denied-403/close websocket.disconnect.server-close/code
    """,
    "refuses every WebSocket": """
        websocket.connect.hold-handshake/slow
        websocket.accept.subprotocol.default/none websocket.accept.headers.default/missing
        websocket.connect.no-early-receive/early-message websocket.server.app-death-closes/raises
        websocket.server.app-death-closes/returns
    """,
    "changes the status of a refusal": """
        ext.websocket.http.response.closes/401 ext.websocket.http.response.defaults/missing
    """,
    "loses the body of a refusal": """
        ext.websocket.http.response.closes/two-pieces
    """,
}

SPOILED = {fault: cases.split() for fault, cases in CASES_BY_FAULT.items()}
"""The same, as lists."""
