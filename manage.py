#!/usr/bin/env python3
"""Set up and run ShopDesk: `python3 manage.py run | test | check | bench | cli | lock`.

Needs Python 3.11+ and nothing else.  Each set-up step is skipped when its inputs have not changed.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):
    sys.exit("ShopDesk needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])

import argparse
import os
from collections.abc import Callable, Sequence

from setup_steps.assets import ensure_assets
from setup_steps.browser import find_chromium
from setup_steps.compress import ensure_compressed
from setup_steps.environment import become, child_environment, shopdesk_command, without_recompiling
from setup_steps.listen import answering, check_network, check_port, is_loopback
from setup_steps.lock import lock
from setup_steps.packages import ensure_packages
from setup_steps.paths import ROOT, VENV, VENV_PYTHON, SetupError
from setup_steps.place import with_place
from setup_steps.process import call, say
from setup_steps.serve import address, prepare, serve, start_web
from setup_steps.stamps import Stamps, only_one
from setup_steps.supervise import Family, Signals, Told
from setup_steps.translations import ensure_translations


def set_up(*, development: bool = False, assets: bool = True, translations: bool = True) -> None:
    """Bring `.venv`, front-end files and translations up to date."""
    stamps = Stamps(VENV / "stamps")
    waiting = "Waiting for another manage.py that is setting up …"
    with only_one(VENV / "setup.lock", on_wait=lambda: say(waiting)):
        ensure_packages(stamps, development=development)
        if assets:
            ensure_assets(stamps)
            ensure_compressed(stamps)
        if translations:
            ensure_translations(stamps)


def run(arguments: Sequence[str]) -> int:
    options = run_parser().parse_args(arguments)
    env = child_environment(os.environ, data=options.data, database_url=options.database_url)
    check_port(options.host, options.port)
    check_network(options.host, env, demo=options.demo)
    env = with_place(answering(options.host, env), demo=options.demo)
    family, signals = Family(cwd=ROOT, env=env), Signals()
    try:
        signals.install()
        set_up()
        start_web(family, options.host, options.port)
        base_url, network = address(options.host, options.port), not is_loopback(options.host)
        prepare(env, demo=options.demo, base_url=base_url, network=network)
        signals.only_count()
        return serve(family, signals, host=options.host, port=options.port)
    except Told:
        say("Stopped before the start was complete; the next start continues.")
        return 1
    finally:
        family.stop(signals)


def run_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py run", description="Set up, migrate, serve.", allow_abbrev=False)
    parser.add_argument("--port", type=port_number, default=8000, help="default: 8000")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine alone")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="an empty desk and a one-time link")
    add_data_options(parser)
    return parser


def port_number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError(text)
    return number


def add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="all that ShopDesk writes (SHOPDESK_DATA); default: var/")
    parser.add_argument("--database-url", metavar="URL", help="PostgreSQL (SHOPDESK_DATABASE_URL); default: SQLite")


def cli(arguments: Sequence[str]) -> int:
    """`flask shopdesk …`; the options for the data stand before the subcommand."""
    own, rest = split_leading_options(arguments, ("--data", "--database-url"))
    parser = argparse.ArgumentParser(prog="manage.py cli", add_help=False, allow_abbrev=False)
    add_data_options(parser)
    options = parser.parse_args(own)
    # `cli prepare` makes a server ready that `run` never starts: it needs the front-end files too.
    set_up(assets=rest[:1] == ["prepare"])
    env = child_environment(os.environ, data=options.data, database_url=options.database_url)
    become(shopdesk_command(*rest), env)


def split_leading_options(arguments: Sequence[str], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split off leading `--name VALUE` and `--name=VALUE`; everything from the first other word on is the command's."""
    at = 0
    while at < len(arguments):
        name, has_value, _value = arguments[at].partition("=")
        if name not in names:
            break
        at += 1 if has_value else 2
    return list(arguments[:at]), list(arguments[at:])


def test(arguments: Sequence[str]) -> int:
    set_up(development=True)
    env = without_recompiling(os.environ)
    browser = find_chromium()
    if browser:
        env["SHOPDESK_CHROMIUM"] = browser
    else:
        say("No Chromium found: the browser tests are skipped.")
    return call([VENV_PYTHON, "-m", "pytest", *(arguments or ("-n", "2", "--dist", "worksteal"))], env=env)


def check(arguments: Sequence[str]) -> int:
    """Run every checker, also after one of them failed."""
    refuse_arguments(arguments)
    set_up(development=True, assets=False, translations=False)
    checks = [["ruff", "format", "--check"], ["ruff", "check"], ["mypy"], ["djlint", "--quiet", "--lint", "templates"]]
    failed = [" ".join(command) for command in checks if call([VENV_PYTHON, "-m", *command]) != 0]
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    set_up(development=True)
    return call([VENV_PYTHON, "-m", "benchmarks", *arguments], env=without_recompiling(os.environ))


def lock_files(arguments: Sequence[str]) -> int:
    set_up(assets=False, translations=False)
    lock(list(arguments))
    return 0


def refuse_arguments(arguments: Sequence[str]) -> None:
    if arguments:
        raise SetupError(f"This command takes no arguments: {' '.join(arguments)}", exit_code=2)


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "run": (run, "set up, migrate, load the demo, serve (see run --help)"),
    "test": (test, "the tests; arguments go to pytest"),
    "check": (check, "formatting, lint, types, templates"),
    "bench": (bench, "the benchmarks; arguments go to them"),
    "cli": (cli, "flask shopdesk …, after [--data DIR] [--database-url URL]"),
    "lock": (lock_files, "write requirements*.txt again; arguments go to uv, e.g. --upgrade"),
}


def usage() -> str:
    lines = (f"  {name:6} {text}" for name, (_function, text) in COMMANDS.items())
    return "\n".join(["usage: python3 manage.py COMMAND …", *lines])


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    if arguments[0] not in COMMANDS:
        print(f"There is no command {arguments[0]}.\n{usage()}", file=sys.stderr)
        return 2
    function, _text = COMMANDS[arguments[0]]
    try:
        return function(arguments[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
