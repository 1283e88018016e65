"""What a call does beside its conversation, and what it leaves behind: the clauses that no event breaks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from weakref import ref

from .contract import Judge, Level, Violation
from .contract.clause import breach
from .tasks import Mark, left_running


def changes(before: Any, after: Any) -> Iterator[Violation]:
    """What is broken by changing a scope in place; but `state` is there to be added to."""
    if type(before) is not dict or type(after) is not dict:
        return
    did = [f"{named(key)} was added" for key in after if key not in before]
    did += [f"{named(key)} was taken away" for key in before if key not in after]
    did += [
        f"{named(key)} was changed"
        for key in before
        if key != "state" and key in after and differs(before[key], after[key])
    ]
    if did:
        message = f"The scope was changed in place: {', '.join(did)}."
        yield breach("general.middleware.copies-scope", None, message)
    state = after.get("state")
    if after.get("type") == "lifespan" and type(state) is dict:
        for key in state:
            if not isinstance(key, str):
                message = f"The application put the key {named(key)} into the state, which is no str."
                yield breach("lifespan.scope.state.keys", None, message)


def named(value: Any) -> str:
    """A value in a message; a stranger's __repr__ may raise anything."""
    try:
        return repr(value)
    except Exception:
        return f"(a {type(value).__name__} without a repr)"


def differs(one: Any, other: Any) -> bool:
    """Whether two values differ; those that cannot be compared differ unless they are one."""
    try:
        return one is not other and bool(one != other)
    except Exception:
        return True


def returned(result: Any) -> Iterator[Violation]:
    """What is broken by returning anything."""
    if result is not None:
        message = f"The application returned a value of type {type(result).__name__}."
        yield breach("general.app.returns-none", None, message)


def running(left: "ref[Mark]") -> Iterator[Violation]:
    """A note of each task that lives longer than the call that began it, as it may well be meant to."""
    for task in left_running(left):
        message = (
            f"The application ended, and its task {task.get_name()!r} runs on: {task.get_coro()!r:.100}."
        )
        yield breach("general.app.lives-as-long-as-connection", None, message, level=Level.NOTE)


def never_awaited() -> Violation:
    """What is broken by a `send` that was only called."""
    message = "The application called `send`, and did not await what it returned: nothing was sent."
    return breach("general.send.awaited", None, message)


def wrong_call(positional: int, named: int) -> Violation:
    """The violation of calling `send` with anything but one event."""
    message = f"The application called `send` with {positional} positional arguments and {named} named ones."
    return breach("general.send.app-passes-one-positional", None, message)


def after_return(index: int, event: Any) -> Iterator[Violation]:
    """What is broken by sending when the call has ended."""
    kind = event.get("type") if isinstance(event, dict) else event
    message = f"The application sent {named(kind)} after it had returned."
    yield breach("general.app.lives-as-long-as-connection", index, message)


def left_open(files: Iterable[tuple[int, Any]]) -> Iterator[Violation]:
    """What is broken by leaving a file open that was sent; each comes with the index of its last event."""
    for index, file in files:
        if getattr(file, "closed", True) is False:
            message = f"The application ended, and left the file {named(file)} open."
            yield breach("ext.http.response.zerocopysend.app-closes", index, message)


def taken(judge: Judge, index: int, event: Any, violations: Sequence[Violation]) -> Iterator[Violation]:
    """What a server breaks that does not raise out of `send` for an event that is wrong in itself."""
    clauses = {violation.clause for violation in violations}
    kind = event.get("type") if isinstance(event, dict) else None
    fields = judge.SEND_FIELDS.get(kind, ()) if isinstance(kind, str) else ()
    missing = [field.key for field in fields if field.required and field.key not in event]
    wrong = [field.key for field in fields if field.key in event and field.clause in clauses]
    took = f"The server took {named(kind)}"
    if any(clause.endswith(".send-types") for clause in clauses):
        message = f"{took}, which the protocol does not have."
        yield breach("general.server.send-rejects-unknown-type", index, message)
    elif any(clause.endswith(".gate") for clause in clauses):
        message = f"{took}, which is of an extension that it does not offer."
        yield breach("general.extensions.server-rejects-unadvertised", index, message)
    elif missing:
        message = f"{took} without {missing[0]!r}."
        yield breach("general.server.send-rejects-missing-keys", index, message)
    elif wrong:
        message = f"{took} with a {wrong[0]!r} of the wrong type."
        yield breach("general.server.send-rejects-wrong-types", index, message)


def refused(judge: Judge, index: int, event: Any, error: Exception) -> Iterator[Violation]:
    """What a server breaks that raises out of `send` for an event that breaks nothing."""
    kind = event.get("type") if isinstance(event, dict) else None
    fields = judge.SEND_FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None or judge.gone or isinstance(error, OSError):
        return
    extra = sorted(map(named, set(event) - {field.key for field in fields} - {"type"}))
    if extra:
        message = f"The server raised {named(error):.100} for an event with the key {extra[0]}."
        yield breach("general.server.tolerates-extra-keys", index, message)


def unawaitable(name: str, error: BaseException) -> Iterator[Violation]:
    """What a server breaks whose `receive` or `send` cannot be called, or whose answer not be awaited."""
    trace = error.__traceback__
    if isinstance(error, TypeError) and trace is not None and trace.tb_next is None:
        message = f"The server gave a `{name}` that cannot be called and awaited: {error}."
        yield breach(f"general.{name}.awaitable-callable", None, message)
