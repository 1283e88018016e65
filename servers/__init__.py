"""Every ASGI server, described as a row of one table and started by one process-runner.

`python -m servers NAME` runs one in the foreground, `python -m servers --list` says what each can do. From
code, `running(LAUNCHERS[name], Options(...))` is a server for as long as a `with` lasts.
"""

from servers.certificate import CertificateError
from servers.command import Options, OptionsError
from servers.launchers import LAUNCHERS, Launcher
from servers.process import NotServingError, Running, running

__all__ = [
    "LAUNCHERS",
    "CertificateError",
    "Launcher",
    "NotServingError",
    "Options",
    "OptionsError",
    "Running",
    "running",
]
