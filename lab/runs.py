"""The names of runs. A run is one time that a case is held; its name stands in the target.

The name is signed with the token of the probe, so that the bytes of a case need not hold the token, and
nobody without it can have a case held.
"""

import hmac
import secrets

NAME = 16  # digits of the name itself; as many are its signature


def new_run(token: str) -> str:
    """A name that nobody has had, signed."""
    name = secrets.token_hex(NAME // 2)
    return name + signature(name, token)


def is_run(run: str, token: str) -> bool:
    """Whether whoever made this name has the token."""
    name, signed = run[:NAME], run[NAME:]
    return len(name) == NAME and hmac.compare_digest(signed, signature(name, token))


def signature(name: str, token: str) -> str:
    """What stands behind a name."""
    return hmac.new(token.encode(), name.encode(), "sha256").hexdigest()[:NAME]
