"""The broker of files: kombu's, with messages that are there whole or not at all.

Kombu creates the file of a message under its name and then writes into it. A worker that looks in between
finds an empty message, takes it away, and ends with an error.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import OperationalError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes a message under a name that nobody looks for, and then gives it its own."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu's
        file = Path(self.data_folder_out, f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg")
        draft = file.with_suffix(".draft")
        try:
            draft.write_text(dumps(payload), encoding="utf-8")  # type: ignore[no-untyped-call]  # kombu's
            draft.rename(file)
        except OSError as error:
            raise OperationalError(f"no message can be put into {self.data_folder_out}: {error}") from error


class Transport(filesystem.Transport):
    """What settings.CELERY_BROKER_TRANSPORT names."""

    Channel = Channel
