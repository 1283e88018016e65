"""What the tests of asgiscope.testing share: the server's side of it, judged as a server is."""

import httpx
import httpx2
import pytest

from asgiscope.contract import Party
from asgiscope.testing import ASGITransport, lifespan, websocket
from asgiscope.testing.call import Calls


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture
def calls_of():
    """The calls of an application: in none has the server broken a clause, and none runs on."""
    held = []

    def calls_of(app, **options):
        held.append(Calls(app, **options))
        return held[-1]

    yield calls_of
    conversations = [conversation for calls in held for conversation in calls.conversations]
    broken = [one for conversation in conversations for one in conversation.violations]
    assert [str(one) for one in broken if one.party is Party.SERVER] == []
    assert [call.name for calls in held for call in calls.running] == []


@pytest.fixture
def client_of(library, calls_of):
    """A client of an application. The options are the transport's."""

    def client_of(app, *arguments, base_url="http://testserver", **options):
        transport = ASGITransport(app, *arguments, calls=calls_of(app), **options)
        return library.AsyncClient(transport=transport, base_url=base_url)

    return client_of


@pytest.fixture
def websocket_to(calls_of):
    return lambda app, *arguments, **options: websocket(app, *arguments, calls=calls_of(app), **options)


@pytest.fixture
def lifespan_of(calls_of):
    return lambda app, **options: lifespan(app, calls=calls_of(app), **options)
