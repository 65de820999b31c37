"""Memos on the order page: written, copied whole, ticked as pasted."""

from __future__ import annotations

from flask import Response as PlainResponse
from flask import request, url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Permission
from shopdesk.desk import service
from shopdesk.desk.forms import KeyForm, MemoForm
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.orders import service as orders
from shopdesk.orders.states import Flag
from shopdesk.web.guard import actor, needs


@bp.post(f"/orders/<{ID}:order_id>/memos")
@needs(Permission.MEMO_WRITE)
def write_memo(order_id: int) -> Answer:
    form = MemoForm()

    def act() -> str:
        changes.write_note(order_id, form.text.data or "", flag=Flag(form.flag.data), actor=actor())
        return url_for("desk.order", order_id=order_id, _anchor="memo-card")

    return run(form, order_id, act, said=_("The memo is saved. Copy the whole memo into the platform."))


@bp.post(f"/orders/<{ID}:order_id>/memo-text")
@needs(Permission.MEMO_WRITE)
def copy_memo(order_id: int) -> Answer:
    """The whole text for the platform, or with `?shorter=1` one that fits, personal values written out.

    Every look is on record.
    """
    text, _measure = service.copy_memo(order_id, shorter=request.args.get("shorter") == "1", actor=actor())
    return plain(text)


def plain(text: str) -> PlainResponse:
    return PlainResponse(text, mimetype="text/plain")


@bp.post(f"/orders/<{ID}:order_id>/memos/pasted")
@needs(Permission.MEMO_WRITE)
def tick_pasted(order_id: int) -> Answer:
    def act() -> str:
        orders.tick_pasted(order_id, actor=actor())
        return url_for("desk.order", order_id=order_id, _anchor="memo-card")

    return run(KeyForm(), order_id, act, said=_("Noted: the memo stands in the platform."))
