"""One refund in true words, and the lists of them."""

from __future__ import annotations

from flask import render_template, request, url_for

from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.refunds import WhyForm, label_of
from shopdesk.desk.queries.refund_view import refund_rows, refund_view
from shopdesk.desk.views import ID
from shopdesk.desk.views.refunds import words
from shopdesk.desk.views.refunds.blueprint import bp
from shopdesk.refunds import queries
from shopdesk.refunds.states import Shelf
from shopdesk.staff import queries as staff
from shopdesk.web.forms import new_key
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs

PAGE = 50
MOST_DIGITS = 18


@bp.get("/refunds")
@needs(Permission.REFUND_READ)
def refunds() -> str:
    given = request.args.get("shelf", "")
    shelf = Shelf(given) if given in set(Shelf) else _first()
    before = request.args.get("before", "")
    since = int(before) if before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS else 0
    found = queries.page(here(), shelf, before=since, limit=PAGE + 1)
    counts = queries.counts(here())
    return render_template(
        "refunds/list.html",
        rows=refund_rows(found[:PAGE], staff.stores_of(actor())),
        shelf=shelf,
        shelves=[(one, counts.get(one)) for one in Shelf],
        tones=words.TONES,
        may_set=bool(here().stores_with(Permission.POLICY_WRITE)),
        next_url=url_for("refunds.refunds", shelf=shelf, before=found[PAGE - 1].id) if len(found) > PAGE else None,
    )


def _first() -> Shelf:
    """A supervisor begins with what waits for them, everybody else with all."""
    return Shelf.TO_APPROVE if queries.count_to_approve(here()) else Shelf.ALL


@bp.get(f"/refunds/<{ID}:refund_id>")
@needs(Permission.REFUND_READ)
def refund(refund_id: int) -> tuple[str, int]:
    return show(refund_id)


def show(refund_id: int, *, status: int = 200, problem: str = "", form: WhyForm | None = None) -> tuple[str, int]:
    """The page; `problem` says why something was not done."""
    view = refund_view(refund_id, actor())
    shown_at(url_for("refunds.refund", refund_id=refund_id))
    html = render_template(
        "refunds/refund.html",
        view=view,
        refund=view.refund,
        badge_of=words.badge_of(view),
        tones=words.TONES,
        next_words=words.next_of(view),
        is_paid_otherwise=words.is_paid_otherwise(view),
        failed=words.why_failed(view),
        otherwise=[words.told_otherwise(row, one.amount_minor, one.currency) for one, row in view.told_otherwise],
        code_words=words.code_words,
        phrase=words.phrase(view),
        to_agree=words.to_agree(view),
        place_of=label_of,
        form=form or WhyForm(formdata=None),
        problem=problem,
        new_key=new_key,
    )
    return html, status
