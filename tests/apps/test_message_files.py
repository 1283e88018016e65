"""The broker of files: what a worker finds that looks while a message is being written."""

import queue

import kombu
import pytest
from kombu.exceptions import OperationalError

from apps.django_site.broker import broker_options

OURS = "apps.django_site.message_files:Transport"


@pytest.fixture
def open_channel(tmp_path):
    """Opens a channel of a transport, with a queue, named after the directory, of this test's own."""
    connections = []

    def open_channel(transport):
        options = broker_options("filesystem://localhost", tmp_path)
        connections.append(
            kombu.Connection("filesystem://localhost", transport=transport, transport_options=options)
        )
        channel = connections[-1].channel()
        kombu.Queue(tmp_path.name, kombu.Exchange(tmp_path.name), tmp_path.name)(channel).declare()
        return channel

    yield open_channel
    for connection in connections:
        connection.close()


class Looking:
    """Part of a message, and while it is written a worker asks for a message."""

    def __init__(self, worker, queue):
        self.worker, self.queue, self.found = worker, queue, None

    def __json__(self):
        try:
            self.found = self.worker._get(self.queue)
        except (queue.Empty, ValueError) as error:
            self.found = type(error)
        return "whole"


@pytest.mark.parametrize(
    ("transport", "meanwhile", "afterwards"),
    [
        pytest.param(OURS, queue.Empty, "whole", id="ours"),
        pytest.param("filesystem", ValueError, None, id="kombu's, which is why there is ours"),
    ],
)
def test_message_is_there_whole_or_not_at_all(open_channel, tmp_path, transport, meanwhile, afterwards):
    worker, publisher = open_channel(transport), open_channel(transport)
    message = publisher.prepare_message("", headers={"part": (looking := Looking(worker, tmp_path.name))})
    publisher.basic_publish(message, tmp_path.name, tmp_path.name)
    assert issubclass(looking.found, meanwhile)
    try:
        assert worker._get(tmp_path.name)["headers"]["part"] == afterwards
    except queue.Empty:
        assert afterwards is None


def test_messages_come_in_the_order_in_which_they_were_put(open_channel, tmp_path):
    worker, publisher = open_channel(OURS), open_channel(OURS)
    for number in range(20):
        message = publisher.prepare_message("", headers={"number": number})
        publisher.basic_publish(message, tmp_path.name, tmp_path.name)
    assert [worker._get(tmp_path.name)["headers"]["number"] for _ in range(20)] == list(range(20))


def test_directory_that_is_gone_is_said(open_channel, tmp_path):
    publisher = open_channel(OURS)
    (tmp_path / "messages").rmdir()
    with pytest.raises(OperationalError, match="no message can be put into"):
        publisher.basic_publish(publisher.prepare_message(""), tmp_path.name, tmp_path.name)
