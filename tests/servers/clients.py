"""Clients that show what is on the wire: a request, and all that comes back for it, over each HTTP.

httpx speaks HTTP/1.1 here. It hides early hints, trailers and pushed responses, and has no HTTP/3, so h2 and
aioquic are driven by hand. All of them trust the certificate that the server shows, and no other.
"""

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings
import httpx
import websockets
from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived, PushPromiseReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated

from servers.certificate import CERTIFICATE
from servers.process import ROOT

LIMIT = 10  # seconds for what should happen at once


@dataclass
class Answer:
    """What came back for a request; `ended` is False where it broke off, or the client left."""

    status: int = 0
    headers: list = field(default_factory=list)
    body: bytes = b""
    trailers: dict = field(default_factory=dict)
    hints: list = field(default_factory=list)
    pushed: list = field(default_factory=list)
    ended: bool = False

    def header(self, name):
        """The first of that name, or None."""
        return dict(reversed(self.headers)).get(name)

    def take(self, fields):
        """The fields of a 103, of the response itself, or of the trailers after it."""
        texts = [(bytes(name).decode(), bytes(value).decode("latin-1")) for name, value in fields]
        status = int(dict(texts).get(":status", 0))
        if status == 103:
            self.hints.append(dict(texts))
        elif status:
            self.status, self.headers = status, texts
        else:
            self.trailers = dict(texts)


def trusting(alpn):
    """TLS for a client that offers these protocols."""
    context = ssl.create_default_context(cafile=ROOT / CERTIFICATE)
    context.set_alpn_protocols(alpn)
    return context


async def ask(server, version, path, *, method="GET", headers=(), body=b"", until=None, empty_data=False):
    """Ask for a path in a version of HTTP. `until` is shown each state of the answer, and true to leave then.

    With `empty_data`, a request without a body over HTTP/2 ends with an empty DATA frame, and not with its
    HEADERS frame as it usually does.
    """
    answer = Answer()
    request = method, path, list(headers), body
    async with asyncio.timeout(LIMIT):
        if version == 1:
            await _ask_1(server, request, answer, until)
        elif version == 2:
            await _ask_2(server, request, answer, until, empty_data)
        else:
            await _ask_3(server, request, answer, until)
    return answer


def fields_of(method, scheme, path):
    """The request line, as HTTP/2 and HTTP/3 write it."""
    return [(":method", method), (":scheme", scheme), (":authority", "localhost"), (":path", path)]


async def _ask_1(server, request, answer, until):
    method, path, headers, body = request
    verify = trusting(["http/1.1"]) if server.options.tls else False
    transport = httpx.AsyncHTTPTransport(uds=server.options.uds, verify=verify)
    async with httpx.AsyncClient(transport=transport, timeout=LIMIT) as client:
        # A path in httpx is a URL, whose dots it resolves; the wire shall have it as it is.
        extensions = {"target": path.encode()}
        asked = client.build_request(
            method, server.url, headers=headers, content=body or None, extensions=extensions
        )
        response = await client.send(asked, stream=True)
        assert response.http_version == "HTTP/1.1"
        answer.status, answer.headers = response.status_code, response.headers.multi_items()
        with contextlib.suppress(httpx.TransportError):
            async for data in response.aiter_raw():
                answer.body += data
                if until and until(answer):
                    break
            else:
                answer.ended = True
        await response.aclose()


async def _ask_2(server, request, answer, until, empty_data):
    method, path, headers, body = request
    async with opened_2(server) as wire:
        wire.h2.send_headers(
            1,
            [*fields_of(method, wire.scheme, path), *headers],
            end_stream=not body and not empty_data,
        )
        if empty_data and not body:
            wire.h2.send_data(1, b"", end_stream=True)
        rest = memoryview(body)
        while not answer.ended and not (until and until(answer)):
            while rest and (size := min(wire.h2.local_flow_control_window(1), 16384, len(rest))):
                wire.h2.send_data(1, rest[:size].tobytes(), end_stream=size == len(rest))
                rest = rest[size:]
            events = await wire.events()
            if not events:
                return
            for event in events:
                match event:
                    case h2.events.PushedStreamReceived():
                        answer.pushed.append(dict(event.headers)[b":path"].decode())
                    case h2.events.InformationalResponseReceived(stream_id=1):
                        answer.take(event.headers)
                    case h2.events.ResponseReceived(stream_id=1) | h2.events.TrailersReceived(stream_id=1):
                        answer.take(event.headers)
                    case h2.events.DataReceived(stream_id=1):
                        answer.body += event.data
                    case h2.events.StreamEnded(stream_id=1):
                        answer.ended = True
                    case h2.events.StreamReset(stream_id=1):
                        return


