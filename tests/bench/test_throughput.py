"""How much of a server's throughput is kept: less by an application that does more."""

import asyncio
from contextlib import closing

import pytest

from bench.throughput import SERVED, kept, measure, requests_per_second


def test_slower_application_keeps_less():
    rates = measure({"bare": SERVED["bare"], "slow": "tests.bench.slow:app"}, rounds=3, requests=40)
    assert [len(turns) for turns in rates.values()] == [3, 3]
    assert kept(rates)["slow"] < kept(rates)["bare"] == 1


def test_each_turn_is_compared_with_the_bare_one_of_its_round():
    assert kept({"bare": [10, 100, 30], "half": [5, 50, 30]}) == {"bare": 1, "half": 0.5}


async def test_another_answer_is_not_counted(monkeypatch):
    monkeypatch.setattr("bench.throughput.PATIENCE", 0.01)

    def refuse(reader, writer):
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 14\r\n\r\nHello, world!\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    with closing(server), pytest.raises(TimeoutError):
        await requests_per_second(server.sockets[0].getsockname()[1], 8)
