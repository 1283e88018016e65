"""Clients that ask again as soon as they are answered, over the same connection where the server keeps it."""

import asyncio
import re
from time import perf_counter

PATIENCE = 30.0  # seconds more than it should last, until a turn is given up
REQUEST = "GET {} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"HTTP/1\.0 |.*\r\nconnection: *close", re.IGNORECASE | re.DOTALL)


class UnexpectedAnswer(Exception):
    """A server has not answered as it should. The text says what it was asked and what it said."""


async def ask(port: int, path: str, until: float, least: int, answers: list[int]) -> None:
    """Ask until that time, and until there are so many answers; note how many bytes each has."""
    connection = None
    try:
        while True:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = connection
            writer.write(REQUEST.format(path).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            if head.split()[1] != b"200" or length is None:
                raise UnexpectedAnswer(f"{path}: {head.decode('latin-1')}")
            answers.append(len(await reader.readexactly(int(length[1]))))
            if CLOSES.match(head):
                writer.close()
                connection = None
            if perf_counter() >= until and len(answers) >= least:
                return
    finally:
        if connection is not None:
            connection[1].close()


async def requests_per_second(port: int, path: str, clients: int, seconds: float) -> float:
    """How many requests of so many clients are answered in a second.

    It ends with the first answer after so many seconds, if by then as many have come as a quarter of the
    clients; whoever still waits then, leaves. Raises UnexpectedAnswer, what asyncio raises where a connection
    fails, and TimeoutError where nothing comes.
    """
    answers: list[int] = []
    began = perf_counter()
    asking = [
        asyncio.create_task(ask(port, path, began + seconds, clients // 4, answers)) for _ in range(clients)
    ]
    try:
        async with asyncio.timeout(seconds + PATIENCE):
            ended, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        took = perf_counter() - began
        for client in ended:
            client.result()
        return len(answers) / took
    finally:
        for client in asking:
            client.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
