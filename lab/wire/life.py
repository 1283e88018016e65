"""A client that sees a whole life of a server: it is started for one case, asked, and told to stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..script import Step, steps
from . import Action
from .ask import Ask

ANSWERS = steps("""
send http.response.start status=200
    content-type: text/plain
    content-length: 5
send http.response.body body=b'hello'
""")


ACCEPTS = steps("""
receive
send websocket.accept
receive websocket.disconnect
""")


@dataclass(frozen=True)
class Life:
    """Start the server, ask it once it answers, and tell it to stop.

    In such a case, `app` is what the application does with the lifespan, `serves` what it does with requests,
    and `greets` what it does with WebSockets. `asks` come one after the other; `meanwhile` is asked last, and
    is still running when the server is told to stop. It has so many `workers`, and is told once each of them
    has begun. With `legacy`, its application has two callables. Cases whose lives are the same share one.
    """

    asks: tuple[Action, ...] = (Ask(),)
    serves: Sequence[Step] = ANSWERS
    greets: Sequence[Step] = ACCEPTS
    meanwhile: Action | None = None
    workers: int = 1
    legacy: bool = False
