"""A wish about what has left becomes a case: which kind it is, and what the form has in it already."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.cases.states import CHOICES, CaseKind, Goal, choice
from shopdesk.changes.playbook import CASES, case_of
from shopdesk.changes.queries.options import Option
from shopdesk.changes.states import Kind
from shopdesk.core.addresses import place_line
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms import WishForm
from shopdesk.desk.queries import OrderView
from shopdesk.desk.queries.order_view import LineView
from shopdesk.parcels.states import LEFT
from shopdesk.web.forms import new_key

LEFT_CODE = "after_sale"  # changes.rules: why a change of what has left is refused


@dataclass(frozen=True, slots=True)
class AsCase:
    choices: tuple[tuple[CaseKind, Goal | None], ...]
    chosen: str
    wish: str
    command_key: str


def may_open_case(view: OrderView) -> bool:
    """Once something has left, for who may record an application."""
    has_left = any(shown.parcel.stage in LEFT for shown in view.parcels)
    return has_left and view.actor.may(Permission.CASE_OPEN, view.store.id)


def case_choice(view: OrderView, option: Option) -> str | None:
    """The case that this wish would be; None where it is no case or not for this person."""
    if option.code != LEFT_CODE or option.kind not in CASES or option.stage is None or not may_open_case(view):
        return None
    return choice(*case_of(option.kind, option.stage))


def as_case(view: OrderView, option: Option, form: WishForm, line: LineView | None) -> AsCase | None:
    """The application form in place of the wish's, with what was typed there."""
    chosen = case_choice(view, option)
    if chosen is None:
        return None
    return AsCase(CHOICES, chosen, _typed(option.kind, form, line) if form.is_submitted() else "", new_key())


def _typed(kind: Kind, form: WishForm, line: LineView | None) -> str:
    value = form.value()
    if kind is Kind.ADDRESS:
        place = place_line(*(value.get(part) for part in ("province", "city", "district", "street")))
        parts = [value.get("name"), value.get("phone"), place, value.get("zip")]
        if not any(parts):
            parts = [form.data.get("pasted")]
    else:
        named = line.line.title or line.line.sku if line else None
        parts = [named, *(str(part) for part in value.values() if part is not None)]
    return " · ".join(part for part in parts if part)
