"""What is logged: what an application breaks, if nobody else is there to be told, and what we do wrong."""

import logging
from collections.abc import Callable
from typing import Any

from .conversation import Conversation

logger = logging.getLogger("asgiscope")


def log_violations(conversation: Conversation) -> None:
    """Log what was broken in a conversation that has ended, and where."""
    for lane in conversation.lanes:
        pairs = zip(lane.violations, lane.lines, strict=True)
        # What is broken by each header of a response is told of the first.
        once = {(one.clause, line): (one, line) for one, line in reversed([*pairs])}
        for violation, line in reversed(once.values()):
            logger.warning("%s%s", violation, f"\n  At {line}" if line else "")


def quietly(function: Callable[..., object], *arguments: Any) -> None:
    """Call a stranger's function: what it raises is logged, and stops nothing."""
    try:
        function(*arguments)
    except Exception:
        logger.exception("%r failed", function)
