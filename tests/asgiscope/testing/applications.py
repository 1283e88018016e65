"""Applications for these tests: each a few lines, and right unless it says otherwise."""

OK = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
ACCEPT, CLOSE = {"type": "websocket.accept"}, {"type": "websocket.close"}


async def hello(scope, receive, send):
    await send(OK)
    await send({"type": "http.response.body", "body": b"Hello, World!"})


async def echo(scope, receive, send):
    """Sends back each piece of the body as it comes."""
    await send(OK)
    more_body = True
    while more_body:
        event = await receive()
        more_body = event["more_body"]
        await send({"type": "http.response.body", "body": event["body"], "more_body": more_body})


def answering(body=b"", status=200, headers=(), before=()):
    """An application that answers every request in the same way, after other events."""

    async def app(scope, receive, send):
        for event in before:
            await send(event)
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


def saying(*events):
    """An application that sends these events, whatever it is asked; it may well be wrong."""

    async def app(scope, receive, send):
        for event in events:
            await send(event)

    return app


class Echo:
    """Sends back what it is sent over a WebSocket, and notes how that ends."""

    def __init__(self, **accept):
        self.accept = accept
        self.ended = None

    async def __call__(self, scope, receive, send):
        await receive()
        await send({**ACCEPT, **self.accept})
        while (event := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
        self.ended = event


def opening(*events):
    """An application that answers the handshake with these events, and waits for the client to leave."""

    async def app(scope, receive, send):
        await receive()
        for event in events:
            await send(event)
        await receive()

    return app


def noting(app):
    """The same application, and two lists: of the scopes, and of the events that it is given."""
    scopes, events = [], []

    async def noted(scope, receive, send):
        async def noted_receive():
            events.append(await receive())
            return events[-1]

        scopes.append(scope)
        await app(scope, noted_receive, send)

    return noted, scopes, events
