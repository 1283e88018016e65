"""The cases, in files that are named after the sections of the specification."""

from collections.abc import Mapping

from ..case import Case
from . import (
    app_errors,
    extensions,
    http2,
    http_chunks,
    http_disconnect,
    http_framing,
    http_request,
    http_response_body,
    http_response_frame,
    http_response_start,
    http_scope,
    http_scope_path,
    http_semantics,
    legacy,
    lifespan,
    own_errors,
    starts,
    versions,
    websocket_close,
    websocket_handshake,
    websocket_messages,
    websocket_scope,
    websocket_streams,
)

ALL = (
    *versions.CASES,
    *http_scope.CASES,
    *http_scope_path.CASES,
    *http_request.CASES,
    *http_chunks.CASES,
    *http_response_start.CASES,
    *http_response_body.CASES,
    *http_response_frame.CASES,
    *http_disconnect.CASES,
    *app_errors.CASES,
    *http_semantics.CASES,
    *http_framing.CASES,
    *http2.CASES,
    *lifespan.CASES,
    *legacy.CASES,
    *own_errors.CASES,
    *websocket_scope.CASES,
    *websocket_handshake.CASES,
    *websocket_messages.CASES,
    *websocket_close.CASES,
    *websocket_streams.CASES,
    *extensions.CASES,
    *starts.CASES,
)

CASES: Mapping[str, Case] = {case.id: case for case in ALL}
"""Every case, by its id."""

assert len(CASES) == len(ALL), "an id stands twice"  # noqa: S101 - a mistake in the data, and it is fatal
