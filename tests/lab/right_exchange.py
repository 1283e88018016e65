"""A request and its response on a stream of the right server."""

from pathlib import Path

# What is said about a connection has no place on a stream (RFC 9113, 8.2.2).
OF_CONNECTIONS = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
OFFERED = ("push", "early_hint", "trailers", "pathsend")


class Exchange:
    """One request and its response."""

    left_out = OF_CONNECTIONS  # of the headers of the application

    def __init__(self, stream, scope):
        self.stream = stream
        self.scope = {
            **scope,
            "type": "http",
            "extensions": {f"http.response.{name}": {} for name in OFFERED},
        }
        self.start = None
        self.said = False  # whether the head of the response is,
        self.whole = False  # and its body
        self.over = False
        self.trailers = []

    async def serve(self):
        await self.stream.call(self.scope, self.receive, self.send)
        if self.over or self.stream.gone.is_set():
            return
        if self.start is None:
            await self.stream.refuse(500)
        else:
            await self.break_off()

    async def break_off(self):
        """Let the client know that the response will not be whole."""
        await self.stream.reset()

    async def receive(self):
        while True:
            if (event := self.stream.to_app(await self.event())) is not None:
                return event

    async def event(self):
        found = None if self.over else await self.stream.incoming.get()
        if found is None:
            self.finish()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": found, "more_body": bool(found)}

    def finish(self):
        """There is nothing more to receive, nor to send."""
        self.over = True
        self.stream.incoming.put_nowait(None)

    async def send(self, event):
        if self.stream.gone.is_set():
            raise self.stream.raises("the client has left")
        event = self.stream.from_app(event)
        if event is None:
            return
        match event["type"], self.start:
            case "http.response.early_hint", None if not self.over:
                await self.stream.head(103, [(b"link", link) for link in event["links"]])
            case "http.response.start", None if not self.over:
                self.start = event
            case "http.response.push", _ if not self.over:
                await self.stream.push(event)
            case "http.response.body", dict() if not self.whole:
                await self.body(event.get("body", b""), last=not event.get("more_body", False))
            case "http.response.pathsend", dict() if not self.whole:
                await self.body(Path(event["path"]).read_bytes(), last=True)  # noqa: ASYNC240 - a small file
            case "http.response.trailers", dict() if self.whole and not self.over:
                await self.end(event)
            case _:
                raise RuntimeError(f"{event['type']!r} has no place here")

    async def body(self, piece, *, last):
        """Say a piece of the body, behind the head of the response if that is not said yet."""
        if not self.said:
            self.said = True
            headers = [pair for pair in self.start.get("headers", ()) if pair[0].lower() not in self.left_out]
            await self.stream.head(self.start["status"], headers)
        if self.scope["method"] == "HEAD" or self.start["status"] in (204, 304):
            piece = b""
        self.whole = last
        ends = last and not self.start.get("trailers", False)
        await self.stream.write(piece, end=ends)
        if ends:
            self.finish()

    async def end(self, event):
        """End the response, with trailers where the client asks for them."""
        self.trailers += event.get("headers", ())
        if event.get("more_trailers", False):
            return
        if [b"te", b"trailers"] in self.scope["headers"]:
            await self.stream.trailers(self.trailers)
        else:
            await self.stream.write(b"", end=True)
        self.finish()
