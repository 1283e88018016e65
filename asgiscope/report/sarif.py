"""Findings for code scanning: SARIF 2.1.0, docs.oasis-open.org/sarif/sarif/v2.1.0."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import __version__
from ..check import Finding
from ..contract import CLAUSES, Clause, Level
from ..terminal import relative
from .checked import Checked

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note", Level.NOTE: "note"}
ROOT = "SRCROOT"  # the directory that the check ran in, which the URIs of files begin from


def sarif(checked: Checked) -> Json:
    """The log of one run; its rules are the clauses that were broken."""
    broken = list(dict.fromkeys(finding.clause for finding in checked.findings))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "asgiscope",
                        "version": __version__,
                        "rules": [rule(CLAUSES[clause]) for clause in broken],
                    }
                },
                "originalUriBaseIds": {ROOT: {"uri": f"{Path.cwd().as_uri()}/"}},
                "columnKind": "unicodeCodePoints",
                "results": [result(checked, finding, broken) for finding in checked.findings],
            }
        ],
    }


def rule(clause: Clause) -> Json:
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.says},
        "fullDescription": {"text": f"{clause.says} ({clause.section})"},
        "help": {"text": f"{clause.says} Instead: {clause.remedy}"},
        "helpUri": clause.url,
        "defaultConfiguration": {"level": LEVELS[clause.level]},
        "properties": {"tags": ["asgi", clause.party.value]},
    }


def result(checked: Checked, finding: Finding, rules: list[str]) -> Json:
    seen = f"{finding.clause} {relative(finding.file or '')} {finding.function} {finding.message}"
    found: Json = {
        "ruleId": finding.clause,
        "ruleIndex": rules.index(finding.clause),
        "level": LEVELS[finding.level],
        "message": {"text": f"{finding.message} Instead: {finding.remedy}"},
        "locations": [location(finding)] if finding.file else [],
        "partialFingerprints": {"asgiscope/v1": sha256(seen.encode()).hexdigest()},
        "properties": {"scenarios": list(finding.scenarios), "alone": checked.alone(finding)},
    }
    return found


def location(finding: Finding) -> Json:
    file = relative(str(finding.file))
    artifact = (
        {"uri": Path(file).as_uri()} if Path(file).is_absolute() else {"uri": uri(file), "uriBaseId": ROOT}
    )
    found: Json = {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": finding.line}}}
    if finding.function:
        found["logicalLocations"] = [{"fullyQualifiedName": finding.function, "kind": "function"}]
    return found


def uri(file: str) -> str:
    """A relative path as a URI."""
    return (Path("/") / file).as_uri().removeprefix("file:///")
