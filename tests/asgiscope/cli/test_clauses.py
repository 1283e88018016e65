"""asgiscope clauses."""

import json

from asgiscope.contract import CLAUSES

STATUS = "http.response.start.status.type"


def test_table_has_every_clause(asgiscope):
    status, out, _ = asgiscope("clauses")
    assert status == 0
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert shown == list(CLAUSES)
    groups = [line for line in out.splitlines() if line and line[0] != " "]
    assert groups[:-1] == ["general", "http", "websocket", "lifespan", "extensions"]


def test_clause_is_shown_with_all_that_is_known(asgiscope):
    for clause in CLAUSES.values():
        status, out, _ = asgiscope("clauses", clause.id)
        assert status == 0
        words = " ".join(out.split())
        for part in (
            clause.id,
            clause.level,
            clause.section,
            clause.url,
            clause.says,
            clause.remedy,
            clause.unseen,
        ):
            assert " ".join(part.split()) in words
        for line in (clause.broken + clause.kept).splitlines():
            assert line in out


def test_word_finds_clauses_by_their_ids_and_by_their_text(asgiscope):
    _, out, _ = asgiscope("clauses", "COOKIE")
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert {"http.headers.cookie-h2-split", "http.headers.set-cookie-no-merge"} <= set(shown)
    assert any("cookie" not in id for id in shown)


def test_json_is_a_list_of_objects(asgiscope):
    _, out, _ = asgiscope("clauses", STATUS, "--json")
    [clause] = json.loads(out)
    assert clause == {**CLAUSES[STATUS]._asdict(), "url": CLAUSES[STATUS].url}


def test_clause_that_is_not_there_is_told_with_those_that_are(asgiscope):
    status, out, err = asgiscope("clauses", "http.respnse.start.status.type")
    assert (status, out) == (2, "")
    assert f", and none that says so: is it {STATUS} or " in err


def test_word_that_is_nowhere_is_told(asgiscope):
    assert asgiscope("clauses", "qqq") == (
        2,
        "",
        "asgiscope: there is no clause 'qqq', and none that says so.\n",
    )
