"""Reported stages, the address parser, and the tick that a value was entered in the platform."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Response
from flask_babel import gettext

from shopdesk.changes import schemas, service
from shopdesk.core import clock
from shopdesk.core.addresses import parse_address
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Permission
from shopdesk.parcels.models import StageFact
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import FactEffect
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

facts = DeskBlueprint("api_facts", __name__, tag="facts")
changes = DeskBlueprint("api_amendments", __name__, tag="changes")


@facts.route("/stores/<word:store>/facts", methods=["POST"])
@needs(Permission.FACTS_WRITE)
@facts.arguments(schemas.FactsIn)
@keyed_rows
@facts.response(200, schemas.FactsOut)
def report_facts(body: dict[str, Any], store: str) -> Response:
    """Stages from outside (ERP, platform, carrier), up to 500, each in a transaction of its own.

    Never refused for a hold: recorded, and everyone concerned is alarmed.  A result per row, in the given order.
    """
    where = staff.store_by_slug(store, actor(), Permission.FACTS_WRITE)
    now = clock.now()
    store_id, as_of = where.id, min(body["as_of"], now)
    origin = body["origin"] or "api"
    told = {"as_of": as_of, "origin": origin, "source": body["source"]}
    rows = [_row(store_id, index, row, told) for index, row in enumerate(body["items"])]
    service.note_stage_feed(store_id, origin, as_of=as_of, covers=body["covers"], actor=actor())
    warnings = _warnings("as_of_in_future", body["as_of"], now)
    return answer({"as_of": at_text(as_of), "warnings": warnings, "items": rows})


def _row(store_id: int, index: int, row: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index, "facts": [], "warnings": [], "refused": None}
    batch, position = row.get("batch"), row.get("position")
    report = Report(stage=row["stage"], happened_at=row["happened_at"], batch=batch, position=position, **told)

    def act() -> dict[str, Any]:
        now = clock.now()
        done = service.take_report(
            store_id, report, order_number=row.get("order"), waybill=row.get("waybill"), actor=actor(),
            notes_feed=False,
        )  # fmt: skip
        late = _warnings("happened_in_future", report.happened_at, now)
        return {"facts": [_fact(fact, since=now) for fact in done], "warnings": late}

    try:
        found |= once_per_part(index, act)
    except DomainError as error:
        found["refused"] = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
    return found


def _warnings(code: str, said: datetime | None, now: datetime) -> list[dict[str, Any]]:
    """A time in the future counted as now (D1)."""
    if said is None or said <= now:
        return []
    message = gettext("The time that was told lies in the future; it counts as now.")
    return [{"code": code, "message": message, "said": at_text(said)}]


def _fact(fact: StageFact, *, since: datetime) -> dict[str, Any]:
    """What was known before `since` adds nothing, whatever it did when it was first told."""
    effect = FactEffect.KNOWN if fact.known_at < since else fact.effect
    return {
        "parcel_id": str(fact.parcel_id), "stage": str(fact.stage), "happened_at": at_text(fact.happened_at),
        "effect": str(effect),
    }  # fmt: skip


@changes.route("/addresses/parse", methods=["POST"])
@needs(Permission.CHANGE_ASK, scope="own")
@changes.arguments(schemas.AddressLine)
@keyed(private=True)
@changes.response(200, schemas.AddressParts)
def parse(body: dict[str, Any]) -> Response:
    """Take a pasted address line apart; nothing is kept."""
    return answer(asdict(parse_address(body["text"])))


@changes.route("/amendments/<id:amendment_id>/entered", methods=["POST"])
@needs(Permission.CHANGE_ASK)
@changes.arguments(Nothing)
@keyed()
@changes.response(200, schemas.Entered)
def enter_amendment(_body: dict[str, Any], amendment_id: int) -> Response:
    """The value was entered in the platform too."""
    done = service.tick_amendment(amendment_id, actor=actor())
    return answer({"id": str(done.id), "order_id": str(done.order_id), "state": "done_by_hand"})
