r"""What the server knows of the encryption, and of who is at the other end.

Over TLS a server may put an entry `tls` among the extensions of the scope: its own certificate, the
client's if there is one, the version and the cipher suite. There are no events to it. The numbers are those
that TLS itself uses, 0x0304 for TLS 1.3.

    scope http GET /raw/tls_info scheme='https' extensions={'tls': {'tls_version': 772, 'server_cert': None}}
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'{\n  "tls": {\n    "tls_version": 772,...
    return

`scheme` is no proof: behind a proxy it may say "http" of a client that speaks TLS, or what a header of the
proxy says. The entry is one, but many servers that speak TLS do not offer it.

    scope http GET /raw/tls_info scheme='https'
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'{\n  "tls": null,\n  "why": "the server offers no tls extension...'
    return

Try it; `python -m servers --list` says which servers offer the extension, and so far it is none:

    python -m servers hypercorn --tls
    curl -k https://localhost:8000/raw/tls_info
"""

import json


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"tls_info speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    tls = (scope.get("extensions") or {}).get("tls")
    if tls is None:
        scheme = scope.get("scheme", "http")
        why = f"the server offers no tls extension to this connection, whose scheme is {scheme}"
        answer = {"tls": None, "why": why}
    else:
        # `client_cert_chain` is an iterable, made a list here because JSON knows no others.
        answer = {"tls": {**tls, "client_cert_chain": list(tls.get("client_cert_chain") or ())}}

    body = json.dumps(answer, indent=2).encode() + b"\n"
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
