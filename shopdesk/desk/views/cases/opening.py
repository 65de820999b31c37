"""The form that opens a case on an order."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.cases import queries, service
from shopdesk.cases.queries import CaseRow
from shopdesk.cases.states import DETAILS, QUESTIONS, CasePhase, Reason
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.core.scope import load
from shopdesk.desk.forms.cases import CaseForm, words_of
from shopdesk.desk.views.cases.blueprint import ID, SHOWN_HERE, Page, bp
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs
from shopdesk.web.photos import taken


@bp.get(f"/orders/<{ID}:order_id>/cases/new")
@needs(Permission.CASE_OPEN)
def new_case(order_id: int) -> Page:
    form = CaseForm(formdata=None)
    wanted = request.args.get("kind", "")
    form.kind.data = wanted if wanted in {choice.value for choice in form.kind.choices or ()} else None
    return _form_page(order_id, form)


@bp.post(f"/orders/<{ID}:order_id>/cases")
@needs(Permission.CASE_OPEN)
def open_case(order_id: int) -> Page:
    form = CaseForm()
    load(Order, order_id, actor(), Permission.CASE_OPEN)
    if not form.validate_on_submit():
        return _form_page(order_id, form, status=422)
    try:
        photos = taken(form)
    except RuleViolation as error:
        return _form_page(order_id, form, status=422, problem=message_of(error))

    def act() -> str:
        made = service.record(order_id, form.application(), actor=actor())
        if photos:
            service.add_photos(made.id, photos, actor=actor())
        if "take" in request.form:
            service.accept(made.id, actor=actor())
        return url_for("cases.case", case_id=made.id)

    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return _form_page(order_id, form, status=STATUS[type(error)], problem=message_of(error))
    flash(_("The case is open."), "success")
    return answer


def _form_page(order_id: int, form: CaseForm, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    order = load(Order, order_id, actor(), Permission.CASE_OPEN)
    shown_at(url_for("cases.new_case", order_id=order_id))
    there: list[CaseRow] = queries.of_order(order_id, order.store_id, actor())
    has_left = bool(queries.left_parcels(order_id, order.store_id))
    held = actor().roles.get(order.store_id, frozenset())
    html = render_template(
        "cases/new_case.html",
        reasons=[(reason, DETAILS[reason], QUESTIONS[reason]) for reason in Reason],
        lines=_lines(order),
        typed=request.form,
        may_take=Role.AFTER_SALE in held and actor().may(Permission.CASE_ACCEPT, order.store_id),
        order=order,
        form=form,
        problem=problem,
        has_left=has_left,
        is_voided=not has_left and queries.is_voided(order_id, order.store_id),
        open_cases=[row for row in there if row.phase is not CasePhase.CLOSED],
        words_of=words_of,
    )
    return html, status


def _lines(order: Order) -> list[tuple[OrderLine, int, str]]:
    """Lines of which the customer has units: how many at most, and what stands in the field.

    A single unit is what it is about; of more somebody says how many.
    """
    found = [(line, line.shipped - line.returned) for line in orders.lines(order.id, order.store_id)]
    there = [(line, most) for line, most in found if most > 0]
    is_single = sum(most for _line, most in there) == 1
    return [(line, most, request.form.get(f"units-{line.id}", "1" if is_single else "")) for line, most in there]
