r"""Headers are a list of pairs, not a dict: order and repetition carry meaning.

A name may come many times, and the order of its values counts; that of different names does not.
`set-cookie` has to, since a cookie's date holds a comma and two of them cannot be folded into one line.
`cookie` may: HTTP/2 lets a client split it so that each part compresses well on its own, and then the
parts are joined with "; " before you look for names.

    scope http GET /raw/headers http_version='2'
        accept: text/plain
        cookie: a=1
        cookie: b=2; c=3
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
        set-cookie: first=1; Path=/; SameSite=Lax
        set-cookie: second=2; Path=/; SameSite=Lax
    send http.response.body body=b'host: testserver\naccept: text/plain\ncookie: a=1\n...cookie c = 3\n'
    return

Try it:

    curl -i -H 'X-Twice: one' -H 'X-Twice: two' -b 'a=1; b=2' http://localhost:8000/raw/headers
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"headers speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # Over HTTP/2 there need be no host header on the wire: the server makes one from `:authority`.
    # They may be an iterable that can be read only once, so a list is made of it first.
    received = list(scope["headers"])
    lines = [name + b": " + value for name, value in received]

    # One cookie header or several: joined they are the same list, divided by semicolons. A server should
    # give names in lower case, as HTTP/2 has them, but need not: so it is done here before comparing.
    crumbs = b"; ".join(value for name, value in received if name.lower() == b"cookie")
    for crumb in crumbs.split(b";"):
        name, _, value = crumb.strip().partition(b"=")
        if name:
            lines.append(b"cookie " + name + b" = " + value)

    # Two cookies are two pairs. A dict would have kept only the second.
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"set-cookie", b"first=1; Path=/; SameSite=Lax"),
        (b"set-cookie", b"second=2; Path=/; SameSite=Lax"),
    ]
    body = b"\n".join(lines) + b"\n"
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
