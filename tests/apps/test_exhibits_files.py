"""A file, whole or in part: ranges, tags, the ways it goes, and what may not be reached."""

import asyncio
import os
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from apps.raw_asgi import files
from tests.conversation import answer, http

DIGITS = b"0123456789"
PATHSEND = {"http.response.pathsend": {}}
ZEROCOPYSEND = {"http.response.zerocopysend": {}}


@pytest.fixture(autouse=True)
async def no_task_is_left():
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """A file of ten digits in the gallery."""
    path = tmp_path / "digits.py"
    path.write_bytes(DIGITS)
    monkeypatch.setitem(files.FILES, "digits.py", path)
    return path


def ask(headers=(), method="GET", name="digits.py", **more):
    headers = [(key.replace("_", "-").encode(), value) for key, value in dict(headers).items()]
    return http(method, f"/raw/files/{name}", headers, root_path="/raw/files", **more)


async def got(scope):
    """The status, the headers and the body of the answer."""
    start, *pieces = await answer(files.app, scope)
    return start["status"], dict(start["headers"]), b"".join(piece.get("body", b"") for piece in pieces)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        pytest.param(b"bytes=0-3", (0, 3), id="the beginning"),
        pytest.param(b"bytes=4-4", (4, 4), id="a byte"),
        pytest.param(b"bytes=7-", (7, 9), id="from somewhere on"),
        pytest.param(b"bytes=0-", (0, 9), id="from the beginning on"),
        pytest.param(b"bytes=-3", (7, 9), id="the end"),
        pytest.param(b"bytes=-99", (0, 9), id="more of the end than there is"),
        pytest.param(b"bytes=8-99", (8, 9), id="beyond the end"),
        pytest.param(b"bytes=0-18446744073709551615", (0, 9), id="as far as numbers go"),
    ],
)
async def test_files_answers_a_range_with_that_part(digits, wanted, part):
    first, last = part
    status, headers, body = await got(ask({"range": wanted}))
    assert (status, body) == (206, DIGITS[first : last + 1])
    assert headers[b"content-range"] == b"bytes %d-%d/10" % part
    assert headers[b"content-length"] == b"%d" % len(body)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(b"bytes=10-", id="behind the end"),
        pytest.param(b"bytes=10-12", id="wholly behind the end"),
        pytest.param(b"bytes=-0", id="none of the end"),
        pytest.param(b"bytes=5-3", id="backwards"),
        pytest.param(b"bytes=", id="nothing"),
        pytest.param(b"bytes=-", id="no number"),
        pytest.param(b"bytes=3", id="no hyphen"),
        pytest.param(b"bytes=x-y", id="letters"),
        pytest.param(b"bytes=0x1-3", id="hexadecimal"),
        pytest.param(b"bytes=1 0-20", id="a space in a number"),
        pytest.param(b"bytes=--3", id="two hyphens"),
        pytest.param(b"bytes=0-3-5", id="three numbers"),
        pytest.param(b"bytes=0-\xd9\xa3", id="a digit of another script"),
        pytest.param(b"bytes=" + b"9" * 5000 + b"-", id="more digits than Python reads"),
        pytest.param(b"bytes=0-" + b"9" * 5000, id="as many after the hyphen"),
    ],
)
async def test_files_refuses_a_range_that_cannot_be_had(digits, wanted):
    status, headers, body = await got(ask({"range": wanted}))
    assert (status, body) == (416, b"")
    assert headers == {b"content-range": b"bytes */10", b"content-length": b"0"}


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        pytest.param("GET", None, id="no range"),
        pytest.param("GET", b"bytes=0-1,3-4", id="several ranges"),
        pytest.param("GET", b"lines=0-1", id="another unit"),
        pytest.param("GET", b"0-1", id="no unit"),
        pytest.param("GET", b"", id="nothing"),
        pytest.param("HEAD", b"bytes=0-1", id="HEAD, which has no parts"),
    ],
)
async def test_files_gives_the_whole_where_no_range_counts(digits, method, wanted):
    status, headers, body = await got(ask({} if wanted is None else {"range": wanted}, method))
    assert (status, body) == (200, DIGITS if method == "GET" else b"")
    assert headers[b"content-length"] == b"10"
    assert headers[b"accept-ranges"] == b"bytes"
    assert b"content-range" not in headers


