"""退货信息 as a page to print: for a customer who asks for paper, or to lie in a box that goes out again (M093)."""

from __future__ import annotations

from flask import render_template

from shopdesk.core.permissions import Permission
from shopdesk.printing.queries.drawing import bars, square
from shopdesk.printing.views import ID, bp
from shopdesk.returns import service
from shopdesk.web.guard import actor, needs


@bp.get(f"/returns/<{ID}:return_id>/slip")
@needs(Permission.CASE_READ)
def return_slip(return_id: int) -> str:
    """The name in clear for who reads it on the case; each opening is an event."""
    slip = service.open_slip(return_id, actor=actor())
    return render_template("printing/return_slip.html", slip=slip, facts=slip.facts, bars=bars, square=square)
