"""Static files below wherever the project is mounted.

Django makes STATIC_URL once, in front of it the mount of the request that is being answered then. But the
middleware that serves the files asks for it when the project is loaded, before there is a request.
"""

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix
from servestatic.storage import CompressedManifestStaticFilesStorage


class Mounted:
    """Puts the mount of each request in front of its URLs."""

    @property
    def base_url(self) -> str:
        return get_script_prefix() + settings.SERVESTATIC_STATIC_PREFIX.removeprefix("/")


class Files(Mounted, StaticFilesStorage):
    """Files under their own names."""


class HashedFiles(Mounted, CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Files under names with a hash of their content, compressed beforehand."""
