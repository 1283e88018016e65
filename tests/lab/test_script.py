"""The scripts of the cases: what their lines say, and what is done of it."""

import pytest

from lab.script import Deliberate, Step, play, steps


async def played(text, *events, scope=None, fails=()):
    """What a script sends, given these events; `fails` has the numbers of the sends that raise."""
    sent, events = [], list(events)

    async def receive():
        return events.pop(0)

    async def send(event):
        sent.append(event)
        if len(sent) - 1 in fails:
            raise OSError("the client has left")

    await play(steps(text), receive, send, scope)
    return sent, events


def test_lines_become_steps_with_the_headers_below_them():
    assert steps("""
    receive all
    try send http.response.start status=200
        a: b
    times 3 send http.response.body more_body=True
    sleep 0.5
    """) == (
        Step("receive", "all"),
        Step("send", {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}, 1, True),
        Step("send", {"type": "http.response.body", "more_body": True}, 3),
        Step("sleep", 0.5),
    )


@pytest.mark.parametrize("line", ["wait 3", "raise ValueError", "return 1", "Receive", "sleep soon", "push"])
def test_line_that_says_no_step_is_an_error(line):
    with pytest.raises(ValueError, match=r"is no step|could not convert"):
        steps(line)


async def test_receive_all_awaits_the_whole_body_and_leaves_what_is_behind_it():
    more = {"type": "http.request", "body": b"a", "more_body": True}
    last, gone = {"type": "http.request", "body": b"b"}, {"type": "http.disconnect"}
    assert await played("receive all", more, more, last, gone) == ([], [gone])


async def test_echo_sends_the_body_that_it_received():
    more, last = {"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request"}
    assert await played("echo", more, last) == ([{"type": "http.response.body", "body": b"a"}], [])


async def test_receive_of_a_type_ends_at_a_disconnect_in_any_case():
    gone, later = {"type": "websocket.disconnect"}, {"type": "websocket.receive"}
    assert await played("receive websocket.close", gone, later) == ([], [later])


async def test_what_the_server_raises_goes_through_unless_the_step_tries():
    sent, _ = await played("try send a\nsend b", fails=[0])
    assert [event["type"] for event in sent] == ["a", "b"]
    with pytest.raises(OSError, match="left"):
        await played("send a\nsend b", fails=[0])


async def test_raise_is_deliberate_and_return_ends():
    with pytest.raises(Deliberate):
        await played("try send a\nraise", fails=[0])
    assert await played("return\nraise") == ([], [])


@pytest.mark.parametrize(
    "scope", [{"path": "/a/b"}, {"path": "/a/b", "root_path": "/a"}, {"path": "/b", "root_path": "/a"}]
)
async def test_push_is_below_the_path_that_was_asked_for(scope):
    [pushed], _ = await played("push /pushed", scope=scope)
    assert pushed == {"type": "http.response.push", "path": "/a/b/pushed", "headers": []}


async def test_what_was_pushed_pushes_nothing():
    assert await played("push /pushed", scope={"path": "/a/b/pushed"}) == ([], [])


async def test_set_and_append_change_the_state_of_the_scope():
    scope = {"state": {"names": ["a"]}}
    await played("set greeting='hello there' number=1\nappend names='b'", scope=scope)
    assert scope == {"state": {"names": ["a", "b"], "greeting": "hello there", "number": 1}}
    with pytest.raises(KeyError):
        await played("set greeting=1", scope={})
