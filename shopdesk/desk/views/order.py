"""The order page, and how anything sent from it is answered: once, with everything typed kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation, Stale
from shopdesk.core.permissions import Permission
from shopdesk.desk import service
from shopdesk.desk.forms import KeyForm
from shopdesk.desk.queries import order_view
from shopdesk.desk.states import Revealable, RevealReason
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order_page import page
from shopdesk.desk.views.words import REVEALED
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs

Answer = Response | str | tuple[str, int]
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation, Stale)  # refusals that belong on the page they came from
NOT_YOURS = frozenset({"other_role", "not_the_asker", "not_the_holder"})  # likewise: somebody else's step or wish


@bp.get(f"/orders/<{ID}:order_id>")
@needs(Permission.ORDER_READ)
def order(order_id: int) -> Answer:
    return show(order_id)


def show(
    order_id: int,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    revealed: Mapping[str, str] | None = None,
    shorter: str = "",
) -> tuple[str, int]:
    """The page; `problem` says why something was not done, `typed` gives back what was written.

    `shorter` is a memo that fits, offered in the place of the one that was typed.
    """
    view = order_view(order_id, actor())
    names = page(view, actor())
    shown_at(url_for("desk.order", order_id=order_id))
    return render_template(
        "desk/order.html", problem=problem, typed=typed or {}, revealed=revealed or {}, shorter=shorter, **names
    ), status


def run(form: DeskForm, order_id: int, act: Callable[[], str], *, said: str = "") -> Answer:
    """Run the command of a form on the page once and go where it says; a refusal shows the page again."""
    if not form.validate_on_submit():
        return show(order_id, status=422, problem=problems_of(form), typed=request.form)
    try:
        answer = submit(form, act)
    except DomainError as error:
        return refused(order_id, error)
    if said:
        flash(said, "success")
    return answer


def refused(order_id: int, error: DomainError) -> Answer:
    """The page with the reason and everything typed; what does not belong on it goes on to the error page."""
    if not isinstance(error, SHOWN_HERE) and error.code not in NOT_YOURS:
        raise error
    shorter = str(error.facts.get("shorter", ""))
    return show(order_id, status=STATUS[type(error)], problem=message_of(error), typed=request.form, shorter=shorter)


def problems_of(form: DeskForm) -> str:
    """What is wrong with a form, in one sentence."""
    parts = []
    for field in form:
        if field.errors:
            parts.append(f"{field.label.text}: {' '.join(str(e) for e in field.errors)}")
    return " ".join(parts)


@bp.post(f"/orders/<{ID}:order_id>/reveal/<what>")
@needs(Permission.PERSONAL_REVEAL)
def reveal(order_id: int, what: str) -> Answer:
    """A personal value in clear: a fragment for the eye, without JavaScript the page with it."""
    given = request.form.get("reason", "")
    if what not in set(Revealable) or (given and given not in set(RevealReason)):
        return show(order_id, status=422, problem=_("There is no such thing here."))
    form = KeyForm()
    if not form.validate_on_submit():
        return show(order_id, status=422, problem=problems_of(form))
    reason = RevealReason(given) if given else None
    quota = current_app.config["REVEALS_PER_DAY"]
    try:
        value = service.reveal(order_id, Revealable(what), reason=reason, quota=quota, actor=actor())
    except DomainError as error:
        return refused(order_id, error)
    if request.headers.get("HX-Request"):
        return render_template("desk/_revealed.html", value=value, name=str(REVEALED[what]))
    return show(order_id, revealed={what: value or "—"})
