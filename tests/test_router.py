"""The router finds the application: which one, what scope it is given, what happens when there is none.

The other half of the router, lifespan, is in test_router_lifespan.py.
"""

import copy
import sys
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import router
from router import Router, not_found
from tests.conversation import call, http, websocket

DENIAL = {"extensions": {"websocket.http.response": {}}}


def leaf(name):
    """An application that says who it is and what scope it was given, in an event of our own."""

    async def app(scope, receive, send):
        await send((name, scope))

    return app


def reached(app, scope):
    """What the leaf says that the scope reaches. It awaits nothing, so no event loop is needed."""
    said = []

    async def send(event):
        said.append(event)

    with suppress(StopIteration):
        app(scope, None, send).send(None)
    [answer] = said
    return answer


def routed(mounts, path, **scope):
    """The name of the leaf that the path reaches, its `root_path` and its `path`."""
    app = Router({prefix: leaf(prefix) for prefix in mounts}, default=leaf("default"))
    name, given = reached(app, http(**{"path": path, **scope}))
    return name, given["root_path"], given["path"]


# Which application


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        pytest.param("/raw", "/raw", id="the mount itself"),
        pytest.param("/raw/", "/raw", id="the mount and a slash"),
        pytest.param("/raw/x", "/raw", id="below the mount"),
        pytest.param("/rawer", "default", id="a longer name that only begins alike"),
        pytest.param("/ra", "default", id="a shorter name"),
        pytest.param("/RAW", "default", id="another case"),
        pytest.param("//raw", "default", id="an empty segment in front"),
        pytest.param("/raw//x", "/raw", id="an empty segment below"),
        pytest.param("/raw/hello", "/raw/hello", id="the deeper mount itself"),
        pytest.param("/raw/hello/x/y/z", "/raw/hello", id="far below the deeper mount"),
        pytest.param("/raw//hello", "/raw", id="an empty segment before the deeper mount"),
        pytest.param("/raw/helloes", "/raw", id="a longer name at the deeper mount"),
        pytest.param("/raw/../raw/hello", "/raw", id="dots are segments like others"),
        pytest.param("/deep", "default", id="above a mount is not in it"),
        pytest.param("/deep/er/still", "/deep/er/still", id="a mount below none"),
        pytest.param("/deep/er/x", "default", id="beside a mount below none"),
        pytest.param("/café/x", "/café", id="non-ASCII, as the server has decoded it"),
        pytest.param("/caf%C3%A9/x", "default", id="what a server has not decoded stays as it is"),
        pytest.param("/", "default", id="the root"),
        pytest.param("", "default", id="no path at all"),
        pytest.param("*", "default", id="the asterisk of OPTIONS"),
    ],
)
def test_router_matches_whole_segments(path, goes_to):
    name, *_ = routed(["/raw", "/raw/hello", "/deep/er/still", "/café"], path)
    assert name == goes_to


@pytest.mark.parametrize("order", list(permutations(["/", "/a", "/a/b", "/a/b/c"])))
@pytest.mark.parametrize(
    ("path", "goes_to"),
    [("/a/b/c/d", "/a/b/c"), ("/a/b/d", "/a/b"), ("/a/d", "/a"), ("/d", "/"), ("", "/")],
)
def test_longest_prefix_wins_whatever_the_order(order, path, goes_to):
    name, *_ = routed(order, path)
    assert name == goes_to


@pytest.mark.parametrize("mounts", [["/a/"], ["/a///"]], ids=["one", "three"])
def test_slash_at_the_end_of_a_prefix_means_nothing(mounts):
    assert routed(mounts, "/a") == (mounts[0], "/a", "/a")
    assert routed(mounts, "/a/b") == (mounts[0], "/a", "/a/b")


def test_router_without_mounts_gives_everything_to_its_default():
    assert routed([], "/a") == ("default", "", "/a")


# The scope it is given


@pytest.mark.parametrize(
    ("root_path", "path", "goes_to", "child_root", "child_path"),
    [
        pytest.param("/site", "/site/raw/x", "/raw", "/site/raw", "/site/raw/x", id="in the path"),
        pytest.param("/site", "/raw/x", "/raw", "/site/raw", "/site/raw/x", id="not in the path"),
        pytest.param("/site/", "/site/raw/x", "/raw", "/site/raw", "/site/raw/x", id="slash at its end"),
        pytest.param("/", "/raw/x", "/raw", "/raw", "/raw/x", id="nothing but a slash"),
        pytest.param("/a/b", "/a/b/raw", "/raw", "/a/b/raw", "/a/b/raw", id="two segments"),
        pytest.param("/site", "/site", "default", "/site", "/site", id="the root_path itself"),
        pytest.param("/site", "/site/x", "default", "/site", "/site/x", id="a miss, in the path"),
        pytest.param("/site", "/x", "default", "/site", "/site/x", id="a miss, not in the path"),
        pytest.param("/ra", "/raw/x", "/raw", "/ra/raw", "/ra/raw/x", id="path only begins alike"),
        pytest.param("/raw", "/raw/x", "default", "/raw", "/raw/x", id="in doubt, it is in the path"),
    ],
)
def test_mounted_application_finds_its_root_path_in_front_of_its_path(
    root_path, path, goes_to, child_root, child_path
):
    given = routed(["/raw"], path, root_path=root_path)
    assert given == (goes_to, child_root, child_path)


