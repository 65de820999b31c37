"""代发: the message of a step at a supplier's warehouse, that it was sent, and what they answered."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.changes.states import SupplierChannel
from shopdesk.core.permissions import Permission
from shopdesk.desk import service
from shopdesk.desk.forms.supply import ReplyForm, SentForm
from shopdesk.desk.queries.change_view import change_view
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.memos import plain
from shopdesk.desk.views.order import Answer, run
from shopdesk.web.guard import actor, needs

STEP = f"/changes/<{ID}:change_id>/steps/<int(max=100000):position>"


@bp.post(f"{STEP}/message-text")
@needs(Permission.SUPPLIER_ASK)
def copy_supplier_text(change_id: int, position: int) -> Answer:
    """The message with its personal values written out; every look is on record."""
    return plain(service.copy_supplier_message(change_id, position, actor=actor()))


@bp.post(f"{STEP}/message")
@needs(Permission.SUPPLIER_ASK)
def ask_supplier(change_id: int, position: int) -> Answer:
    form, order_id = SentForm(), change_view(change_id, actor()).change.order_id

    def act() -> str:
        via = SupplierChannel(form.via.data)
        changes.ask_supplier(change_id, position, via, actor=actor(), seen_version=form.seen_version.data)
        return url_for("desk.order", order_id=order_id, _anchor=f"change-{change_id}")

    return run(form, order_id, act, said=_("Noted. Their answer comes next."))


@bp.post(f"{STEP}/reply")
@needs(Permission.SUPPLIER_ASK)
def note_reply(change_id: int, position: int) -> Answer:
    form, order_id = ReplyForm(), change_view(change_id, actor()).change.order_id

    def act() -> str:
        changes.note_reply(change_id, position, form.reply(), actor=actor(), seen_version=form.seen_version.data)
        return url_for("desk.order", order_id=order_id, _anchor=f"change-{change_id}")

    return run(form, order_id, act, said=_("Noted."))
