"""One case: a page of cards, and what runs a command of one of them.

A card is built by a function of its own module from the case, the reader and the form that was refused, if it was this
card's; it is drawn by `templates/cases/_<name>.html`.  None: this reader, or this phase, has no such card.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, url_for

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.forms.cases import words_of
from shopdesk.desk.views.cases import (
    appraisal,
    closing,
    courier,
    goods,
    head,
    notes,
    people,
    photos,
    platform,
    problem,
    resolving,
    together,
)
from shopdesk.desk.views.cases.blueprint import ID, SHOWN_HERE, Page, bp
from shopdesk.desk.views.cases.layout import arranged
from shopdesk.orders import queries as orders
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs

Builder = Callable[[Case, Actor, DeskForm | None], dict[str, Any] | None]
CARDS: dict[str, Builder] = {
    "head": head.card,
    "problem": problem.card,
    "photos": photos.card,
    "platform": platform.card,
    "appraisal": appraisal.card,
    "goods": goods.card,
    "courier": courier.card,
    "resolution": resolving.resolution,
    "replacement": resolving.replacement,
    "money": resolving.money,
    "invoice": resolving.invoice,
    "closing": closing.card,
    "ending": resolving.ending,
    "notes": notes.card,
    "people": people.card,
    "together": together.card,
}
#: Refusals that are shown on the card like a broken rule, though they have a status of their own.
SAID_HERE = frozenset({"other_role", "not_the_owner", "serves_no_customer", "no_such_case"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was sent from a card and not taken, and why."""

    card: str
    form: DeskForm
    why: str = ""


@bp.get(f"/cases/<{ID}:case_id>")
@needs(Permission.CASE_READ)
def case(case_id: int) -> Page:
    return show(case_id)


def show(case_id: int, *, status: int = 200, refused: Refused | None = None) -> tuple[str, int]:
    found = queries.case_by_id(case_id, actor())
    if service.open_mentions(found, actor()):
        service.see_mentions(found, actor())
    shown_at(url_for("cases.case", case_id=case_id))
    cards = {}
    for name, build in CARDS.items():
        typed = refused.form if refused and refused.card == name else None
        if (card := build(found, actor(), typed)) is not None:
            cards[name] = card
    html = render_template(
        "cases/case.html",
        case=found,
        cards=cards,
        layout=arranged(found.phase, cards, cards["head"]["anchor"], refused.card if refused else None),
        order=orders.order_by_id(found.order_id, found.store_id),
        store=staff.store_by_id(found.store_id),
        heading=words_of(found.kind, found.goal),
        refused=refused,
        new_key=new_key,
        me=actor().id,
    )
    return html, status


def run(case_id: int, card: str, form: DeskForm, command: Callable[[], object], *, said: str) -> Page:
    """Run a card's command once; what is refused shows the case as it is now, with everything typed."""
    if not form.validate_on_submit():
        return show(case_id, status=422, refused=Refused(card, form))

    def act() -> str:
        command()
        return url_for("cases.case", case_id=case_id)

    try:
        answer = submit(form, act)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE) and error.code not in SAID_HERE:
            raise
        form.command_key.data = new_key()
        return show(case_id, status=STATUS[type(error)], refused=Refused(card, form, message_of(error)))
    flash(said, "success")
    return answer