def test_scope_without_root_path_is_a_scope_with_an_empty_one():
    scope = http(target="/raw/x")
    del scope["root_path"]
    _, given = reached(Router({"/raw": leaf("raw")}), scope)
    assert given["root_path"] == "/raw"


@pytest.mark.parametrize("scope", [http, websocket])
@pytest.mark.parametrize("root_path", ["", "/site", "/elsewhere"])
@pytest.mark.parametrize("target", ["/site/raw/x", "/site/nothing"])
def test_router_changes_nothing_in_the_scope_of_its_caller(scope, root_path, target):
    theirs = scope(target=target, root_path=root_path, state={"key": ["value"]})
    before = copy.deepcopy(theirs)
    reached(Router({"/site/raw": leaf("raw"), "/raw": leaf("raw")}, default=leaf("default")), theirs)
    assert theirs == before


def test_mounted_application_gets_a_scope_of_its_own_and_everything_else_as_it_was():
    theirs = http("POST", "/raw/x%2Fy?q=1", [(b"x", b"1")], state={"key": "value"}, path="/raw/x/y")
    _, given = reached(Router({"/raw": leaf("raw")}), theirs)
    assert given is not theirs
    assert given == {**theirs, "root_path": "/raw"}
    assert given["raw_path"] == b"/raw/x%2Fy"


async def test_receive_and_send_are_those_of_the_server():
    async def app(scope, receive, send):
        seen.append((receive, send))

    async def receive():
        raise AssertionError("nobody asks")

    async def send(event):
        raise AssertionError("nobody answers")

    seen = []
    await Router({"/raw": app})(http(target="/raw"), receive, send)
    assert seen == [(receive, send)]


async def test_exception_of_an_application_reaches_the_server():
    async def app(scope, receive, send):
        raise LookupError("not mine")

    async with call(Router({"/raw": app}), http(target="/raw")) as server:
        with pytest.raises(LookupError, match="not mine"):
            await server.returns()


# No application


async def test_http_that_belongs_to_nobody_is_answered_404():
    async with call(Router({}), http(target="/x")) as client:
        start, body = await client.returns()
    assert start == {
        "type": "http.response.start",
        "status": 404,
        "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"10")],
    }
    assert body == {"type": "http.response.body", "body": b"Not found\n"}


async def test_head_that_belongs_to_nobody_is_told_the_length_of_what_it_does_not_get():
    async with call(Router({}), http("HEAD", "/x")) as client:
        start, body = await client.returns()
    assert (b"content-length", b"10") in start["headers"]
    assert body["body"] == b""


async def test_websocket_that_belongs_to_nobody_is_closed_when_it_has_asked_to_connect():
    async def receive():
        log.append("websocket.connect")

    async def send(event):
        log.append(event["type"])

    log = []
    await Router({})(websocket("/x"), receive, send)
    assert log == ["websocket.connect", "websocket.close"]


async def test_websocket_that_belongs_to_nobody_is_answered_404_where_the_server_can_say_it():
    async with call(Router({}), websocket("/x", **DENIAL)) as client:
        await client.says("websocket.connect")
        start, body = await client.returns()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
    assert body == {"type": "websocket.http.response.body", "body": b"Not found\n"}


@pytest.mark.parametrize("extensions", [None, {}], ids=["None", "empty"])
async def test_websocket_is_closed_where_extensions_are(extensions):
    async with call(not_found, websocket("/x", extensions=extensions)) as client:
        await client.says("websocket.connect")
        assert await client.returns() == [{"type": "websocket.close"}]


@pytest.mark.parametrize("app", [Router({"/": leaf("root")}), not_found], ids=["Router", "not_found"])
async def test_scope_type_that_nobody_knows_is_an_exception(app):
    async with call(app, {"type": "telnet", "asgi": {"version": "3.0"}}) as server:
        with pytest.raises(ValueError, match="'telnet'"):
            await server.returns()


