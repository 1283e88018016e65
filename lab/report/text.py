"""Results in the terminal: a table, or one case with all that was said."""

from collections import Counter
from collections.abc import Sequence

from asgiscope import render

from ..case import Case, Verdict
from ..known import known
from ..runner import Result
from ..wronged import Wronged

SIGNS = {
    Verdict.KEEPS: "keeps",
    Verdict.BREAKS: "BREAKS",
    Verdict.DIFFERS: "differs",
    Verdict.UNSUPPORTED: "unsupported",
    Verdict.BROKEN_OFF: "BROKEN OFF",
    Verdict.FLAKY: "FLAKY",
}
SHOWN = 2000  # bytes of what was said at a time


def listing(cases: Sequence[Case], targets: Sequence[str]) -> str:
    """Which cases there are, and which servers."""
    lines = [f"{case.id}\n    {case.says}" for case in cases]
    return "\n".join([*lines, "", f"{len(cases)} cases; servers: {', '.join(targets)}"])


def table(results: Sequence[Result]) -> str:
    """What is not simply kept, one a line, and the sums for each server."""
    lines = []
    for one in results:
        if one.conclusion.verdict is not Verdict.KEEPS:
            sign = SIGNS[one.conclusion.verdict]
            lines.append(f"{one.target:28} HTTP/{one.version}  {sign:11} {one.case.id}")
            entry = known(one.target, one.case.id, one.version)
            lines.append(f"{'':38}{one.conclusion.why}{' (known)' if entry else ''}")
    lines.append("")
    for target in dict.fromkeys(one.target for one in results):
        sums = Counter(one.conclusion.verdict for one in results if one.target == target)
        counts = ", ".join(f"{sums[verdict]} {verdict}" for verdict in Verdict if sums[verdict])
        lines.append(f"{target:28} {counts}")
    return "\n".join(lines)


def wrong_table(mistakes: Sequence[Wronged]) -> str:
    """What the servers do with wrong applications: a block for each clause."""
    lines = ["", "Wrong applications: what the server does, and what the client gets.", ""]
    clause = ""
    for one in mistakes:
        if one.wrong.clause.id != clause:
            clause = one.wrong.clause.id
            lines.append(clause)
        what = one.skipped or f"{one.server}; {one.client}{'' if one.survives else '; IT DOES NOT SURVIVE'}"
        lines.append(f"    {one.target:28} HTTP/{one.version}  {what}")
    return "\n".join(lines)


def replay(results: Sequence[Result]) -> str:
    """One case in one screen for each server: the bytes, the application's side, and the verdict."""
    parts = []
    for one in results:
        parts.append(f"{one.case.id} with {one.target} over HTTP/{one.version}\n{one.case.says}\n")
        parts += [*wire_of(one), "", *conversation_of(one)]
        parts.append(f"{SIGNS[one.conclusion.verdict]}: {one.conclusion.why or one.case.clause.says}\n")
    return "\n".join(parts)


def wire_of(one: Result) -> list[str]:
    """What was said on the wire, and how it ended, in lines."""
    evidence = one.evidence
    lines = []
    for said in evidence.said:
        mark = "client >" if said.by == "client" else "server <"
        data = said.data[:SHOWN]
        more = f" ... {len(said.data)} bytes in all" if len(said.data) > SHOWN else ""
        lines.append(f"{said.at:8.3f} s  {mark} {data!r}{more}")
    if life := evidence.life:
        served = "has answered" if life.served else "has not answered"
        ended = "by itself" if life.by_itself else "when it was told to" if life.in_time else "by force"
        lines.append(f"The server {served}, and has ended {ended}, with status {life.status}.")
        lines += [f"It printed: {line}" for line in evidence.output.splitlines()[-20:]]
    elif evidence.said:
        lines.append(f"{'':12}the connection is {evidence.closed}")
    return lines


def conversation_of(one: Result) -> list[str]:
    """What the application saw."""
    rendered = [render(conversation) for conversation in one.evidence.conversations]
    return rendered or ["The application was not called."]
