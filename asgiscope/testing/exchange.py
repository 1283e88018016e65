"""A request as a server gives it to an application, and its response as a server takes it."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import Context, copy_context
from types import ModuleType
from typing import Any

from ..contract.extensions import DEBUG, HINT, PATH, PUSH, TRAILERS, ZEROCOPY
from ..contract.http import BODY, SEND_FIELDS, START
from ..tasks import is_cancellation
from .call import Call, Calls
from .loop import spawn
from .refusal import is_plain, kind_of

PIECE = 64 * 1024  # bytes that are read at a time, of a body or of a file
LASTING = 60.0  # seconds that an application may go on when its response is complete
CONTENT = (BODY, ZEROCOPY, PATH)


class HTTPCall(Call):
    """A request and its response.

    `upload` is the rest of the body, and `length` how many bytes that is, if anybody has said so. It is read
    in the context of the test, a piece whenever the application asks for one; what the application has not
    asked for when it ends, nobody reads.
    """

    KINDS = SEND_FIELDS

    has_started = False  # the response
    has_trailers = False
    is_complete = False
    is_wanted = False  # a piece of the body
    is_feeding = False
    fault: BaseException | None = None  # what was raised while the body was read
    stop_feeding: Callable[[], object]

    def __init__(
        self,
        calls: Calls,
        scope: dict[str, Any],
        library: ModuleType,
        upload: AsyncIterator[bytes] | None = None,
        length: int | None = None,
    ) -> None:
        super().__init__(calls, scope)
        self.library = library
        self.upload = upload
        self.length = length
        self.context: Context | None = None if upload is None else copy_context()

    @property
    def name(self) -> str:
        return f"{self.scope['method']} {self.scope['path']}"

    @property
    def is_over(self) -> bool:
        return self.ended and not self.is_feeding

    def end(self) -> None:
        super().end()
        if self.is_feeding:
            self.stop_feeding()

    def leave(self) -> None:
        super().leave()
        if self.is_feeding:
            self.stop_feeding()

    async def receive(self) -> dict[str, Any]:
        if not self.said and not self.left and not self.is_complete:
            self.ask()
            await self.until(lambda: self.said or self.left or self.is_complete)
        return await self.farewell() if self.left or self.is_complete else self.said.popleft()

    def ask(self) -> None:
        """Have a piece of the body read, if there is more of it."""
        self.is_wanted = True
        if self.upload is not None and self.context is not None:
            context, self.context = self.context, None
            self.is_feeding = True
            self.stop_feeding = spawn(self.feed(self.upload), f"the body of {self.name}", context)
        else:
            self.move()

    async def feed(self, pieces: AsyncIterator[bytes]) -> None:
        """Read the body. One of unknown length ends with an empty piece."""
        try:
            async for piece in pieces:
                if piece:
                    self.give(piece)
                    if self.length == 0:
                        break
                    await self.until(lambda: self.is_wanted)
            else:
                self.length = self.length or 0
                self.give(b"")
        except BaseException as error:
            if is_cancellation(error):
                raise
            self.fault = error
        finally:
            if hasattr(pieces, "aclose"):
                await pieces.aclose()
            self.is_feeding = False
            if self.fault is not None:
                self.leave()
            self.move()

    def give(self, piece: bytes) -> None:
        """Give the application a piece of the body; the last one is empty, or the one that makes it whole."""
        if self.length is not None:
            self.length -= len(piece)
            if self.length < 0 or (not piece and self.length):
                raise self.library.LocalProtocolError("the body is not as long as its content-length says")
        self.is_wanted = False
        self.say({"type": "http.request", "body": piece, "more_body": self.length != 0})

    async def send(self, event: Any) -> None:
        if self.left:
            await self.refuse()
            return
        kind = event["type"] if is_plain(event) else kind_of(event, SEND_FIELDS, self.scope)
        if self.is_complete:
            raise RuntimeError(f"the response is complete, and {kind!r} comes too late")
        size = 0
        if kind == START:
            if self.has_started:
                raise RuntimeError(f"the response has been started, and {kind!r} comes a second time")
            self.has_started = True
            self.has_trailers = event.get("trailers", False)
        elif kind in CONTENT:
            if not self.has_started:
                raise RuntimeError(f"the response has not been started, and {kind!r} comes too early")
            if kind != BODY:
                event = await self.send_file(event)
            size = len(event.get("body", b""))
            self.is_complete = not (event.get("more_body", False) or self.has_trailers)
        elif kind == TRAILERS:
            self.is_complete = self.has_trailers and not event.get("more_trailers", False)
        if self.put_now(event, size):
            await self.read()

    async def send_file(self, event: dict[str, Any]) -> dict[str, Any]:
        """Send a file before `send` returns, as the application may close it then; return what ends it."""
        for piece in read(event) if self.scope["method"] != "HEAD" else ():
            await self.put({"type": BODY, "body": piece}, len(piece))
            if self.left:
                break
        return {"type": BODY, "more_body": event.get("more_body", False)}

    async def begun(self, extensions: dict[str, Any]) -> dict[str, Any] | None:
        """The start of the response; None if there is none. What comes before it is put into `extensions`."""
        while (event := await self.hear()) is not None:
            if event["type"] == START:
                return event  # type: ignore[no-any-return]
            put_beside(event, extensions)
        return None

    def raise_wrong(self, *, raises: bool) -> None:
        """Raise what has gone wrong, if it has, and the client is there to see it."""
        error = self.error
        if self.fault is not None:
            raise self.fault
        if self.left:
            return
        if error is not None and (raises or not isinstance(error, Exception)):
            raise error
        if error is None and not self.is_complete:
            how = "in the middle of its response" if self.has_started else "without a response"
            raise self.library.RemoteProtocolError(f"the application has ended {how}")


class Body:
    """The body of a response, as it is sent; when it has ended, so has the application.

    What comes beside it is put into `extensions`. `raises` says whether an exception of the application is
    raised here.
    """

    extensions: dict[str, Any]

    def __init__(self, call: HTTPCall, *, raises: bool) -> None:
        self.call = call
        self.raises = raises

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        call = self.call
        while call.heard or not call.is_complete:
            event = call.hear_now() if call.heard else await call.hear()
            if event is None:
                break
            if event["type"] != BODY:
                put_beside(event, self.extensions)
            elif (body := event.get("body")) and call.scope["method"] != "HEAD":
                return body  # type: ignore[no-any-return]
        if not call.is_over and not call.left:
            await call.finished(LASTING)
        call.raise_wrong(raises=self.raises)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """The client needs no more of it: it leaves, if the response is not complete."""
        if not self.call.ended:
            self.call.leave()


def put_beside(event: dict[str, Any], extensions: dict[str, Any]) -> None:
    """Put what is no part of the body where the client finds it."""
    kind = event["type"]
    if kind == HINT:
        extensions.setdefault("early_hints", []).extend(event["links"])
    elif kind == TRAILERS:
        extensions.setdefault("trailers", []).extend(event["headers"])
    elif kind == PUSH:
        extensions.setdefault("push", []).append((event["path"], list(event["headers"])))
    elif kind == DEBUG:
        extensions["debug"] = event["info"]


def read(event: dict[str, Any]) -> Iterator[bytes]:
    """The content of a file that was sent, as it goes."""
    if event["type"] == PATH:
        with open(event["path"], "rb") as file:
            yield from read_file(file.fileno(), 0, None)
    else:
        yield from read_file(event["file"].fileno(), event.get("offset"), event.get("count"))


def read_file(file: int, offset: int | None, count: int | None) -> Iterator[bytes]:
    position = os.lseek(file, 0, os.SEEK_CUR) if offset is None else offset
    left = sys.maxsize if count is None else count
    while left and (piece := os.pread(file, min(PIECE, left), position)):
        position += len(piece)
        left -= len(piece)
        yield piece