@pytest.mark.parametrize(
    ("witness", "status"),
    [
        pytest.param("{etag}", 206, id="the same tag"),
        pytest.param("{modified}", 206, id="the same date"),
        pytest.param('"other"', 200, id="another tag"),
        pytest.param("W/{etag}", 200, id="a weak tag, which is none of bytes"),
        pytest.param("Mon, 01 Jan 2024 00:00:00 GMT", 200, id="another date"),
        pytest.param("", 200, id="nothing"),
    ],
)
async def test_files_gives_a_part_only_of_the_file_that_the_client_has_begun_with(digits, witness, status):
    assert (await got(ask({"range": b"bytes=0-3", "if_range": await said(witness)})))[0] == status


async def said(witness):
    """A header about the file, in which its present tag and date are filled in."""
    _, headers, _ = await got(ask())
    values = {"etag": headers[b"etag"].decode(), "modified": headers[b"last-modified"].decode()}
    return witness.format(**values).encode()


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param({"if_none_match": "{etag}"}, 304, id="the tag"),
        pytest.param({"if_none_match": "W/{etag}"}, 304, id="the tag, weak"),
        pytest.param({"if_none_match": '"a", {etag},"b"'}, 304, id="the tag among others"),
        pytest.param({"if_none_match": " * "}, 304, id="any"),
        pytest.param({"if_none_match": '"other"'}, 200, id="another tag"),
        pytest.param({"if_none_match": ""}, 200, id="no tag"),
        pytest.param({"if_none_match": '"x{etag}'}, 200, id="a tag with more before it"),
        pytest.param({"if_modified_since": "{modified}"}, 304, id="the date"),
        pytest.param({"if_modified_since": "yesterday"}, 200, id="no date"),
        pytest.param({"if_none_match": '"x"', "if_modified_since": "{modified}"}, 200, id="tag over date"),
        pytest.param({"If-None-Match": "{etag}"}, 304, id="a server that keeps the case"),
        pytest.param({"if_none_match": "{etag}", "range": "bytes=0-3"}, 304, id="the tag, and a range"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_files_tells_a_client_that_has_it_no_more_than_that(digits, method, known, status):
    known = {name: await said(value) for name, value in known.items()}
    answered, headers, body = await got(ask(known, method))
    assert answered == status
    assert b"etag" in headers
    if status == 304:
        assert body == b""
        assert not {b"content-length", b"content-type", b"content-range"} & set(headers)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        pytest.param("{etag}", 200, id="the tag"),
        pytest.param('"a", {etag}', 200, id="the tag among others"),
        pytest.param("*", 200, id="any"),
        pytest.param('"other"', 412, id="another tag"),
        pytest.param("W/{etag}", 412, id="the tag, weak, which is no promise"),
        pytest.param("", 412, id="no tag"),
    ],
)
async def test_files_gives_no_other_version_than_the_one_wanted(digits, wanted, status):
    answered, _, body = await got(ask({"if_match": await said(wanted)}))
    assert answered == status
    assert body == (DIGITS if status == 200 else b"")


async def test_files_knows_a_changed_file_by_another_tag(digits):
    before = await said("{etag}")
    digits.write_bytes(DIGITS[::-1])
    assert (await got(ask({"if_none_match": before})))[0] == 200


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "../hello.py",
        "../raw_asgi/hello.py",
        "../catalogue.py",
        "../../router.py",
        "./hello.py",
        "%2e%2e/catalogue.py",
        "..%2fcatalogue.py",
        "..\\catalogue.py",
        "\\hello.py",
        "/etc/passwd",
        "//etc/passwd",
        str(Path(files.__file__)),
        "file://" + str(Path(files.__file__)),
        "hello.py\0",
        "hello.py\0.txt",
        "\0",
        "hello",
        "HELLO.PY",
        "hello.pyc",
        "hello.py.",
        "hello.py::$DATA",
        "héllo.py",
        "hell\N{CYRILLIC SMALL LETTER O}.py",
        "\ud800.py",
        "__pycache__",
        "__pycache__/hello.cpython-313.pyc",
        "*.py",
        "~",
        "x" * 100_000,
    ],
    ids=lambda name: ascii(name)[:40],
)
@pytest.mark.parametrize("mount", ["/raw/files", ""])
async def test_files_has_only_what_it_lists(name, mount):
    scope = {**http("GET"), "path": f"{mount}/{name}", "root_path": mount, "extensions": PATHSEND}
    start, body = await answer(files.app, scope)
    assert (start["status"], body["body"]) == (404, b"Not found\n")


@pytest.mark.parametrize("path", ["/raw/files", "/raw/files/"])
async def test_files_lists_the_gallery(path):
    _, body = await answer(files.app, http("GET", path, root_path="/raw/files"))
    folder = Path(files.__file__).parent
    assert body["body"].decode().split() == sorted(path.name for path in folder.glob("*.py"))


