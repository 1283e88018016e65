"""What a middleware costs: the stacks are Django's, they answer, and the page shows what is measured."""

import asyncio

import pytest
from django.core.asgi import get_asgi_application
from django.test.utils import override_settings

from bench import middleware
from bench.middleware import BARE, STACKS, VIEWS, ask, lines, measure, ratio
from bench.turns import Sample
from tests.conversation import http


@pytest.mark.parametrize("target", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
async def test_stack_answers(stack, target):
    sent = []

    async def send(event):
        sent.append(event)

    async def receive():
        return said.pop() if said else await asyncio.Event().wait()

    said = [{"type": "http.request"}]
    with override_settings(ROOT_URLCONF=middleware.__name__, MIDDLEWARE=stack):
        await get_asgi_application()(http("GET", target), receive, send)
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"Hello, world!\n")


async def test_request_that_is_measured_ends():
    with override_settings(ROOT_URLCONF=middleware.__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"]):
        await asyncio.wait_for(ask(get_asgi_application(), "/async"), 10)


def test_every_stack_is_measured_with_every_view():
    times = measure({BARE: [], "one sync": STACKS["one sync"]}, rounds=1, length=1)
    assert set(times) == {Sample(view, name) for view in VIEWS for name in (BARE, "one sync")}
    assert all(time > 0 for time in times.values())


def test_page_has_the_rows_and_the_columns_of_the_bench():
    times = {Sample(view, name): 1000.0 for view in VIEWS for name in STACKS}
    assert ratio(times, "async view", BARE) == "1.00"
    made = list(lines(times))
    table = middleware.MARKS.search(middleware.PAGE.read_text(encoding="utf-8"))[0].splitlines()
    assert len(table) == len(made)
    for ours, shown in zip(made[2 : 2 + len(STACKS)], table[2:], strict=False):
        assert ours.split(" | ")[0] == shown.split(" | ")[0]
