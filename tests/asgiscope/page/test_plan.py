"""A request that is planned on the page, as it is written on the wire."""

import pytest

from asgiscope.page.plan import BODY, CHUNKS, HEADERS, PAUSE, Plan


def planned(**data):
    return Plan.parse(data, "localhost:8000")


def wire(plan):
    """All that is written of a plan."""
    return plan.head() + b"".join(plan.framed(one.data) for one in plan.chunks) + plan.ending() * plan.whole


def test_least_request_has_a_host_and_its_connection_for_itself():
    assert wire(planned()) == b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n\r\n"


def test_request_of_http_1_0_needs_no_host():
    assert planned(version="1.0").head() == b"GET / HTTP/1.0\r\nConnection: close\r\n\r\n"


def test_header_is_written_as_it_stands_and_as_often():
    plan = planned(headers=[["X-One", "a"], ["x-ONE", "b\xff"], ["HOST", "x"], ["connection", "keep-alive"]])
    assert plan.head().split(b"\r\n")[1:5] == [
        b"X-One: a", b"x-ONE: b\xff", b"HOST: x", b"connection: keep-alive",
    ]  # fmt: skip
    assert b"Host:" not in plan.head()


def test_body_in_one_piece_says_its_length():
    assert wire(planned(method="POST", chunks=[{"text": "é"}])).endswith(
        b"Content-Length: 2\r\nConnection: close\r\n\r\n\xc3\xa9"
    )


def test_body_in_pieces_is_chunked():
    plan = planned(method="POST", chunks=[{"text": "one"}, {"text": ""}, {"base64": "/w=="}])
    assert wire(plan).endswith(
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\none\r\n1\r\n\xff\r\n0\r\n\r\n"
    )


def test_body_in_pieces_says_its_length_to_http_1_0():
    plan = planned(method="POST", version="1.0", chunks=[{"text": "one"}, {"text": "two"}])
    assert b"Content-Length: 6\r\n" in wire(plan)
    assert wire(plan).endswith(b"\r\n\r\nonetwo")


def test_half_a_body_is_not_ended():
    plan = planned(method="POST", chunks=[{"text": "one"}], whole=False)
    assert wire(plan).endswith(b"\r\n\r\n3\r\none\r\n")
    assert (
        b"Content-Length: 4\r\n"
        in planned(method="POST", version="1.0", chunks=[{"text": "one"}], whole=False).head()
    )


def test_trailers_come_behind_the_last_chunk_and_are_announced():
    trailers = [["X-Sum", "6"], ["x-more", "yes"]]
    plan = planned(method="POST", chunks=[{"text": "one"}], trailers=trailers)
    assert b"\r\nTrailer: X-Sum, x-more\r\nTransfer-Encoding: chunked\r\n" in plan.head()
    assert wire(plan).endswith(b"\r\n\r\n3\r\none\r\n0\r\nX-Sum: 6\r\nx-more: yes\r\n\r\n")
    assert planned(headers=[["trailer", "x"]], trailers=trailers).head().lower().count(b"trailer:") == 1


def test_framing_that_somebody_has_written_stays_so():
    plan = planned(method="POST", headers=[["content-length", "9"]], chunks=[{"text": "a"}, {"text": "b"}])
    assert wire(plan).count(b"ength") == 1
    assert wire(plan).endswith(b"\r\n\r\nab")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param([], "A request is an object", id="no object"),
        pytest.param({"method": 1}, "method is a text", id="a method that is no text"),
        pytest.param({"method": "GE T"}, "A method is a word", id="two methods"),
        pytest.param(
            {"method": "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"},
            "A method is a word",
            id="a second request in the method",
        ),
        pytest.param({"target": "/ HTTP/1.1\r\nx: y"}, "A target is", id="a header in the target"),
        pytest.param({"target": "/é"}, "A target is", id="a letter that is to be escaped"),
        pytest.param({"target": "http://evil.example/"}, "A target begins with a slash", id="another server"),
        pytest.param({"target": "/" + "x" * 9000}, "A target is", id="a target without an end"),
        pytest.param({"version": "3"}, "The versions", id="another version"),
        pytest.param({"version": "1.1\r\nx: y"}, "The versions", id="a header in the version"),
        pytest.param({"headers": {}}, "headers is a list", id="headers that are no list"),
        pytest.param(
            {"headers": [["a", "b"]] * (HEADERS + 1)}, "headers is a list of at most", id="too many headers"
        ),
        pytest.param(
            {"headers": [["x", "a\r\ny: b"]]}, "A header is a name", id="a second header in a value"
        ),
        pytest.param({"headers": [["x: y\r\nz", "a"]]}, "A header is a name", id="a second header in a name"),
        pytest.param({"headers": [["x", "a\0"]]}, "A header is a name", id="a zero"),
        pytest.param({"headers": [["x", "€"]]}, "no header can carry", id="a letter beyond Latin-1"),
        pytest.param({"headers": [["x"]]}, "A header is a name", id="half a header"),
        pytest.param(
            {"chunks": [{"text": "x"}] * (CHUNKS + 1)}, "chunks is a list of at most", id="too many pieces"
        ),
        pytest.param({"chunks": [{"text": "x" * (BODY + 1)}]}, "A body has at most", id="too long a body"),
        pytest.param(
            {"version": "1.0", "trailers": [["x", "y"]]}, "has no trailers", id="trailers of HTTP/1.0"
        ),
        pytest.param({"trailers": [["x", "a\r\n\r\nGET"]]}, "A header is", id="a request in a trailer"),
        pytest.param({"chunks": ["x"]}, "is an object", id="a piece that is none"),
        pytest.param({"chunks": [{}]}, "has a text", id="a piece of nothing"),
        pytest.param({"chunks": [{"base64": "x"}]}, "This is not base64", id="no base64"),
        pytest.param({"chunks": [{"text": "x", "pause": PAUSE + 1}]}, "A pause is", id="too long a pause"),
        pytest.param({"chunks": [{"text": "x", "pause": -1}]}, "A pause is", id="a pause backwards"),
        pytest.param(
            {"chunks": [{"text": "x", "pause": True}]}, "A pause is", id="a pause that is no number"
        ),
        pytest.param({"leave_bytes": "1"}, "leave_bytes is a number", id="bytes that are no number"),
        pytest.param({"leave_seconds": -1}, "leave_seconds is a number", id="a time that is over"),
        pytest.param({"leave_seconds": float("nan")}, "leave_seconds is a number", id="a time that is none"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        Plan.parse(data, "localhost")
