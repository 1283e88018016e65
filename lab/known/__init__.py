"""What is known to be otherwise: each deviation with the reason, and where its authors have been told, if
they have.

A run fails on what breaks a clause and is not here, and on what is here and does not break it any more.
Nobody is accused on one observation: besides the conversation that the lab holds, `confirmed` says where the
server's own source does it, or what another client has seen.
"""

from ..case import Verdict
from . import daphne, granian, gunicorn, hypercorn, transports, uvicorn
from .deviation import Known

__all__ = ["FAULTS", "FLAKY", "KNOWN", "SEEN", "Known", "known"]

FAULTS = (Verdict.BREAKS, Verdict.BROKEN_OFF)

SEEN = {
    "daphne": "4.2.3",
    "granian": "2.8.9",
    "gunicorn": "27.0.1",
    "httpx": "0.28.1",
    "hypercorn": "0.18.0",
    "starlette": "1.10.0",
    "uvicorn": "0.54.0",
}
"""The versions in which the deviations were seen."""

KNOWN: tuple[Known, ...] = (
    *uvicorn.KNOWN,
    *hypercorn.KNOWN,
    *daphne.KNOWN,
    *granian.KNOWN,
    *gunicorn.KNOWN,
    *transports.KNOWN,
)

FLAKY: dict[str, str] = {}
"""Cases that do not always show the same, with the reason: they are held and shown, and fail no run."""


def known(target: str, case: str, version: int) -> Known | None:
    """What is known about a result."""
    return next((one for one in KNOWN if one.is_about(target, case, version)), None)
