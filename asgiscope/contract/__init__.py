"""The contract: the specification as data, and the judges that apply it. No I/O, no event loop, no clock.

    judge = judge_of(scope)
    violations = judge.open()
    violations = judge.receive(event)
    violations = judge.send(event)
    violations = judge.end("return")

Each answers with the violations that it adds.
"""

from typing import Any

from .clause import CLAUSES, Clause, Level, Party, Seen, Violation
from .custom import CustomJudge
from .http import HTTPJudge
from .judge import Judge
from .lifespan import LifespanJudge
from .websocket import WebSocketJudge

__all__ = ["CLAUSES", "Clause", "Judge", "Level", "Party", "Seen", "Violation", "judge_of"]

JUDGES: dict[str, type[HTTPJudge | WebSocketJudge | LifespanJudge]] = {
    "http": HTTPJudge,
    "websocket": WebSocketJudge,
    "lifespan": LifespanJudge,
}


def judge_of(scope: Any) -> Judge:
    """The judge of the conversation that begins with this scope."""
    kind = scope.get("type") if isinstance(scope, dict) else None
    return JUDGES.get(kind, CustomJudge)(scope) if isinstance(kind, str) else CustomJudge(scope)
