"""What the fake place does with one call under a plan: whether money moves, and what it says of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shopdesk.connectors.fake_place.book import Entry
from shopdesk.connectors.fake_place.plans import Mode, Plan
from shopdesk.connectors.fake_place.till import Request, Reused, Till

STATUS = {"succeeded": 200, "pending": 202, "failed": 422}
ELSEWHERE = "/elsewhere"
LONG_BYTES = 2 * 1024 * 1024


class Dropped(Exception):
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    body: Mapping[str, Any]
    raw: str | None = None  # instead of the body
    padding: int = 0  # spaces after it
    drip_s: float = 0.0  # between two bytes
    location: str | None = None


def acted(till: Till, asked: Request, plan: Plan, made: Callable[[Entry], None]) -> Said:
    """Pay or not, tell `made` of a new refund, answer.  Raises Dropped."""
    if refused := _before(asked.number, plan):
        return refused
    if plan.mode is Mode.SLOW_COMMIT:
        time.sleep(plan.delay_s)
    try:
        entry, is_new = till.pay(_as_booked(asked, plan), **_how(plan))
    except Reused:
        return _code(409, "NUMBER_REUSED", asked.number)
    if is_new:
        made(entry)
    if plan.mode in {Mode.DUPLICATE, Mode.DUPLICATE_OTHER}:
        return _code(409, "ALREADY_REFUNDED", asked.number)
    return disguised(Said(STATUS[entry.status], shown(entry)), asked.number, plan)


def asked_for(number: str | None, plan: Plan, read: Callable[[], Said]) -> Said:
    """The answer to a question.  Raises Dropped."""
    return _before(number, plan) or disguised(read(), number, plan)


def _before(number: str | None, plan: Plan) -> Said | None:
    """Where nothing happens."""
    match plan.mode:
        case Mode.DROP:
            raise Dropped
        case Mode.ERROR_BEFORE:
            return _code(plan.status, plan.code, number)
        case Mode.DUPLICATE_NOTHING:
            return _code(409, "ALREADY_REFUNDED", number)
        case Mode.REDIRECT:
            return Said(307, {}, location=ELSEWHERE)
    return None


def disguised(said: Said, number: str | None, plan: Plan) -> Said:
    """The true answer, as the plan gives it."""
    match plan.mode:
        case Mode.COMMIT_THEN_DROP:
            raise Dropped
        case Mode.SLOW:
            time.sleep(plan.delay_s)
        case Mode.ERROR_AFTER:
            return _code(plan.status, plan.code, number)
        case Mode.ECHO:
            return replace(said, body={**said.body, **plan.echo})
        case Mode.RAW:
            return replace(said, raw=plan.raw)
        case Mode.LONG:
            return replace(said, padding=LONG_BYTES)
        case Mode.DRIP:
            return replace(said, drip_s=plan.delay_s)
    return said


def _as_booked(asked: Request, plan: Plan) -> Request:
    return replace(asked, amount_minor=asked.amount_minor + 1) if plan.mode is Mode.DUPLICATE_OTHER else asked


def _how(plan: Plan) -> dict[str, Any]:
    if plan.mode is Mode.PENDING:
        return {"status": "pending", "then_s": plan.then_s}
    if plan.mode is Mode.FAIL:
        return {"status": "failed", "code": plan.code}
    return {"then_s": plan.then_s if plan.mode is Mode.LATE_FAILURE else None}


def _code(status: int, code: str, number: str | None) -> Said:
    return Said(status, {"code": code, "number": number})


def console(till: Till, path: str, body: Mapping[str, Any]) -> Entry:
    """What a person does at the place itself.  Raises LookupError, ValueError, TypeError."""
    match path:
        case "/console/refunds":
            return till.outside(**body)
        case "/console/settle":
            return till.settle(till.latest(body["number"]).reference)
        case "/console/take-back":
            return till.take_back(till.latest(body["number"]).reference)
    raise LookupError("no such page")


def shown(entry: Entry) -> dict[str, Any]:
    return {
        "reference": entry.reference,
        "number": entry.number,
        "payment_reference": entry.payment_reference,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "status": entry.status,
        "code": entry.code,
        "at": datetime.fromtimestamp(entry.at, UTC).isoformat(),
    }
