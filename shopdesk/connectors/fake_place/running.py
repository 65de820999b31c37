"""The process: its options, and the one line it says when it can be called."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from shopdesk.connectors.fake_place.book import Book, BookBroken
from shopdesk.connectors.fake_place.faults import Faults
from shopdesk.connectors.fake_place.server import Server
from shopdesk.connectors.fake_place.till import REMEMBERS_S, Till

SECRET = "SHOPDESK_FAKE_PLACE_SECRET"  # noqa: S105 the variable's name; a command line is read by other users


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="fake_place", description="A place to pay that pays nobody.")
    parser.add_argument("--file", type=Path, required=True, help="the book: what money moved")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--hook-url", help="where webhooks go")
    parser.add_argument("--remember", type=float, default=REMEMBERS_S, metavar="SECONDS", help="how long a number")
    parser.add_argument("--quiet", action="store_true", help="do not say the address")
    options = parser.parse_args(arguments)
    secret = os.environ.get(SECRET, "")
    if not secret:
        parser.error(f"{SECRET} is missing")
    try:
        serve(
            options.file, options.port, secret, hook_url=options.hook_url, remembers_s=options.remember,
            is_quiet=options.quiet,
        )  # fmt: skip
    except (OSError, BookBroken) as error:
        parser.exit(1, f"{error}\n")


def serve(
    file: Path, port: int, secret: str, *, hook_url: str | None = None, remembers_s: float = REMEMBERS_S,
    is_quiet: bool = False,
) -> None:  # fmt: skip
    """Serve until SIGTERM or SIGINT.  Raises OSError, BookBroken."""
    faults = Faults()
    server = Server(port, Till(Book(file, faults), remembers_s=remembers_s), faults, secret, hook_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if not is_quiet:
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
        sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.05)
    except SystemExit:
        server.server_close()
        raise


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
