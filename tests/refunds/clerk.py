"""A clerk inside the test: the request and its key in one transaction, as behind a form or the API."""

from __future__ import annotations

from typing import Any

from shopdesk.core import idempotency
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.refunds import service
from tests.refunds import world


@command
def ask_once(job: dict[str, Any], store_id: int) -> None:
    """`{"key", "order", "amount_minor"}`; who did not hear the answer asks again."""
    print_ = idempotency.fingerprint(job)
    if idempotency.recall(0, job["key"], print_) is None:
        service.request(job["order"], world.wish(job["amount_minor"]), actor=Actor.system([store_id]))
        idempotency.remember(0, job["key"], print_, idempotency.Answer(200))
