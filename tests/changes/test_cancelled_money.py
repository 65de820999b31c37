"""What may be refunded of a cancelled order: all that was paid, once no unit is left."""

import pytest

from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from tests import invariants, make, worlds

pytestmark = pytest.mark.usefixtures("app")


def cancelled(order):
    change = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    return worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())


def refund(change, amount_minor, reference="R1"):
    evidence = Evidence(amount_minor=amount_minor, reference=reference)
    return worlds.do(change, "refund", make.actor(Role.AFTER_SALE), evidence)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize(
    "told",
    [
        {"lines": (), "lines_complete": False, "unit_count": 2, "paid_minor": 18_900, "total_minor": 18_900},
        {
            "lines": (make.line(quantity=2, price_minor=9_450),), "shipping_minor": 800, "paid_minor": 19_700,
            "total_minor": 19_700,
        },
    ],
    ids=["known from a list", "with shipping"],
)  # fmt: skip
def test_a_cancelled_order_is_refunded_with_all_that_was_paid_and_no_more(told, sign_in):
    make.store()
    order = make.order(**told)
    paid_minor, path = told["paid_minor"], f"/orders/{order.id}"
    change = cancelled(order)
    with pytest.raises(RuleViolation):
        refund(change, paid_minor + 1)
    refund(change, paid_minor)
    assert sum(refundable(change).values()) == 0
    assert invariants.broken(order.store_id) == []
    page = sign_in(make.person(Role.SUPERVISOR)).get(path, headers={"Accept-Language": "en"}).text
    assert f"-¥{paid_minor / 100:.2f}" in page.replace("\N{MINUS SIGN}", "-")


def test_while_another_parcel_goes_on_the_shipping_is_not_given_back():
    make.store()
    line = make.line(quantity=3, price_minor=1000)
    order = make.order(lines=(line,), shipping_minor=800, paid_minor=3800, total_minor=3800)
    worlds.split(order, 1, 1)
    make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    first, second = worlds.queries.changes_of_order(order.id, order.store_id)
    clerk = make.actor(Role.PRINTING)
    worlds.do(first, "void", clerk, Evidence())
    assert sum(refundable(first).values()) == 2000
    refund(first, 2000)
    worlds.do(second, "void", clerk, Evidence())
    assert sum(refundable(second).values()) == 1800
    refund(second, 1800, "R2")
    assert sum(refundable(first).values()) == 0