# What cannot be mounted


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        pytest.param(lambda: Router({"raw": leaf("")}), ValueError, "'raw' .* slash", id="no slash"),
        pytest.param(
            lambda: Router({"/a": leaf(""), "/a/": leaf("")}), ValueError, "'/a/' .* twice", id="twice"
        ),
        pytest.param(
            lambda: Router({"": leaf(""), "/": leaf("")}), ValueError, "'/' .* twice", id="twice the root"
        ),
        pytest.param(lambda: Router({"/a": "app"}), TypeError, "'/a' .* 'app'", id="not callable"),
        pytest.param(lambda: Router({}, "app"), TypeError, "default .* 'app'", id="default not callable"),
        pytest.param(lambda: Router({}, timeout=0), ValueError, "more than 0, not 0", id="no time"),
        pytest.param(
            lambda: Router({}, lifespan="off"), ValueError, "'auto' or 'on', not 'off'", id="lifespan"
        ),
    ],
)
def test_mistake_in_the_table_is_named_when_the_router_is_made(build, error, message):
    with pytest.raises(error, match=message):
        build()


# Any table, any path

SEGMENTS = st.sampled_from(["a", "b", "ab", "é", "日本", "..", ".", "%2F", "a.b", ""])
PREFIXES = st.lists(SEGMENTS, max_size=4).map(lambda segments: "".join("/" + s for s in segments).rstrip("/"))
TABLES = st.lists(PREFIXES, unique=True, max_size=6)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=6).map(lambda segments: "".join("/" + s for s in segments))
ROOTS = st.sampled_from(["", "/", "/a", "/a/b", "/site/", "/é"])


def is_below(path, prefix):
    return path == prefix or path.startswith(prefix + "/")


def expected(mounts, path, root_path):
    """What `routed` has to answer, the slow way: look at each mount."""
    root = root_path.rstrip("/")
    full = path if is_below(path, root) else root + path
    own = full.removeprefix(root)
    fits = [mount for mount in mounts if is_below(own, mount)]
    if not fits:
        return "default", root, full
    longest = max(fits, key=len)
    return longest, root + longest, full


@given(mounts=TABLES, path=PATHS, root_path=ROOTS)
@example(mounts=["/a", "/a/b"], path="/a/b/a", root_path="/a")
@example(mounts=[""], path="//", root_path="/")
def test_router_finds_what_a_search_through_all_mounts_finds(mounts, path, root_path):
    assert routed(mounts, path, root_path=root_path) == expected(mounts, path, root_path)


@given(mounts=TABLES, path=PATHS, root=st.sampled_from(["/site", "/ü", "/x/y"]))
def test_router_does_the_same_whether_or_not_the_server_puts_root_path_into_path(mounts, path, root):
    assert routed(mounts, root + path, root_path=root) == routed(mounts, path, root_path=root)


@given(
    tables=st.dictionaries(st.sampled_from(["/a", "/b", "/é", "/.."]), TABLES, max_size=3),
    path=PATHS,
    root_path=ROOTS,
)
def test_nested_routers_do_what_one_flat_router_does(tables, path, root_path):
    def leaves(prefix):
        return {mount: leaf(prefix + mount) for mount in tables[prefix]}

    nested = {prefix: Router(leaves(prefix), default=leaf(prefix)) for prefix in tables}
    flat = {prefix: leaf(prefix) for prefix in tables}
    for prefix in tables:
        flat |= {prefix + mount: app for mount, app in leaves(prefix).items()}
    scope = http(path=path, root_path=root_path)
    assert reached(Router(nested, leaf("default")), scope) == reached(Router(flat, leaf("default")), scope)


# What it costs


def lines_run(app, scope):
    """How many lines of router.py run until the leaf is reached."""
    lines = 0

    def count(frame, event, argument):
        nonlocal lines
        lines += event == "line"
        return count if frame.f_code.co_filename == router.__file__ else None

    before = sys.gettrace()
    sys.settrace(count)
    try:
        reached(app, scope)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize(
    ("path", "shorter"),
    [
        pytest.param("/m999/x", "/m0/x", id="the last of a thousand mounts and the only one"),
        pytest.param("/" * 65536, "//", id="64 kB of slashes and two of them"),
        pytest.param("/" + "x" * 65536, "/x", id="64 kB in one segment and one letter"),
    ],
)
def test_neither_many_mounts_nor_a_long_path_takes_another_step(path, shorter):
    many = Router({f"/m{n}": leaf(n) for n in range(1000)}, default=leaf("default"))
    one = Router({"/m0": leaf(0)}, default=leaf("default"))
    assert 0 < lines_run(many, http(path=path)) == lines_run(one, http(path=shorter))


def test_router_takes_no_more_of_a_long_path_than_tells_it_from_the_longest_mount():
    class Path(str):
        __slots__ = ()

        def __getitem__(self, key):
            pieces.append(super().__getitem__(key))
            return pieces[-1]

    pieces = []
    reached(Router({"/mount": leaf("mount")}, leaf("default")), http(path=Path("/mounted" + "x" * 65536)))
    assert pieces == ["/mounte"]
