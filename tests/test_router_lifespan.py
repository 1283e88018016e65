"""The router's lifespan: one conversation with the server becomes one with each application.

What happens when the server ends it too early is in test_router_cancelled.py, what becomes of the state
in test_router_state.py.
"""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette

from apps.django_site.asgi import application as django
from router import Router
from tests.conversation import PATIENCE, call, lifespan
from tests.lifespans import (
    STARTED,
    STOPPED,
    not_started,
    not_stopped,
    nothing_runs_on,  # noqa: F401 - a fixture, for every test here
    starts,
    stops,
    well_behaved,
)

SHORT = 0.1  # seconds an application is given, where the test is about one that takes longer


@pytest.fixture
def log():
    """What the applications of a test did, in order."""
    return []


async def a_while():
    """Let everything else that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


# The order


async def test_applications_start_in_order_and_stop_in_reverse_with_the_default_as_the_last(log):
    mounts = {prefix: well_behaved(prefix, log) for prefix in ("/b", "/a/deep", "/a")}
    async with call(Router(mounts, default=well_behaved("default", log)), lifespan()) as server:
        assert await starts(server) == STARTED
        assert log == ["/b starts", "/a/deep starts", "/a starts", "default starts"]
        assert await stops(server) == [STOPPED]
    assert log[4:] == ["default stops", "/a stops", "/a/deep stops", "/b stops"]


async def test_application_starts_when_the_one_before_has_started(log):
    async def slow(scope, receive, send):
        await receive()
        await go.wait()
        log.append("slow starts")
        await send(STARTED)
        await receive()
        await send(STOPPED)

    go = asyncio.Event()
    async with call(Router({"/slow": slow, "/next": well_behaved("next", log)}), lifespan()) as server:
        await server.says("lifespan.startup")
        asyncio.get_running_loop().call_soon(go.set)
        assert await server.hears() == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["slow starts", "next starts", "next stops"]


async def test_nothing_starts_before_the_server_says_so(log):
    async def app(scope, receive, send):
        log.append("called")

    async with call(Router({"/a": app}), lifespan()) as server:
        await server.says("lifespan.startup")
        assert log == []
        assert await server.hears() == STARTED
        assert log == ["called"]


async def test_router_in_a_router_starts_and_stops_what_it_holds(log):
    inner = Router({"/x": well_behaved("/a/x", log), "/y": well_behaved("/a/y", log)})
    outer = Router({"/a": inner, "/b": well_behaved("/b", log)})
    async with call(outer, lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["/a/x starts", "/a/y starts", "/b starts", "/b stops", "/a/y stops", "/a/x stops"]


async def test_default_that_a_mount_of_the_root_replaces_has_no_lifespan(log):
    router = Router({"/": well_behaved("root", log)}, default=well_behaved("default", log))
    async with call(router, lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["root starts", "root stops"]


async def test_same_method_mounted_twice_has_one_lifespan():
    class Service:
        starts = 0

        async def app(self, scope, receive, send):
            await receive()
            self.starts += 1
            await send(STARTED)
            await receive()
            await send(STOPPED)

    service = Service()
    async with call(Router({"/a": service.app, "/b": service.app}), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert service.starts == 1


async def test_same_application_mounted_twice_has_one_lifespan(log):
    app = well_behaved("app", log)
    async with call(Router({"/a": app, "/b": app}, default=app), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["app starts", "app stops"]


async def test_router_can_start_again_after_it_has_stopped(log):
    router = Router({"/a": well_behaved("a", log, key="value")})
    for _ in range(2):
        async with call(router, lifespan()) as server:
            assert await starts(server) == STARTED
            assert await stops(server) == [STOPPED]
    assert log == ["a starts", "a stops"] * 2


# Applications that do not start


async def raises_at_once(scope, receive, send):
    raise ValueError("lifespan is not for me")


async def returns_at_once(scope, receive, send):
    pass


async def raises(scope, receive, send):
    await receive()
    raise OSError("no database")


async def returns(scope, receive, send):
    await receive()


async def says_that_it_has_stopped(scope, receive, send):
    await receive()
    await send(STOPPED)


async def answers_as_if_to_http(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200})


async def fails(scope, receive, send):
    await receive()
    await send(not_started("no database"))


async def fails_without_a_message(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed"})


async def fails_and_raises(scope, receive, send):
    await fails(scope, receive, send)
    raise OSError("no database")


async def fails_and_waits_for_more(scope, receive, send):
    await fails(scope, receive, send)
    while True:
        await receive()


async def fails_and_stays(scope, receive, send):
    await fails(scope, receive, send)
    await asyncio.Event().wait()


async def never_answers(scope, receive, send):
    await receive()
    await asyncio.Event().wait()


async def waits_for_what_comes_after_startup(scope, receive, send):
    await receive()
    await receive()


OUT_OF_TIME = "/bad: no answer to lifespan.startup within 0.1 seconds"


@pytest.mark.parametrize(
    ("bad", "failure"),
    [
        (fails, "/bad: no database"),
        (fails_without_a_message, "/bad: failed, and did not say why"),
        (fails_and_raises, "/bad: no database"),
        (fails_and_waits_for_more, "/bad: no database"),
        (fails_and_stays, "/bad: no database"),
        (never_answers, OUT_OF_TIME),
        (waits_for_what_comes_after_startup, OUT_OF_TIME),
        (Router({"/worse": fails}), "/bad: /worse: no database"),
    ],
)
@pytest.mark.parametrize("option", ["auto", "on"])
async def test_start_fails_when_one_application_fails_and_those_before_it_are_shut_down(
    bad, failure, option, log, caplog
):
    mounts = {"/a": well_behaved("a", log), "/b": well_behaved("b", log), "/bad": bad}
    router = Router({**mounts, "/c": well_behaved("c", log)}, lifespan=option, timeout=SHORT)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.returns() == [not_started(failure)]
    assert log == ["a starts", "b starts", "b stops", "a stops"]
    assert not caplog.records


@pytest.mark.parametrize("option", ["auto", "on"])
@pytest.mark.parametrize("quiet", [raises_at_once, returns_at_once, django])
async def test_application_without_a_use_for_lifespan_is_passed_over_in_silence(option, quiet, log, caplog):
    mounts = {"/a": well_behaved("a", log), "/quiet": quiet, "/b": well_behaved("b", log)}
    async with call(Router(mounts, lifespan=option), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["a starts", "b starts", "b stops", "a stops"]
    assert not caplog.records


# Applications that ask for `lifespan.startup` and end without an answer: how, and whether it is logged.
WITHOUT_AN_ANSWER = pytest.mark.parametrize(
    ("bad", "ending", "with_traceback"),
    [
        (raises, r"raised OSError\('no database'\)", True),
        (says_that_it_has_stopped, r"raised RuntimeError\(.*'lifespan\.shutdown\.complete'.*\)", True),
        (answers_as_if_to_http, r"raised RuntimeError\(.*'http\.response\.start'.*\)", True),
        (returns, "returned", False),
    ],
)


@WITHOUT_AN_ANSWER
async def test_application_that_ends_without_an_answer_is_logged_and_stops_no_other(
    bad, ending, with_traceback, log, caplog
):
    mounts = {"/a": well_behaved("a", log), "/bad": bad, "/b": well_behaved("b", log)}
    async with call(Router(mounts), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["a starts", "b starts", "b stops", "a stops"]
    assert [(record.name, bool(record.exc_info)) for record in caplog.records] == [("router", with_traceback)]
    assert caplog.text.count("The application at /bad") == 1


@WITHOUT_AN_ANSWER
async def test_application_that_ends_without_an_answer_stops_all_where_lifespan_is_on(
    bad, ending, with_traceback, log
):
    mounts = {"/a": well_behaved("a", log), "/bad": bad, "/b": well_behaved("b", log)}
    async with call(Router(mounts, lifespan="on"), lifespan()) as server:
        await server.says("lifespan.startup")
        [answer] = await server.returns()
    assert answer["type"] == "lifespan.startup.failed"
    assert re.fullmatch(f"/bad: {ending} before answering lifespan.startup", answer["message"])
    assert log == ["a starts", "a stops"]


@pytest.mark.parametrize(
    ("mounts", "name"),
    [({"/a/deep/": fails}, "/a/deep"), ({"/": fails}, "/"), ({}, "default")],
    ids=["a mount", "the root", "the default"],
)
async def test_server_hears_where_the_application_is_that_failed(mounts, name):
    async with call(Router(mounts, default=fails), lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.returns() == [not_started(f"{name}: no database")]


async def test_starlette_that_fails_to_start_is_heard_of_once(caplog):
    @asynccontextmanager
    async def lifetime(app):
        raise OSError("no database")
        yield

    async with call(Router({"/starlette": Starlette(lifespan=lifetime)}), lifespan()) as server:
        await server.says("lifespan.startup")
        [answer] = await server.returns()
    # Starlette's message is the whole traceback, and then it raises the same again.
    assert answer["type"] == "lifespan.startup.failed"
    assert answer["message"].startswith("/starlette: Traceback")
    assert answer["message"].endswith("OSError: no database\n")
    assert not caplog.records


# Applications that start and do not stop


async def returns_too_early(receive, send):
    pass


async def raises_too_early(receive, send):
    raise OSError("connection lost")


async def says_twice_that_it_has_started(receive, send):
    await send(STARTED)


async def raises_when_told_to_stop(receive, send):
    await receive()
    raise OSError("not flushed")


async def returns_when_told_to_stop(receive, send):
    await receive()


async def fails_to_stop(receive, send):
    await receive()
    await send(not_stopped("not flushed"))


async def says_that_it_has_started_when_told_to_stop(receive, send):
    await receive()
    await send(STARTED)


async def does_not_hear(receive, send):
    await asyncio.Event().wait()


async def says_twice_that_it_has_stopped(receive, send):
    await receive()
    await send(STOPPED)
    await send(STOPPED)


async def raises_after_its_last_word(receive, send):
    await receive()
    await send(STOPPED)
    raise OSError("not flushed")


async def waits_for_more_after_its_last_word(receive, send):
    await receive()
    await send(STOPPED)
    await receive()


async def stays_after_its_last_word(receive, send):
    await receive()
    await send(STOPPED)
    await asyncio.Event().wait()


WRONG_PHASE = (
    "the application at /bad sent 'lifespan.startup.complete', where one 'lifespan.shutdown.complete' or "
    "'lifespan.shutdown.failed' is due (lifespan.rst)"
)


@pytest.mark.parametrize(
    ("ending", "failure", "is_logged"),
    [
        (returns_too_early, None, False),
        (raises_too_early, None, True),
        (says_twice_that_it_has_started, None, True),
        (raises_when_told_to_stop, "raised OSError('not flushed') before answering lifespan.shutdown", True),
        (returns_when_told_to_stop, "returned before answering lifespan.shutdown", False),
        (
            says_that_it_has_started_when_told_to_stop,
            f'raised RuntimeError("{WRONG_PHASE}") before answering lifespan.shutdown',
            True,
        ),
        (fails_to_stop, "not flushed", False),
        (does_not_hear, "no answer to lifespan.shutdown within 0.1 seconds", False),
        (says_twice_that_it_has_stopped, None, True),
        (raises_after_its_last_word, None, True),
        (waits_for_more_after_its_last_word, None, False),
        (stays_after_its_last_word, None, False),
    ],
)
async def test_whatever_one_application_does_when_it_stops_the_others_are_shut_down(
    ending, failure, is_logged, log, caplog
):
    async def bad(scope, receive, send):
        await receive()
        await send(STARTED)
        await ending(receive, send)

    mounts = {"/a": well_behaved("a", log), "/bad": bad, "/b": well_behaved("b", log)}
    async with call(Router(mounts, timeout=SHORT), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [not_stopped(f"/bad: {failure}") if failure else STOPPED]
    assert log == ["a starts", "b starts", "b stops", "a stops"]
    assert [bool(record.exc_info) for record in caplog.records] == [True] * is_logged


async def test_server_hears_of_every_application_that_failed_to_stop():
    async def bad(scope, receive, send):
        await receive()
        await send(STARTED)
        await fails_to_stop(receive, send)

    async def worse(scope, receive, send):
        await receive()
        await send(STARTED)
        await returns_when_told_to_stop(receive, send)

    async with call(Router({"/bad": bad, "/worse": worse}), lifespan()) as server:
        assert await starts(server) == STARTED
        message = "/worse: returned before answering lifespan.shutdown; /bad: not flushed"
        assert await stops(server) == [not_stopped(message)]


async def test_server_hears_of_one_that_failed_to_stop_because_another_failed_to_start():
    async def bad(scope, receive, send):
        await receive()
        await send(STARTED)
        await fails_to_stop(receive, send)

    async with call(Router({"/bad": bad, "/worse": fails}), lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.returns() == [not_started("/worse: no database; /bad: not flushed")]


async def test_application_that_died_while_it_served_hears_nothing_more(log):
    async def dies(scope, receive, send):
        await receive()
        await send(STARTED)
        await die.wait()
        died.set()

    die, died = asyncio.Event(), asyncio.Event()
    async with call(Router({"/a": well_behaved("a", log), "/dies": dies}), lifespan()) as server:
        assert await starts(server) == STARTED
        die.set()
        await asyncio.wait_for(died.wait(), PATIENCE)
        assert await stops(server) == [STOPPED]
    assert log == ["a starts", "a stops"]


async def test_application_may_put_things_away_after_its_last_word(log):
    async def tidy(scope, receive, send):
        await receive()
        await send(STARTED)
        await receive()
        await send(STOPPED)
        await a_while()
        log.append("all put away")

    async with call(Router({"/a": well_behaved("a", log), "/tidy": tidy}), lifespan()) as server:
        assert await starts(server) == STARTED
        assert await stops(server) == [STOPPED]
    assert log == ["a starts", "all put away", "a stops"]


async def test_application_that_is_out_of_time_may_still_put_things_away(log):
    async def slow(scope, receive, send):
        try:
            await never_answers(scope, receive, send)
        finally:
            await a_while()
            log.append("all put away")

    router = Router({"/a": well_behaved("a", log), "/slow": slow}, timeout=SHORT)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        message = "/slow: no answer to lifespan.startup within 0.1 seconds"
        assert await server.returns() == [not_started(message)]
    assert log == ["a starts", "all put away", "a stops"]


async def test_application_that_waits_for_more_after_its_last_word_is_not_waited_for():
    async def stops_and_waits(scope, receive, send):
        await receive()
        await send(STARTED)
        await waits_for_more_after_its_last_word(receive, send)

    router = Router({"/a": stops_and_waits, "/bad": fails_and_waits_for_more}, timeout=10 * PATIENCE)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        assert await server.returns() == [not_started("/bad: no database")]


async def test_application_that_does_not_let_itself_be_cancelled_holds_up_nobody(log, caplog):
    async def stubborn(scope, receive, send):
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                log.append("stubborn stays")

    let_go = asyncio.Event()
    router = Router({"/a": well_behaved("a", log), "/stubborn": stubborn}, timeout=SHORT)
    async with call(router, lifespan()) as server:
        await server.says("lifespan.startup")
        message = "/stubborn: no answer to lifespan.startup within 0.1 seconds"
        assert await server.returns() == [not_started(message)]
    assert log == ["a starts", "stubborn stays", "a stops", "stubborn stays"]
    assert caplog.messages == ["The lifespan of /stubborn does not let itself be cancelled"]
    let_go.set()
    await asyncio.wait({task for task in asyncio.all_tasks() if task.get_name() == "lifespan of /stubborn"})
