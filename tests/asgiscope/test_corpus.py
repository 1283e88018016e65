"""What `asgiscope check` says of applications that are wrong in one way, and of those that only look so."""

import asyncio
import gc
import inspect
import warnings
from pathlib import Path

import pytest

from asgiscope.check import check
from asgiscope.contract import CLAUSES, Level, Party, Seen

from .corpus import CASES, MODULES

WRONG = [pytest.param(case, id=case.name) for case in CASES if case.clauses]
RIGHT = [pytest.param(case, id=case.name) for case in CASES if not case.clauses]
CORPUS = Path(__file__).parent / "corpus"

# What no application of the corpus can break: it takes a mount and an application that is mounted, or a
# server with an extension of its own.
NOT_HERE = {"http.scope.root_path.prefix-of-path", "general.event.type.namespaced"}
TIMEOUT = 2.0  # seconds: many of the applications stay until they are thrown out


def told(findings):
    """The findings, one a line, for a test that fails."""
    return "\n".join(
        f"{one.level} {one.clause} in {', '.join(one.scenarios)}: {one.message}" for one in findings
    )


def severe(findings):
    """Those that fail a check, or a strict one."""
    return [one for one in findings if one.level in (Level.MUST, Level.SHOULD)]


def lines_of(app):
    """The lines of an application's own function."""
    lines, first = inspect.getsourcelines(inspect.unwrap(app))
    return range(first, first + len(lines))


@pytest.fixture(scope="module")
def findings():
    """What is found in each application, by its name; two are checked at a time, as most of them wait."""

    async def check_all():
        room = asyncio.Semaphore(2)

        async def checked(case):
            async with room:
                return await check(case.app, requests=case.requests, timeout=TIMEOUT)

        return await asyncio.gather(*map(checked, CASES))

    with warnings.catch_warnings():
        # What an application leaves behind that forgets to await, or to close, Python says as well.
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", ResourceWarning)
        results = asyncio.run(check_all())
        gc.collect()
    return {case.name: found for case, found in zip(CASES, results, strict=True)}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("case", WRONG)
def test_fault_is_found_and_no_other(case, findings):
    found = findings[case.name]
    assert {one.clause for one in found} >= case.clauses, told(found)
    assert {one.clause for one in severe(found)} <= case.clauses, told(found)
    for one in found:
        if one.file is not None and one.clause in case.clauses:
            assert Path(one.file).parent == CORPUS, told([one])
            assert one.line in lines_of(case.app), f"line {one.line}: {told([one])}"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("case", RIGHT)
def test_lawful_application_is_not_blamed(case, findings):
    assert severe(findings[case.name]) == [], told(findings[case.name])


def test_corpus_breaks_every_clause_that_an_application_can_break():
    shown = {Seen.CONVERSATION, Seen.CALL, Seen.VARIATION}
    breakable = {one.id for one in CLAUSES.values() if one.party is not Party.SERVER and one.seen in shown}
    assert frozenset().union(*(case.clauses for case in CASES)) == breakable - NOT_HERE


def test_corpus_leaves_out_no_application():
    names = [case.name for case in CASES]
    for module in MODULES:
        source = (CORPUS / f"{module}.py").read_text(encoding="utf-8")
        defined = [
            line.split("(")[0] for line in source.splitlines() if line.endswith("(scope, receive, send):")
        ]
        functions = {line.removeprefix("async def ") for line in defined if line.startswith("async def ")}
        assert functions <= {
            name.removeprefix(f"{module}.") for name in names if name.startswith(f"{module}.")
        }
