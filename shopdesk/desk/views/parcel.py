"""One parcel: what is in it and where it ships from; split, merged, sent from elsewhere (拆单, 合单, 代发)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.changes.queries import regroup
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.desk.forms import KeyForm
from shopdesk.desk.forms.supply import MergeForm, WarehouseForm
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import SHOWN_HERE, Answer, problems_of
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.staff import queries as staff
from shopdesk.staff.models import WarehouseKind
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs

ONE = f"/parcels/<{ID}:parcel_id>"
MOST = 10**6  # units of a line


@bp.get(ONE)
@needs(Permission.ORDER_READ)
def parcel(parcel_id: int) -> Answer:
    return _show(parcel_id)


def _show(parcel_id: int, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    found = load(Parcel, parcel_id, actor(), Permission.ORDER_READ)
    shown_at(url_for("desk.parcel", parcel_id=parcel_id))
    may = actor().may(Permission.PARCEL_REGROUP, found.store_id)
    refused = regroup.refusal_to_split(found)
    sender = staff.warehouse(found.warehouse_id)
    others = regroup.candidates(found) if may and refused is None else []
    html = render_template(
        "desk/parcel.html",
        parcel=found,
        store=staff.store_by_id(found.store_id),
        sender=sender,
        is_supplied=sender.kind is WarehouseKind.SUPPLIER,
        batch=parcels.batch_name(found),
        orders=parcels.orders_in_parcel(found.id, found.store_id),
        rows=_rows(found),
        others=[(one, message_of(one.why_not) if one.why_not else "") for one in others],
        warehouses=[one for one in staff.warehouses_of(found.store_id) if one.id != found.warehouse_id],
        may=may,
        why_not=message_of(refused) if refused else "",
        problem=problem,
        typed=request.form,
        new_key=new_key,
    )
    return html, status


def _rows(found: Parcel) -> list[dict[str, Any]]:
    rows = []
    for row in parcels.parcel_lines([found.id], found.store_id):
        if row.quantity:
            line = orders.line_of(row.order_id, row.line_id, row.store_id)
            rows.append({"id": line.id, "order_id": row.order_id, "line": line, "units": row.quantity})
    return rows


def _run(form: DeskForm, parcel_id: int, act: Callable[[], int], said: str) -> Answer:
    """Once; a refusal shows the parcel as it is now, with its reason."""
    load(Parcel, parcel_id, actor(), Permission.PARCEL_REGROUP)
    if not form.validate_on_submit():
        return _show(parcel_id, status=422, problem=problems_of(form))
    try:
        answer = submit(form, lambda: url_for("desk.parcel", parcel_id=act()))
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE):
            raise
        return _show(parcel_id, status=STATUS[type(error)], problem=message_of(error))
    flash(said, "success")
    return answer


@bp.post(f"{ONE}/split")
@needs(Permission.PARCEL_REGROUP)
def split_parcel(parcel_id: int) -> Answer:
    units = {
        int(name[1:]): int(text)
        for name, text in request.form.items()
        if name[:1] == "u" and name[1:].isdigit() and text.strip().isdigit() and len(name) < 20 and int(text) <= MOST
    }

    def act() -> int:
        return changes.split_parcel(parcel_id, units, actor=actor()).id

    return _run(KeyForm(), parcel_id, act, _("These units have a parcel of their own now."))


@bp.post(f"{ONE}/merge")
@needs(Permission.PARCEL_REGROUP)
def merge_parcels(parcel_id: int) -> Answer:
    form = MergeForm()

    def act() -> int:
        return changes.merge_parcels([parcel_id, *form.ids()], actor=actor()).id

    return _run(form, parcel_id, act, _("The parcels are one now."))


@bp.post(f"{ONE}/warehouse")
@needs(Permission.PARCEL_REGROUP)
def ship_from(parcel_id: int) -> Answer:
    form = WarehouseForm()

    def act() -> int:
        return changes.ship_from(parcel_id, form.warehouse_id.data or 0, actor=actor()).id

    return _run(form, parcel_id, act, _("Noted where it ships from."))
