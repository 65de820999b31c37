"""The fake place's table: its answers and what they mean.  What is not in it is UNKNOWN."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shopdesk.connectors.places.protocol import OWN, Code, unknown
from shopdesk.connectors.places.strict import minor, read_object, word
from shopdesk.connectors.wire import Reply
from shopdesk.refunds.states import Answer, Outcome, PlacePayout

#: (HTTP status, the answer's `status`) → outcome; `failed` counts only with a code of FINAL
SAID: dict[tuple[int, str], Outcome] = {
    (200, "succeeded"): Outcome.SUCCEEDED,
    (200, "pending"): Outcome.PENDING,
    (202, "pending"): Outcome.PENDING,
    (200, "failed"): Outcome.FAILED,
    (422, "failed"): Outcome.FAILED,
}
#: Codes that the place documents as *not paid, and never will be under this number*.
FINAL = frozenset(
    {
        "ACCOUNT_CLOSED",
        "ACCOUNT_NOT_FOUND",
        "AMOUNT_EXCEEDS_PAYMENT",
        "PAYMENT_NOT_FOUND",
        "PAYMENT_TOO_OLD",
        "REFUSED_BY_BANK",
        "RETURNED",  # paid, and the money came back
    }
)
#: It says that the number was used: only asking tells for what.
DUPLICATE = frozenset({"ALREADY_REFUNDED", "NUMBER_REUSED"})
UNKNOWN_NUMBER = (404, "NUMBER_NOT_FOUND")


def answer_of(reply: Reply, number: str) -> Answer:
    """One answer by the table."""
    if 300 <= reply.status < 400:
        return unknown(Code.REDIRECTED)
    try:
        said = read_object(reply.body)
        code = word(said.get("code") or "-")
        if code.startswith(OWN):
            raise ValueError("speaks with our voice")
    except (ValueError, RecursionError):
        return unknown(Code.UNREADABLE)
    if said.get("number") != number:
        return unknown(Code.OTHER_NUMBER if "number" in said else code if code != "-" else Code.UNREADABLE)
    if (reply.status, code) == UNKNOWN_NUMBER:
        return Answer(Outcome.NOT_THERE, code)
    outcome = SAID.get((reply.status, str(said.get("status"))), Outcome.UNKNOWN)
    if outcome is Outcome.UNKNOWN or code not in (FINAL if outcome is Outcome.FAILED else {"-"}):
        return unknown(code if code != "-" else Code.UNREADABLE)
    try:
        return Answer(
            outcome,
            "" if code == "-" else code,
            amount_minor=minor(said["amount_minor"]),
            currency=word(said["currency"]),
            reference=word(said["reference"]),
        )
    except (ValueError, KeyError):
        return unknown(Code.UNREADABLE)


def page_of(reply: Reply) -> tuple[list[PlacePayout], str]:
    """The refunds of one page, and after which reference the next one begins ("": it was the last)."""
    if reply.status != 200:
        raise ValueError("no list")
    said = read_object(reply.body)
    if not isinstance(said["refunds"], list):
        raise ValueError("no list")
    after = said["next"]
    return [_line(row) for row in said["refunds"]], "" if after is None else word(after)


def _line(row: Any) -> PlacePayout:
    if not isinstance(row, dict):
        raise ValueError("no refund")
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    code = str(row.get("code") or "")
    outcome = SAID.get((200, str(row["status"])), Outcome.UNKNOWN)
    return PlacePayout(
        reference=word(row["reference"]),
        number=_word_or_none(row["number"]),
        payment_reference=_word_or_none(row["payment_reference"]),
        amount_minor=minor(row["amount_minor"]),
        currency=word(row["currency"]),
        at=at,
        outcome=Outcome.UNKNOWN if outcome is Outcome.FAILED and code not in FINAL else outcome,
    )


def _word_or_none(value: Any) -> str | None:
    """What is no word of ours was typed elsewhere: one odd refund must not hide all others."""
    try:
        return word(value)
    except ValueError:
        return None
