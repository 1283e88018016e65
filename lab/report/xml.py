"""Results for a build server: a test suite for each server, in the form of JUnit."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from ..known import FAULTS, known
from ..runner import Result


def junit(results: Sequence[Result]) -> str:
    """The XML. What is known to be otherwise counts as skipped."""
    root = ET.Element("testsuites", name="lab")
    for target in dict.fromkeys(one.target for one in results):
        suite = ET.SubElement(root, "testsuite", name=target)
        for one in results:
            if one.target != target:
                continue
            case = ET.SubElement(
                suite, "testcase", classname=target, name=f"{one.case.id} over HTTP/{one.version}"
            )
            if one.conclusion.verdict in FAULTS:
                reason = known(target, one.case.id, one.version)
                kind = "failure" if reason is None else "skipped"
                ET.SubElement(case, kind, message=one.conclusion.why if reason is None else reason.reason)
    return ET.tostring(root, encoding="unicode")
