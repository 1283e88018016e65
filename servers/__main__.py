"""python -m servers NAME: start the site, or another application, on one of the servers."""

import argparse
import sys
from typing import NoReturn

from servers.certificate import CertificateError
from servers.command import Options, OptionsError
from servers.launchers import LAUNCHERS
from servers.listing import listing
from servers.process import serve

PROGRAM = "python -m servers"
DEFAULT_PORT = 8000


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake by one sentence, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The options of the command line."""
    parser = Parser(
        prog=PROGRAM,
        description="Start an ASGI server: the command it is started by is printed first.",
        epilog="Ctrl-C stops it gracefully; a second one kills it.",
    )
    names = ", ".join(LAUNCHERS)
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"the server: {names}")
    parser.add_argument("--list", action="store_true", help="say what each server can do, and what it lacks")
    parser.add_argument("--app", default=Options.app, metavar="MODULE:ATTRIBUTE", help="default: %(default)s")
    parser.add_argument(
        "--http",
        type=int,
        choices=(1, 2, 3),
        help="the newest version of HTTP to offer; default: what the server offers by itself",
    )
    parser.add_argument("--tls", action="store_true", help="TLS, with a certificate made for localhost")
    parser.add_argument("--host", help=f"default: {Options.host}, which only this machine can reach")
    parser.add_argument("--port", type=int, help=f"default: {DEFAULT_PORT}; 0 is any that is free")
    parser.add_argument("--uds", metavar="PATH", help="a Unix domain socket, in place of a port")
    parser.add_argument(
        "--root-path", default="", metavar="PATH", help="where a proxy has mounted the site, as in /site"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; default: 1")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; the exit status, 2 when it cannot be done."""
    commands = parser()
    asked = commands.parse_args(arguments)
    if asked.list:
        print(listing())
        return 0
    if asked.name not in LAUNCHERS:
        names = ", ".join(LAUNCHERS)
        which = f"There is no server {asked.name!r} here" if asked.name else "Which server"
        commands.error(f"{which}: choose one of {names}, or --list to compare them.")
    if asked.uds and (asked.host or asked.port is not None):
        commands.error("A server listens on a socket or on a port: leave out --uds, or --host and --port.")

    launcher = LAUNCHERS[asked.name]
    options = Options(
        app=asked.app,
        http=asked.http,
        tls=asked.tls,
        host=asked.host or Options.host,
        port=DEFAULT_PORT if asked.port is None else asked.port,
        uds=asked.uds,
        root_path=asked.root_path,
        workers=asked.workers,
    )
    try:
        return serve(launcher, options)
    except (OptionsError, CertificateError) as error:
        commands.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
