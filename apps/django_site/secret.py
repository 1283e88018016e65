"""A secret key that nobody has to think of: made once, kept beside the project, out of git."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(directory: Path) -> str:
    """The key kept in `directory`; made first, when there is none.

    Raises ImproperlyConfigured where it can be neither read nor written.
    """
    kept = directory / "django-secret-key"
    try:
        if not kept.exists():
            _keep(secrets.token_urlsafe(50), kept)
        return kept.read_text(encoding="ascii")
    except OSError as error:
        raise ImproperlyConfigured(
            f"the secret key cannot be kept in {kept} ({error.strerror}); "
            "let this user write there, or set DJANGO_SECRET_KEY"
        ) from error


def _keep(key: str, kept: Path) -> None:
    """Write the key, unless another process was faster: then its key stays."""
    kept.parent.mkdir(exist_ok=True)
    draft = kept.with_name(f"{kept.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
    # A link appears whole or not at all, and only where nothing is yet. So no worker ever reads half
    # a key, and all of them read the same one.
    try:
        os.link(draft, kept)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
