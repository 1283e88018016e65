"""Findings for continuous integration: a test case for each scenario, as JUnit's XML has it."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..check import Finding
from ..contract import CLAUSES
from ..terminal import printable, relative
from .checked import Checked


def junit(checked: Checked) -> str:
    """One suite of a target. What does not make the check fail is in the output of the case."""
    found: dict[str, list[Finding]] = {name: [] for name in checked.scenarios}
    for finding in checked.findings:
        for name in finding.scenarios:
            found[name].append(finding)
    times = {held.scenario.name: (held.conversation.outcome.at or 0) / 1e9 for held in checked.held}
    failed = sum(any(one in checked.failures for one in findings) for findings in found.values())
    counts = {"tests": str(len(found)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {"name": f"asgiscope check {checked.target}", **counts})
    for name, findings in found.items():
        case = SubElement(
            suite,
            "testcase",
            {"classname": checked.target, "name": name, "time": f"{times.get(name, 0):.3f}"},
        )
        failures = [one for one in findings if one in checked.failures]
        if failures:
            first, *more = failures
            message = f"{first.clause}: {first.message}" + (f" (and {len(more)} more)" if more else "")
            failure = SubElement(case, "failure", {"type": first.level.value, "message": clean(message)})
            failure.text = text(failures)
        others = [one for one in findings if one not in checked.failures]
        if others:
            SubElement(case, "system-out").text = text(others)
    indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode")


def text(findings: Iterable[Finding]) -> str:
    """Findings, as far as they are to be read in a list."""
    return "\n\n".join(
        f"{one.level.value} {one.clause}\n"
        + (f"{relative(one.file)}:{one.line} in {one.function}\n" if one.file else "")
        + f"{clean(one.message)}\nThe clause: {CLAUSES[one.clause].says} ({CLAUSES[one.clause].section})\n"
        f"Instead: {one.remedy}"
        for one in findings
    )


def clean(text: str) -> str:
    """A text without the characters that XML does not have."""
    return printable(text)