class Wire2:
    """An HTTP/2 connection: h2 for the frames, asyncio for the bytes."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.scheme = "https" if writer.get_extra_info("ssl_object") else "http"
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        self.h2.initiate_connection()

    async def events(self):
        """Send what is to be sent, and wait for what comes next; [] once the connection is closed."""
        try:
            self.writer.write(self.h2.data_to_send())
            await self.writer.drain()
            data = await self.reader.read(65536)
        except ConnectionError:
            data = b""
        events = self.h2.receive_data(data) if data else []
        for event in events:
            if isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if data and not events:
            return await self.events()
        return events


@contextlib.asynccontextmanager
async def opened_2(server):
    """An HTTP/2 connection, by ALPN over TLS and by prior knowledge in clear text."""
    options = server.options
    context = trusting(["h2"]) if options.tls else None
    reader, writer = await asyncio.open_connection(options.host, options.port, ssl=context)
    if context:
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    try:
        yield Wire2(reader, writer)
    finally:
        writer.transport.abort()


class Wire3(QuicConnectionProtocol):
    """An HTTP/3 connection, whose events are put in a queue."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.h3 = H3Connection(self._quic)
        self.received = asyncio.Queue()

    def quic_event_received(self, event):
        if isinstance(event, ConnectionTerminated):
            self.received.put_nowait(event)
        for received in self.h3.handle_event(event):
            self.received.put_nowait(received)


@contextlib.asynccontextmanager
async def opened_3(server):
    """An HTTP/3 connection."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"])
    configuration.load_verify_locations(str(ROOT / CERTIFICATE))
    options = server.options
    async with connect(
        options.host, options.port, configuration=configuration, create_protocol=Wire3
    ) as wire:
        yield wire


async def _ask_3(server, request, answer, until):
    method, path, headers, body = request
    async with opened_3(server) as wire:
        stream = wire._quic.get_next_available_stream_id()
        fields = [*fields_of(method, "https", path), *headers]
        encoded = [(name.encode(), value.encode()) for name, value in fields]
        wire.h3.send_headers(stream, encoded, end_stream=not body)
        if body:
            wire.h3.send_data(stream, body, end_stream=True)
        wire.transmit()
        while not answer.ended and not (until and until(answer)):
            event = await wire.received.get()
            if isinstance(event, ConnectionTerminated):
                return
            if isinstance(event, PushPromiseReceived):
                answer.pushed.append(dict(event.headers)[b":path"].decode())
            elif event.stream_id == stream:
                if isinstance(event, HeadersReceived):
                    answer.take(event.headers)
                elif isinstance(event, DataReceived):
                    answer.body += event.data
                answer.ended = event.stream_ended


async def first_message(server, version):
    """What the server sends first over a WebSocket, or b"" where it takes none."""
    fields = {":method": "CONNECT", ":protocol": "websocket", ":scheme": "https", ":path": "/scope"}
    fields |= {":authority": "localhost", "sec-websocket-version": "13"}
    async with asyncio.timeout(LIMIT):
        if version == 1:
            url = server.url.replace("http", "ws", 1)
            tls = trusting(["http/1.1"]) if server.options.tls else None
            async with websockets.connect(url, ssl=tls, close_timeout=1) as client:
                return (await client.recv()).encode()
        if version == 2:
            return await _first_message_2(server, fields)
        async with opened_3(server) as wire:
            stream = wire._quic.get_next_available_stream_id()
            wire.h3.send_headers(stream, [(name.encode(), value.encode()) for name, value in fields.items()])
            wire.transmit()
            while not getattr(event := await wire.received.get(), "data", b""):
                pass
            return event.data


async def _first_message_2(server, fields):
    async with opened_2(server) as wire:
        events = []
        while not any(isinstance(event, h2.events.RemoteSettingsChanged) for event in events):
            events = await wire.events()
        settings = wire.h2.remote_settings
        # A client may send such a CONNECT only to a server that has said so (RFC 8441, 3).
        if not settings.get(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL):
            return b""
        wire.h2.send_headers(1, list(fields.items()))
        while events := await wire.events():
            for event in events:
                if isinstance(event, h2.events.DataReceived):
                    return event.data
                if isinstance(event, h2.events.StreamReset):
                    return b""
        return b""


async def stopped_during(server, version, path):
    """What comes of an answer when the server is stopped in the middle of it."""
    begun = asyncio.Event()

    def is_seen(answer):
        if answer.body:
            begun.set()
        return False

    asking = asyncio.create_task(ask(server, version, path, until=is_seen))
    await asyncio.wait([asking, asyncio.create_task(begun.wait())], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(server.stop)
    return await asking


def wait_until(condition):
    """Return once the condition holds; fail when it does not in time."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "what was waited for has not happened"
        time.sleep(0.02)
