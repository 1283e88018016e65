"""A conversation as a test: the source of a module that holds it again, for pytest."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from math import ceil
from textwrap import shorten, wrap
from typing import Any

from ..contract import CLAUSES, Level, Party, Violation
from ..conversation import Conversation, Cut, Lane, Opaque
from ..replay import check_replayable, given_during, in_order, said
from .credentials import MASK, masked
from .literals import WIDTH, literal
from .message import target_of

TARGET = re.compile(r"(?P<module>\w+(?:\.\w+)*):(?P<name>\w+)(?P<attributes>(?:\.\w+)*)", re.ASCII)
TAKEN = {"asyncio", "masked", "diff", "replay", "script", "Cut", "Opaque"}  # names that the test itself uses
PATIENCE = 10  # seconds that `replay` waits, if it is not told otherwise


def pytest_module(conversation: Conversation, target: str, *, secrets: bool = False) -> str:
    """The source of a test that holds the conversation again with the application `target`, a "module:app".

    It asserts that the application says what it said, and ends as it ended. Where the application broke a
    clause it asserts that this one is broken again, so that it passes as long as the fault is there. It needs
    this package, pytest and the application. Credentials are masked, unless `secrets`.

    Raises ValueError for a target of another form, and for a conversation that cannot be replayed.
    """
    place = TARGET.fullmatch(target)
    if place is None:
        raise ValueError(
            f"{target!r} names no application: write its module and its name, as in 'shop.asgi:app'"
        )
    lane = (conversation if secrets else masked(conversation)).outermost
    check_replayable(lane)
    faults = [
        violation
        for violation in lane.violations
        if is_fault(violation) and violation.party is not Party.SERVER
    ]
    app = ("app" if place["name"] in TAKEN else place["name"]) + place["attributes"]
    again = f"asyncio.run(replay({app}, recorded{patience(lane)}))"
    shown = [event.fields for event in lane.events]
    used = {"replay", "script", *kinds(shown)}
    broken = [violation.clause for violation in faults or lane.violations if is_fault(violation)]
    if faults:
        test = violation_test(again)
    elif secrets or not is_masked(shown):
        test = events_test(again, broken)
        used |= {"diff"}
    else:  # What was masked may be another one each time.
        test = events_test(f"masked({again})", broken)
        used |= {"diff", "masked"}
    return "\n\n".join(
        [
            docstring(conversation, lane, faults),
            "\n".join(imports_of(used, place)),
            *constants_of(lane, broken),
            f"\n{test}",
        ]
    )


def is_masked(fields: Any) -> bool:
    """Whether something may be masked in it, now or since it was recorded."""
    return MASK in repr(fields)


def is_fault(violation: Violation) -> bool:
    return violation.level in (Level.MUST, Level.SHOULD)


def patience(lane: Lane) -> str:
    """The time limit of a conversation that takes long."""
    seconds = ceil(2 * (lane.outcome.at or 0) / 1e9)
    return f", timeout={seconds}" if seconds > PATIENCE else ""


def docstring(conversation: Conversation, lane: Lane, faults: Sequence[Violation]) -> str:
    """What was recorded, when, and what is to be known of it."""
    scope, when = lane.scope, datetime.fromtimestamp(conversation.started, UTC)
    asked = (
        f"{scope.get('method', 'WebSocket')} {target_of(scope)}"
        if "path" in scope
        else f"{scope.get('type')}"
    )
    paragraphs = [f"{shorten(asked, WIDTH - 30, placeholder='...')}, recorded on {when:%Y-%m-%d}."]
    if faults:
        paragraphs += [
            f"{violation.message} {CLAUSES[violation.clause].says} ({violation.clause})"
            for violation in faults
        ]
        paragraphs.append(
            "The test passes as long as that is so. Once it is mended, let it assert that nothing is broken."
        )
    if is_masked(lane.scope):
        paragraphs.append("Credentials are masked in SCOPE: put in there what the application accepts.")
    lines = "\n\n".join("\n".join(wrap(text, WIDTH, break_on_hyphens=False)) for text in paragraphs)
    escaped = lines.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}\n"""' if len(paragraphs) > 1 else f'"""{escaped}"""'


def kinds(value: Any) -> Iterator[str]:
    """The names of the types in a value that are this package's."""
    match value:
        case Cut() | Opaque():
            yield type(value).__name__
        case dict():
            yield from kinds([*value, *value.values()])
        case list() | tuple():
            for item in value:
                yield from kinds(item)


def imports_of(used: set[str], place: re.Match[str]) -> Iterator[str]:
    """The imports of names that are used, and of the application."""
    yield "import asyncio\n"
    for module, names in {
        "asgiscope.conversation": ("Cut", "Opaque"),
        "asgiscope.export": ("masked",),
        "asgiscope.replay": ("diff", "replay", "script"),
    }.items():
        if found := used.intersection(names):
            yield f"from {module} import {', '.join(sorted(found))}"
    yield f"\nfrom {place['module']} import {place['name']}{' as app' if place['name'] in TAKEN else ''}"


def constants_of(lane: Lane, broken: Sequence[str]) -> Iterator[str]:
    """The conversation as it was recorded."""
    yield literal(dict(lane.scope), "SCOPE = ")
    yield literal(list(moves_of(lane)), "EVENTS = ")
    yield literal([lane.outcome.how, *([lane.outcome.error] if lane.outcome.error else [])], "END = ")
    if broken:
        yield literal(sorted(broken), "BROKEN = ")


def moves_of(lane: Lane) -> Iterator[tuple[Any, ...]]:
    """The events as `script` takes them."""
    events = in_order(lane)
    for event, later in zip_longest(events, events[1:]):
        move = event.direction, said(event.fields)
        if event.error:
            yield *move, event.error
        elif (
            event.direction == "send"
            and later
            and later.direction == "receive"
            and given_during(later, event)
        ):
            yield *move, ...
        else:
            yield move


def events_test(again: str, broken: Sequence[str]) -> str:
    return f"""\
def test_application_holds_the_same_conversation() -> None:
    recorded = script(SCOPE, EVENTS, *END{", broken=BROKEN" if broken else ""})
    differences = diff(recorded, {again})
    assert not differences, f"\\n{{differences}}"
"""


def violation_test(again: str) -> str:
    return f"""\
def test_application_breaks_the_same_clause() -> None:
    recorded = script(SCOPE, EVENTS, *END)
    again = {again}
    assert {{violation.clause for violation in again.violations}} >= {{*BROKEN}}
"""
