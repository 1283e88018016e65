"""www.rst, HTTP Connection Scope: the path, as it was sent and decoded, and the query."""

from ..case import Case, breaks, differs, keeps
from ..checks import (
    ABSENT,
    NotCalled,
    Scope,
    ScopeIs,
    Status,
)
from ..wire.ask import Ask
from ..wire.http1 import Bytes
from .scripts import HELLO

CASES = (
    Case(
        "http.scope.path.percent-decoded/blank",
        "%20 in the path is a blank.",
        over=(1, 2, 3),
        client=Ask(below="/a%20b"),
        app=HELLO,
        outcomes=(keeps(ScopeIs.ends("path", "/a b"), Status(200)),),
    ),
    Case(
        "http.scope.path.percent-decoded/slash",
        "%2F in the path is a slash, and %25 a percent sign that is not decoded again.",
        over=(1, 2, 3),
        client=Ask(below="/a%2Fb%2541"),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("path", "/a/b%41"), Status(200)),
            breaks("The path is decoded twice.", ScopeIs.ends("path", "/a/bA")),
        ),
    ),
    Case(
        "http.scope.path.decoded-utf8/percent",
        "The bytes of UTF-8 in the path, percent-encoded, are a character.",
        over=(1, 2, 3),
        client=Ask(below="/%C3%A9"),
        app=HELLO,
        outcomes=(keeps(ScopeIs.ends("path", "/é"), Status(200)),),
    ),
    Case(
        "http.scope.path.decoded-utf8/bare",
        "The bytes of UTF-8 in the path, as they are, are a character, or refused (RFC 9112, 3.2).",
        client=Bytes((b"GET {target}/\xc3\xa9 HTTP/1.1\r\nhost: {host}\r\n\r\n",)),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("path", "/é"), Status(200)),
            keeps(NotCalled(), Status(400)),
            breaks("The bytes are read as Latin-1.", ScopeIs.ends("path", "/Ã©")),
        ),
    ),
    Case(
        "http.scope.path.no-query/question-mark",
        "The path ends before the question mark.",
        over=(1, 2, 3),
        client=Ask(below="/x", query="y=/z"),
        app=HELLO,
        outcomes=(keeps(ScopeIs.ends("path", "/x"), Scope(query_string=b"y=/z"), Status(200)),),
    ),
    Case(
        "http.scope.path.no-query/encoded-question-mark",
        "%3F is a question mark in the path, and begins no query.",
        over=(1, 2, 3),
        client=Ask(below="/x%3Fy"),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("path", "/x?y"), Scope(query_string=b""), Status(200)),
            differs(
                "It leaves the path encoded, which another clause is about.",
                ScopeIs.ends("path", "/x%3Fy"),
                Scope(query_string=b""),
                Status(200),
            ),
        ),
    ),
    Case(
        "http.scope.raw_path.unmodified/percent",
        "The raw path is what was sent, percent signs and all.",
        over=(1, 2, 3),
        client=Ask(below="/a%20b%2fc//d"),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("raw_path", b"/a%20b%2fc//d"), Status(200)),
            differs("It gives no raw path, which is optional.", Scope(raw_path=ABSENT), Status(200)),
            differs("It gives no raw path, which is optional.", Scope(raw_path=None), Status(200)),
        ),
    ),
    Case(
        "http.scope.raw_path.unmodified/dots",
        "Segments of dots stay in the raw path as they were sent.",
        client=Ask(below="/a/../b/./c"),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("raw_path", b"/a/../b/./c"), Status(200)),
            differs("It gives no raw path, which is optional.", Scope(raw_path=ABSENT), Status(200)),
            differs("It refuses a path with dots in it.", NotCalled(), Status(400, 403, 404)),
        ),
    ),
    Case(
        "http.scope.raw_path.no-query/query",
        "The raw path ends before the question mark.",
        over=(1, 2, 3),
        client=Ask(below="/x", query="y=1"),
        app=HELLO,
        outcomes=(
            keeps(ScopeIs.ends("raw_path", b"/x"), Status(200)),
            differs("It gives no raw path, which is optional.", Scope(raw_path=ABSENT), Status(200)),
        ),
    ),
    Case(
        "http.scope.query_string.raw/percent",
        "Percent-encoded bytes of the query stay as they are.",
        over=(1, 2, 3),
        client=Ask(query="a=%41+%2b&b"),
        app=HELLO,
        outcomes=(keeps(Scope(query_string=b"a=%41+%2b&b"), Status(200)),),
    ),
    Case(
        "http.scope.query_string.raw/second-question-mark",
        "A second question mark belongs to the query.",
        over=(1, 2, 3),
        client=Ask(query="a?b=?"),
        app=HELLO,
        outcomes=(keeps(Scope(query_string=b"a?b=?"), Status(200)),),
    ),
    Case(
        "http.scope.query_string.empty/none",
        "Without a query, the query string is empty.",
        over=(1, 2, 3),
        client=Ask(),
        app=HELLO,
        outcomes=(keeps(Scope(query_string=b""), Status(200)),),
    ),
    Case(
        "http.scope.query_string.empty/only-question-mark",
        "A question mark with nothing behind it is no query.",
        over=(1, 2, 3),
        client=Ask(below="?"),
        app=HELLO,
        outcomes=(keeps(Scope(query_string=b""), Status(200)),),
    ),
)
