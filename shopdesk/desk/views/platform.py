"""What must also be done in the platform: copied, and ticked when it is done."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.desk import service
from shopdesk.desk.forms import KeyForm
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.memos import plain
from shopdesk.desk.views.order import Answer, run
from shopdesk.orders.models import Amendment
from shopdesk.web.guard import actor, needs


@bp.post(f"/amendments/<{ID}:amendment_id>/text")
@needs(Permission.CHANGE_ASK)
def copy_amendment(amendment_id: int) -> Answer:
    """The new value written out; every look is on record."""
    return plain(service.copy_amendment(amendment_id, actor=actor()))


@bp.post(f"/amendments/<{ID}:amendment_id>/entered")
@needs(Permission.CHANGE_ASK)
def tick_amendment(amendment_id: int) -> Answer:
    order_id = load(Amendment, amendment_id, actor(), Permission.CHANGE_ASK).order_id

    def act() -> str:
        changes.tick_amendment(amendment_id, actor=actor())
        return url_for("desk.order", order_id=order_id)

    return run(KeyForm(), order_id, act, said=_("Noted: it is entered in the platform."))
