"""A request that the page asks for: sent to this server, and found again among the conversations."""

import asyncio
import json
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..conversation import Conversation, Lane
from .answered import Answer
from .answers import answer_json
from .client import CannotReachError, address_of, sent
from .guard import headers_of
from .plan import Plan
from .request import Request, TooLargeError
from .websocket_plan import WebSocketPlan

if TYPE_CHECKING:
    from .watched import Watch

AT_ONCE = 8  # requests
MARK = b"x-asgiscope-run"


async def run(watch: "Watch", request: Request) -> None:
    """Send the request in the body, which is JSON, and answer with what came back."""
    scope, send = request.scope, request.send
    headers = headers_of(scope)
    # A form of another page can send no JSON, and a script of one has to ask before: nobody allows it.
    if headers.get("content-type") != ["application/json"]:
        await answer_json(scope, send, {"error": "The request to be sent is told in JSON."}, 415)
        return
    if watch.running >= AT_ONCE:
        error = f"{AT_ONCE} requests are being sent already: wait until one has ended."
        await answer_json(scope, send, {"error": error}, 429)
        return
    watch.running += 1
    try:
        plan = plan_of(json.loads(await request.body()), headers["host"][0])
        answered = await while_wanted(request, sent(plan, address_of(scope), scope.get("scheme", "http")))
    except TooLargeError:
        await answer_json(scope, send, {"error": "This is longer than any request that may be sent."}, 413)
    except RecursionError:
        await answer_json(scope, send, {"error": "This JSON has more in each other than can be read."}, 400)
    except ValueError as error:
        await answer_json(scope, send, {"error": str(error)}, 400)
    except CannotReachError as error:
        await answer_json(scope, send, {"error": str(error)}, 502)
    except OSError:
        return  # Nobody waits for an answer any more.
    else:
        await answer_json(scope, send, answered.as_dict())
    finally:
        watch.running -= 1


def plan_of(data: Any, host: str) -> Plan | WebSocketPlan:
    """What the page asks for. Raises ValueError, with a sentence, for what cannot be sent."""
    if isinstance(data, dict) and data.get("type") == "websocket":
        return WebSocketPlan.parse(data, host)
    return Plan.parse(data, host)


async def while_wanted(request: Request, sending: Coroutine[Any, Any, Answer]) -> Answer:
    """What came back. Raises OSError when the page leaves before, and the client leaves with it."""
    task, left = asyncio.ensure_future(sending), asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise OSError("the page has left")
    finally:
        for one in (task, left):
            one.cancel()
        await asyncio.wait({task, left})


async def runs(watch: "Watch", request: Request) -> None:
    """Which conversation a request has become: of the mark that it carried, or the first one after others.

    A WebSocket of the browser carries no mark, and is told by its path and by what had begun before it.
    """
    query, found = request.query, None
    if token := query.get("token"):
        found = next((one for one in watch.journal.newest() if carries(one, token.encode())), None)
    elif (after := query.get("after", "")).isdecimal():
        new, _ = watch.journal.after(min(int(after), watch.journal.begun))
        found = next((one for one in new if is_websocket(one, query.get("path", ""))), None)
    told = {"id": None if found is None else found.id, "begun": watch.journal.begun}
    await answer_json(request.scope, request.send, told)


def scope_of(conversation: Conversation) -> Any:
    """The scope as it is kept: to read all of a conversation would take longer the longer it is."""
    tap = conversation.taps[0]
    scope = tap.scope if isinstance(tap, Lane) else tap.kept
    return scope if isinstance(scope, dict) else {}


def carries(conversation: Conversation, token: bytes) -> bool:
    """Whether a request had this mark in its headers."""
    headers = scope_of(conversation).get("headers")
    return isinstance(headers, list | tuple) and any(
        isinstance(pair, list | tuple) and list(pair) == [MARK, token] for pair in headers
    )


def is_websocket(conversation: Conversation, path: str) -> bool:
    scope = scope_of(conversation)
    return (scope.get("type"), scope.get("path")) == ("websocket", path)