@pytest.mark.parametrize("name", sorted(files.FILES))
async def test_files_serves_each_file_of_the_gallery(name):
    status, _, body = await got(ask(name=name))
    assert (status, body) == (200, files.FILES[name].read_bytes())


@pytest.mark.parametrize(
    ("offered", "method", "headers", "sent"),
    [
        pytest.param(PATHSEND, "GET", {}, "http.response.pathsend", id="a path for the whole"),
        pytest.param(PATHSEND | ZEROCOPYSEND, "GET", {}, "http.response.pathsend", id="rather a path"),
        pytest.param(PATHSEND, "GET", {"range": b"bytes=0-3"}, "http.response.body", id="no path for a part"),
        pytest.param(ZEROCOPYSEND, "GET", {}, "http.response.zerocopysend", id="a file"),
        pytest.param(
            PATHSEND | ZEROCOPYSEND,
            "GET",
            {"range": b"bytes=0-3"},
            "http.response.zerocopysend",
            id="a file for a part",
        ),
        pytest.param({}, "GET", {}, "http.response.body", id="nothing offered"),
        pytest.param(PATHSEND | ZEROCOPYSEND, "HEAD", {}, "http.response.body", id="HEAD"),
        pytest.param(
            PATHSEND | ZEROCOPYSEND, "GET", {"if_none_match": b"*"}, "http.response.body", id="not modified"
        ),
        pytest.param(
            PATHSEND | ZEROCOPYSEND, "GET", {"range": b"bytes=99-"}, "http.response.body", id="no such range"
        ),
    ],
)
async def test_files_goes_the_shortest_way_that_the_server_offers(digits, offered, method, headers, sent):
    _, *events = await answer(files.app, ask(headers, method, extensions=offered))
    assert [event["type"] for event in events] == [sent]


async def test_files_names_an_absolute_path_and_its_length(digits):
    start, event = await answer(files.app, ask(extensions=PATHSEND))
    assert event == {"type": "http.response.pathsend", "path": str(digits)}
    assert Path(event["path"]).is_absolute()
    assert (b"content-length", b"10") in start["headers"]


@pytest.mark.parametrize(
    ("headers", "part"), [({}, DIGITS), ({"range": b"bytes=3-5"}, b"345"), ({"range": b"bytes=-1"}, b"9")]
)
@pytest.mark.parametrize("fails", [False, True], ids=["well", "with an error"])
async def test_files_lends_an_open_file_and_closes_it_however_that_ends(digits, headers, part, fails):
    lent = []

    async def nothing():
        raise AssertionError("nothing is received")

    async def send(event):
        if event["type"] == "http.response.zerocopysend":
            lent.append(event["file"])
            assert os.pread(event["file"].fileno(), event["count"], event["offset"]) == part
            if fails:
                raise BrokenPipeError

    try:
        await files.app(ask(headers, extensions=ZEROCOPYSEND), nothing, send)
    except BrokenPipeError:
        assert fails
    assert [file.closed for file in lent] == [True]


@pytest.mark.parametrize("size", [0, 1, files.CHUNK - 1, files.CHUNK, files.CHUNK + 1, 3 * files.CHUNK + 7])
async def test_files_sends_chunks_that_add_up(digits, size):
    content = os.urandom(size)
    digits.write_bytes(content)
    start, *chunks = await answer(files.app, ask())
    assert dict(start["headers"])[b"content-length"] == b"%d" % size
    assert b"".join(chunk["body"] for chunk in chunks) == content
    assert max(len(chunk["body"]) for chunk in chunks) <= files.CHUNK
    assert [chunk["more_body"] for chunk in chunks] == [True] * (len(chunks) - 1) + [False]


async def test_files_sends_a_part_that_spans_chunks(digits):
    content = os.urandom(4 * files.CHUNK)
    digits.write_bytes(content)
    first, last = 10, 3 * files.CHUNK
    _, *chunks = await answer(files.app, ask({"range": b"bytes=%d-%d" % (first, last)}))
    assert b"".join(chunk["body"] for chunk in chunks) == content[first : last + 1]
    ends = list(accumulate(len(chunk["body"]) for chunk in chunks))
    assert all(one < other for one, other in pairwise(ends))


async def test_files_ends_where_a_file_has_become_shorter_meanwhile(digits):
    digits.write_bytes(bytes(3 * files.CHUNK))
    sent = []

    async def send(event):
        sent.append(event)
        if event["type"] == "http.response.start":
            os.truncate(digits, files.CHUNK + 1)

    await files.app(ask(), None, send)
    assert sum(len(event["body"]) for event in sent[1:]) == files.CHUNK + 1
    assert not sent[-1]["more_body"]
