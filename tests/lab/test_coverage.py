"""Every clause that a server can break on the wire has a case, or a reason why not, and every case is known
to fail."""

import pytest

from asgiscope.contract import CLAUSES, Party
from asgiscope.contract.clause import Seen
from lab.cases import CASES
from lab.without_case import WITHOUT
from lab.wrong import WRONG, binds_application, why_not
from tests.lab import test_lives, test_lives_fail, test_refusals, test_spoiled_evidence, test_streams
from tests.lab.spoiled import SPOILED
from tests.lab.test_spoiled_evidence import HEAD, MISSING, SLOW

PROVED = {case.clause.id for case in CASES.values()}
TO_PROVE = [
    clause.id
    for clause in CLAUSES.values()
    if clause.seen is Seen.WIRE
    or (clause.party in (Party.SERVER, Party.BOTH) and clause.seen in (Seen.CONVERSATION, Seen.CALL))
]


# Where a wrong server, or what was seen of the right one with one thing spoiled, makes a case fail.
FAILS = {
    *(case for cases in SPOILED.values() for case in cases),
    *(case for cases in test_refusals.BREAKS.values() for case in cases),
    *(case for _, cases in test_streams.FAIL for case in cases),
    *(case for cases in test_lives_fail.FOUND.values() for case in cases),
    *(case for case, *_ in test_spoiled_evidence.SPOILED),
    *(
        f"general.extensions.server-rejects-unadvertised/{name}"
        for name in ("push", "early_hint", "pathsend")
    ),
    *test_spoiled_evidence.ON_QUIC,
    *(case.id for case in (test_lives.WORKERS, test_lives.LEGACY, test_lives.AT_ONCE)),
    HEAD,
    MISSING,
}
CANNOT_FAIL = {
    **test_streams.NEVER_FAIL,
    SLOW: "a server may take all that is sent, and nothing is said of how much",
    "websocket.disconnect.server-close/server-stops": "whether that closes a connection is left open",
}


@pytest.mark.parametrize("clause", TO_PROVE)
def test_clause_has_a_case_or_a_reason(clause):
    assert (clause in PROVED) != (clause in WITHOUT)


def test_reasons_are_about_clauses_and_are_sentences():
    assert WITHOUT.keys() <= CLAUSES.keys()
    assert all(reason.endswith(".") for reason in WITHOUT.values())


@pytest.mark.parametrize("case", CASES)
def test_case_says_in_a_sentence_what_it_is_about(case):
    assert CASES[case].says.endswith(".")
    assert any(outcome.verdict == "keeps" for outcome in CASES[case].outcomes)


@pytest.mark.parametrize("case", CASES)
def test_case_is_known_to_fail_or_there_is_a_reason_why_it_cannot(case):
    assert (case in FAILS) != (case in CANNOT_FAIL)


def test_there_are_two_hundred_cases():
    assert len(CASES) >= 200


@pytest.mark.parametrize("clause", [clause.id for clause in CLAUSES.values() if binds_application(clause)])
def test_clause_that_binds_applications_is_broken_by_one_or_has_a_reason(clause):
    reason = why_not(CLAUSES[clause])
    assert (f"wrong/{clause}" in WRONG) != bool(reason)
