"""The report for continuous integration."""

from xml.etree.ElementTree import fromstring

from asgiscope.report import junit

from .results import NOTE, STATUS, checked, found


def cases(*findings, **options):
    """The test cases by their names."""
    suites = fromstring(junit(checked(*findings, **options)).encode())  # noqa: S314
    [suite] = suites
    assert suites.tag == "testsuites"
    assert suite.get("name") == "asgiscope check shop:app"
    assert int(suite.get("tests")) == len(suite)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    return {case.get("name"): case for case in suite}


def test_scenario_is_a_case_and_a_must_its_failure():
    found_in = cases(found(STATUS, "get", "head", file="/srv/shop.py", line=7, function="app"))
    assert list(found_in) == ["get", "head"]
    failure = found_in["get"].find("failure")
    assert failure.get("type") == "must"
    assert failure.get("message") == f"{STATUS}: It happened."
    assert failure.text.startswith(
        f"must {STATUS}\n/srv/shop.py:7 in app\nIt happened.\nThe clause: The 'status'"
    )
    assert failure.text.endswith("\nInstead: give the status code as an int; an `http.HTTPStatus` is one.")


def test_case_has_one_failure_for_all_that_was_found():
    case = cases(found(STATUS, "get"), found(STATUS, "get", message="Again."))["get"]
    [failure] = case.findall("failure")
    assert failure.get("message") == f"{STATUS}: It happened. (and 1 more)"
    assert "Again." in failure.text


def test_should_is_a_failure_only_if_strict():
    should = found(STATUS, "get", level="should")
    lax, strict = cases(should)["get"], cases(should, strict=True)["get"]
    assert lax.find("failure") is None
    assert lax.find("system-out").text.startswith(f"should {STATUS}\n")
    assert strict.find("failure").get("type") == "should"
    assert strict.find("system-out") is None


def test_note_is_never_a_failure():
    assert cases(found(NOTE, "get"), strict=True)["get"].find("failure") is None


def test_characters_that_xml_lacks_are_written_out():
    failure = cases(found(STATUS, "get", message="a\x00b<&\ud800"))["get"].find("failure")
    assert failure.get("message") == f"{STATUS}: a\\x00b<&\\ud800"
