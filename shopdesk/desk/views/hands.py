"""催办, 转交, 领取, 交接: a step is reminded of, a change goes to another person, everything of one's own does."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from shopdesk.changes import service
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Permission, Role, require
from shopdesk.desk.forms import KeyForm
from shopdesk.desk.forms.watch import AssignForm, HandOverForm
from shopdesk.desk.queries import hands as reads
from shopdesk.desk.queries.change_view import ChangeView, change_view
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.desk.views.words import KIND_ICONS
from shopdesk.orders import queries as orders
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import submit
from shopdesk.web.guard import actor, needs

REFUSED = (Conflict, IllegalMove, NotAllowed, RuleViolation)


@bp.post(f"/changes/<{ID}:change_id>/nudge/<int(max=100000):position>")
@needs(Permission.CHANGE_NUDGE)
def nudge_step(change_id: int, position: int) -> Answer:
    order_id = change_view(change_id, actor()).change.order_id

    def act() -> str:
        service.nudge(change_id, position, actor=actor())
        return _back(order_id, change_id)

    return run(KeyForm(), order_id, act, said=_("Reminded."))


@bp.get(f"/changes/<{ID}:change_id>/assign")
@needs(Permission.CHANGE_ASSIGN)
def assign_page(change_id: int) -> Answer:
    view = change_view(change_id, actor())
    require(actor(), Permission.CHANGE_ASSIGN, view.change.store_id)
    return _assign_page(view, AssignForm(formdata=None))


@bp.post(f"/changes/<{ID}:change_id>/assign")
@needs(Permission.CHANGE_ASSIGN)
def assign(change_id: int) -> Answer:
    form, view = AssignForm(), change_view(change_id, actor())
    to = form.to.data or ""
    if not form.validate() or not (to.isascii() and to.isdigit() and len(to) < 19):
        return _assign_page(view, form), 422
    role = Role(form.role.data) if form.role.data else Role.PRE_SALE

    def act() -> str:
        service.assign(change_id, int(to), role=role, reason=form.reason.data or "", actor=actor())
        return _back(view.change.order_id, change_id)

    try:
        answer = submit(form, act)
    except REFUSED as error:
        if isinstance(error, NotAllowed) and error.code != "not_the_follower":
            raise
        return _assign_page(view, form, problem=message_of(error)), STATUS[type(error)]
    flash(_("Assigned."), "success")
    return answer


def _assign_page(view: ChangeView, form: AssignForm, *, problem: str = "") -> str:
    change = view.change
    return render_template(
        "desk/assign.html",
        change=change,
        order=orders.order_by_id(change.order_id, change.store_id),
        icon_name=KIND_ICONS[change.kind],
        groups=reads.receivers(change, view.steps),
        form=form,
        problem=problem,
        back=_back(change.order_id, change.id),
    )


def _back(order_id: int, change_id: int) -> str:
    return url_for("desk.order", order_id=order_id, _anchor=f"change-{change_id}")


@bp.get("/work/hand-over")
@needs(Permission.CHANGE_ASSIGN)
def hand_over_page() -> Answer:
    form = _hand_over_form()
    form.reason.data = form.reason.data or _("End of the shift")
    return _hand_over_page(form)


@bp.post("/work/hand-over")
@needs(Permission.CHANGE_ASSIGN, scope="own")
def hand_over() -> Answer:
    form = _hand_over_form()
    if not form.validate():
        return _hand_over_page(form), 422
    try:
        answer = submit(form, lambda: _handed_over(form))
    except REFUSED as error:
        return _hand_over_page(form, problem=message_of(error)), STATUS[type(error)]
    return answer


def _handed_over(form: HandOverForm) -> str:
    whose = _whose()
    done = service.hand_over(form.to.data, form.reason.data or "", from_id=whose, actor=actor())
    moved = len(done.change_ids)
    words = ngettext("%(num)s change is handed over.", "%(num)s changes are handed over.", moved)
    if done.stayed:
        words += " " + ngettext(
            "%(num)s stays: that person does not work in its store.",
            "%(num)s stay: that person does not work in their stores.",
            done.stayed,
        )
    flash(words, "success")
    return url_for("desk.work")


def _whose() -> int | None:
    """Somebody else, whose work a supervisor hands over."""
    given = request.args.get("from", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _hand_over_form() -> HandOverForm:
    form = HandOverForm()
    giver = _whose() or actor().id or 0
    found = reads.loads(actor()).get(giver)
    receivers = reads.colleagues(actor(), found.roles) if found else []
    form.to.choices = [(person, name) for person, name in receivers if person != giver]
    return form


def _hand_over_page(form: HandOverForm, *, problem: str = "") -> str:
    loads = reads.loads(actor())
    giver = _whose() or actor().id or 0
    return render_template(
        "desk/hand_over.html",
        form=form,
        problem=problem,
        giver=giver,
        found=loads.get(giver),
        loads=loads,
        others=[one for one in loads.values() if one.person_id != actor().id] if reads.is_supervisor(actor()) else [],
        is_own=giver == actor().id,
    )
