"""Every clause that a server can break on the wire has a case, or a reason why not."""

import pytest

from asgiscope.contract import CLAUSES, Party
from asgiscope.contract.clause import Seen
from lab.cases import CASES
from lab.without_case import WITHOUT
from lab.wrong import WRONG, binds_application, why_not

PROVED = {case.clause.id for case in CASES.values()}
TO_PROVE = [
    clause.id
    for clause in CLAUSES.values()
    if clause.seen is Seen.WIRE
    or (clause.party in (Party.SERVER, Party.BOTH) and clause.seen in (Seen.CONVERSATION, Seen.CALL))
]


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


def test_there_are_two_hundred_cases():
    assert len(CASES) >= 200


@pytest.mark.parametrize("clause", [clause.id for clause in CLAUSES.values() if binds_application(clause)])
def test_clause_that_binds_applications_is_broken_by_one_or_has_a_reason(clause):
    reason = why_not(CLAUSES[clause])
    assert (f"wrong/{clause}" in WRONG) != bool(reason)
