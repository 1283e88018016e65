"""The arguments that several commands have."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..check import Request
from ..target import CannotRun


def add_target(parser: argparse.ArgumentParser, **options: Any) -> None:
    """Which application is meant."""
    parser.add_argument("target", metavar="TARGET", help="'module:app' or 'path/file.py:app'", **options)
    parser.add_argument(
        "--app-dir", default=".", metavar="DIR", help="where modules are looked for first; default: here"
    )
    parser.add_argument(
        "--factory", action="store_true", help="TARGET is called, and returns the application"
    )


@dataclass
class Asked:
    """A request as it was typed."""

    line: str
    headers: list[str] = field(default_factory=list)
    body: str = ""

    def request(self) -> Request:
        """The request; raises CannotRun where it is none."""
        try:
            return Request.parse(self.line, self.headers, self.body)
        except ValueError as error:
            raise CannotRun(str(error)) from error

    def words(self) -> list[str]:
        """The options that say so."""
        words = ["--request", self.line]
        for header in self.headers:
            words += ["--header", header]
        return [*words, "--body", self.body] if self.body else words


class AddRequest(argparse.Action):
    """`--request` begins a request; `--header` and `--body` belong to the one before them."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        value: Any,
        option: str | None = None,
    ) -> None:
        asked: list[Asked] = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, asked)
        if option == "--request":
            asked.append(Asked(value))
        elif not asked:
            parser.error(f"{option} belongs to the --request before it, and there is none.")
        elif option == "--header":
            asked[-1].headers.append(value)
        else:
            asked[-1].body = value


def add_requests(parser: argparse.ArgumentParser) -> None:
    """Requests of one's own."""
    options: dict[str, Any] = {"action": AddRequest, "dest": "requests"}
    parser.add_argument(
        "--request",
        metavar="'METHOD /PATH'",
        help="ask for this as well, as in 'POST /items'; may be repeated",
        **options,
    )
    parser.add_argument(
        "--header",
        metavar="'NAME: VALUE'",
        help="a header of the --request before it; may be repeated",
        **options,
    )
    parser.add_argument("--body", metavar="TEXT", help="the body of the --request before it", **options)


def target_words(asked: argparse.Namespace) -> Sequence[str]:
    """The arguments that say which application is meant."""
    words = [asked.target]
    if asked.app_dir != ".":
        words += ["--app-dir", asked.app_dir]
    return [*words, "--factory"] if asked.factory else words
