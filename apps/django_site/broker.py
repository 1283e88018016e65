"""What Celery is told of its broker, which each kind of broker has other words for."""

from pathlib import Path
from typing import Any


def broker_options(url: str, directory: Path) -> dict[str, Any]:
    """The transport options for the broker at the URL; `directory` is where one of files keeps them."""
    scheme = url.partition("://")[0]
    if scheme == "filesystem":
        # One directory is where messages are put and where they are found: each end thinks of it as its own.
        messages, control = directory / "messages", directory / "control"
        for folder in (messages, control):
            folder.mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
        }
    if scheme.startswith("redis"):
        # Seconds until a message that nobody has acknowledged is given to another worker: more than a task
        # may take, or one that only takes long would run twice.
        return {"visibility_timeout": 300, "socket_timeout": 10, "socket_connect_timeout": 3}
    # RabbitMQ says when it has the message. Without, one that is lost on the way would not be missed.
    return {"confirm_publish": True}
