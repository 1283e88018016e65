"""A recorded conversation in the languages of other tools.

    curl(conversation)                          a command that repeats the request
    har([conversation, ...])                    an archive that browsers open, as a dict to be written as JSON
    pytest_module(conversation, "shop:app")     a test that holds the conversation again

Credentials are masked in all of them, unless `secrets=True`; `masked(conversation)` does it.
"""

from .archive import har
from .credentials import masked
from .reproduction import pytest_module
from .shell import curl

__all__ = ["curl", "har", "masked", "pytest_module"]
