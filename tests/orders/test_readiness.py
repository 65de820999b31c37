"""What people decided of an order outlasts a refund that came and went."""

from datetime import date, timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.orders.service import decide_readiness
from shopdesk.orders.states import OrderStatus, Readiness
from tests import make

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = Readiness


@pytest.mark.parametrize("decided", [R.AWAITING_BALANCE, R.PRE_SALE_UNTIL, R.OUT_OF_STOCK])
def test_when_the_refund_goes_away_what_was_decided_holds_again(decided):
    start = clock.now() - timedelta(minutes=30)
    order = make.order(as_of=start)
    decide_readiness(order, decided, ready_on=date(2027, 1, 5), actor=make.actor(Role.PRE_SALE))
    for minutes, refunding, expected in ((5, True, R.REFUNDING), (10, True, R.REFUNDING), (15, False, decided)):
        as_of = start + timedelta(minutes=minutes)
        order = make.order(number=order.number, refunding=refunding, as_of=as_of)
        assert order.readiness is expected
    assert order.ready_on == (date(2027, 1, 5) if decided is R.PRE_SALE_UNTIL else None)


def test_what_is_decided_while_the_refund_stands_shows_after_it_and_lifting_it_makes_the_order_ready():
    start = clock.now() - timedelta(minutes=30)
    order = make.order(as_of=start, refunding=True)
    by = make.actor(Role.PRE_SALE)
    decide_readiness(order, R.OUT_OF_STOCK, actor=by)
    assert order.readiness is R.REFUNDING
    order = make.order(number=order.number, refunding=False, as_of=start + timedelta(minutes=5))
    assert order.readiness is R.OUT_OF_STOCK
    decide_readiness(order, None, actor=by)
    assert order.readiness is R.READY


def test_a_closed_order_is_closed_whatever_was_decided_and_nobody_decides_what_the_platform_says():
    order = make.order(as_of=clock.now() - timedelta(minutes=30))
    by = make.actor(Role.PRE_SALE)
    decide_readiness(order, R.HALTED, actor=by)
    assert make.order(number=order.number, status=OrderStatus.CLOSED).readiness is R.CLOSED
    with pytest.raises(RuleViolation) as caught:
        decide_readiness(order, R.REFUNDING, actor=by)
    assert caught.value.code == "not_decided"
