"""The parent of processes that are killed: it has imported the desk, so that a fresh one serves a moment later.

Reads a command line (JSON, as `python -m …` would get it) from each line of its input, forks, and answers with the
child's process id.  Nothing is connected before the fork, as with gunicorn's own `preload_app`.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys

import flask.cli
import gunicorn.app.wsgiapp

import shopdesk.outbound.jobs
import wsgi

__all__ = ["flask", "gunicorn", "shopdesk", "wsgi"]


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    say("ready")
    for line in sys.stdin:
        arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            become(arguments)
        say(child)


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def become(arguments: list[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()  # a group of its own, which is killed whole
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # the answers are the parent's alone
    sys.argv = arguments
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
