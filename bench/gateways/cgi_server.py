"""A server that knows nothing but CGI (RFC 3875): `python -m bench.gateways.cgi_server HOST PORT`.

For each GET it starts the Django project as a program, gives it the request in its environment, and hands on
what that prints. The standard library gives up the one it has in `http.server`, deprecated since Python 3.13.
"""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from select import select

PROGRAM = Path(__file__).parents[2] / "apps" / "django_site" / "cgi_program.py"

# More programs than processors would only take them from each other. Further requests wait for their turn.
turns = threading.Semaphore(os.cpu_count() or 1)


class Handler(BaseHTTPRequestHandler):
    """Answers a request and closes the connection, as HTTP/1.0 does."""

    def do_GET(self) -> None:
        """Start the program, and hand on what it prints; 502 where it fails."""
        path, _, query = self.path.partition("?")
        variables = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_SOFTWARE": "bench",
            "SERVER_PROTOCOL": self.request_version,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(self.connection.getsockname()[1]),
            "REMOTE_ADDR": str(self.client_address[0]),
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
        }
        printed = b""
        with (
            turns,
            subprocess.Popen(  # noqa: S603 - the program is this project's own
                [sys.executable, PROGRAM],
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            ) as program,
        ):
            output = program.stdout.fileno()  # type: ignore[union-attr]  # it is a pipe
            while True:
                ready, _, _ = select([self.connection, output], [], [])
                if self.connection in ready:
                    # One request is all that a client says, so what comes now is that it leaves.
                    program.kill()
                    return
                if not (piece := os.read(output, 64 * 1024)):
                    break
                printed += piece
        if program.returncode:
            self.send_error(502, "the program failed")
            return
        # The status is for the server (6.3.3), and what Python's CGIHandler prints first.
        self.wfile.write(printed.replace(b"Status:", b"HTTP/1.0", 1))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing of what went well, as the other servers do."""


class Server(ThreadingHTTPServer):
    """One that lets many connect at once: five of them is what would wait otherwise."""

    request_queue_size = 128


if __name__ == "__main__":
    host, port = sys.argv[1:]
    Server((host, int(port)), Handler).serve_forever()
