"""The transport of httpx2."""

import httpx2

from bench.clients.of_httpx import OfHTTPX


class OfHTTPX2(OfHTTPX):
    library = httpx2
