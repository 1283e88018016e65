"""A client that asks as fast as it is answered."""

import asyncio
from time import monotonic

from bench.throughput import requests_per_second

AT_A_TIME = 200


async def flood(site, requests, seconds):
    """Ask so many times, or for so many seconds; how often it was."""
    port, end, sent = int(site.rpartition(":")[2]), monotonic() + seconds, 0
    while sent < requests and monotonic() < end:
        await requests_per_second(port, AT_A_TIME, "/flood")
        sent += AT_A_TIME
        await asyncio.sleep(0)
    return sent
