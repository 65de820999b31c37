"""A clerk as a process of its own, to be killed: asks for the refunds of a file, each once under its key.

`python -m tests.refunds.clerk JOBS ACKS STORE`: a line of JOBS is `{"key", "order", "amount_minor"}`; the key of what
was answered is written to ACKS.  Ends when JOBS ends with the line `{}`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shopdesk.core import idempotency
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor
from shopdesk.refunds import service
from tests.refunds import world
from wsgi import app


@command
def ask_once(job: dict[str, Any], store_id: int) -> None:
    """The request and its key in one transaction, as behind a form: who did not hear the answer asks again."""
    print_ = idempotency.fingerprint(job)
    if idempotency.recall(0, job["key"], print_) is None:
        service.request(job["order"], world.wish(job["amount_minor"]), actor=Actor.system([store_id]))
        idempotency.remember(0, job["key"], print_, idempotency.Answer(200))


def asked(job: dict[str, Any], store_id: int) -> str:
    """Until there is an answer."""
    while True:
        try:
            ask_once(job, store_id)
            return "ok"
        except DomainError as refused:
            if refused.code == "more_than_left":
                return "refused"
            time.sleep(0.01)
        except (DBAPIError, SQLAlchemyError):  # the database was killed
            time.sleep(0.02)
        finally:
            try:
                db.session.rollback()
            except SQLAlchemyError:
                db.session.remove()


def main(jobs: Path, acks: Path, store_id: int) -> None:
    done = {line.split()[0] for line in acks.read_text().splitlines()} if acks.exists() else set()
    at = 0
    while True:
        lines = [line for line in jobs.read_text().split("\n")[:-1] if line]
        for line in lines[at:]:
            job = json.loads(line)
            if not job:
                return
            if job["key"] not in done:
                said = asked(job, store_id)
                with acks.open("a") as file:
                    file.write(f"{job['key']} {said}\n")
        at = len(lines)
        time.sleep(0.002)


if __name__ == "__main__":
    with app.app_context():
        main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
