r"""WSGI: the contract before this one, and the bridge to it.

A WSGI application is a function that is called once for a request and returns its response. It cannot wait
for two things at once, hear that the client has left, or speak WebSocket, for one call and what it returns
are its whole conversation: this is why ASGI exists. What is written for it still runs. An adapter reads the
request's events to their end, calls the function in a thread, since it may block, and turns what it yields
into events.

    scope http GET /raw/wsgi?a=1
    receive http.request
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'Hello from a thread!\n' more_body=True
    send http.response.body body=b'REQUEST_METHOD = GET\n...' more_body=True
    send http.response.body
    return

Try it:

    curl 'http://localhost:8000/raw/wsgi?a=1'
"""

from asgiref.wsgi import WsgiToAsgi


def hello(environ, start_response):
    """A WSGI application (PEP 3333): one call, no `await`, and a response that is returned."""
    # The start is a call here, with the status as text; in ASGI it is an event with a number.
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    # The environ is what CGI put into environment variables, and the scope is what became of it.
    names = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL", "wsgi.version")
    lines = [f"{name} = {environ.get(name, '')}\n" for name in names]
    return [b"Hello from a thread!\n", "".join(lines).encode()]


adapted = WsgiToAsgi(hello)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"wsgi speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # WSGI gives the application the whole body as a file, so the adapter would store it first, and it
    # takes a client that leaves meanwhile for an error. This application has no use for a body: it is
    # dropped here, and the adapter is given an empty one.
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    async def receive_nothing():
        return {"type": "http.request"}

    await adapted(scope, receive_nothing, send)
