"""An amount that nobody told is not known, and is not 0: the shares wait for it, the pages say "—"."""

import pytest

from shopdesk.changes import service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.states import OrderStatus
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
HATS = (make.line(quantity=2, price_minor=None, title="帽"),)
UNTOLD = {"total_minor": None, "paid_minor": None, "lines": HATS}
ZH = {"Accept-Language": "zh"}


def share(order):
    return worlds.line(order).share_minor


def test_the_shares_wait_for_the_amount_that_was_paid():
    order = make.order(**UNTOLD)
    assert (order.status, share(order)) == (OrderStatus.PAID, None)
    make.order(number=order.number, lines=HATS, paid_minor=12_800, total_minor=12_800)
    assert share(order) == 12_800


def test_units_of_such_an_order_are_refunded_once_the_amount_is_told():
    order = make.order(**UNTOLD)
    change = make.change(
        order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=worlds.line(order).id
    )
    service.answer_notice(
        make.notices(order, NoticeKind.CHANGE)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING)
    )
    after_sale = make.actor(Role.AFTER_SALE)
    with pytest.raises(RuleViolation) as refused:
        worlds.do(change, "refund", after_sale, Evidence(amount_minor=6400, reference="R1"))
    assert refused.value.code == "paid_unknown"
    make.order(number=order.number, lines=(), lines_complete=False, paid_minor=12_800)
    worlds.do(change, "refund", after_sale, Evidence(amount_minor=6400, reference="R1"))
    assert worlds.line(order).refunded_minor == 6400


def test_a_told_0_is_an_amount():
    order = make.order(lines=HATS, total_minor=0, paid_minor=0)
    assert share(order) == 0
    there = orders.lines(order.id, order.store_id), ()
    amounts = orders.effective_amounts(orders.order_by_id(order.id, order.store_id), *there)
    assert (amounts.total_minor, amounts.paid_minor) == (0, 0)


def test_an_older_file_tells_what_the_newer_one_left_open():
    order = make.order(**UNTOLD)
    make.order(number=order.number, lines=HATS, paid_minor=900, total_minor=900, as_of=order.placed_at)
    assert share(order) == 900


@command
def _set(line, **values):
    for name, value in values.items():
        setattr(line, name, value)
    audit.record("test.set", "order_line", line.id, make.ROOT)


@pytest.mark.parametrize(
    ("before", "shares"),
    [
        ({"share_minor": 0}, 12_800),
        ({"share_minor": 1, "refunded_minor": 1}, 1),
    ],
)
def test_shares_that_were_fixed_to_nothing_heal_unless_money_moved(before, shares):
    order = make.order(**UNTOLD)
    line = worlds.line(order)
    _set(line, **before)
    make.order(number=order.number, lines=HATS, paid_minor=12_800, total_minor=12_800)
    assert share(order) == shares


def test_page_and_api_say_that_nobody_told(sign_in, api):
    order = make.order(**UNTOLD)
    seller = make.person(Role.PRE_SALE, Role.SUPERVISOR)
    told = api(seller)("GET", f"/orders/{order.id}").json
    assert [told[name] for name in ("paid", "total", "mirrored_total")] == [None, None, None]
    assert told["lines"][0]["share"] is None
    [hit] = api(seller)("GET", f"/orders?q={order.number}").json["items"]
    assert hit["paid"] is None
    page = sign_in(seller).get(f"/orders/{order.id}", headers=ZH).text
    sums = page[page.index("应付") :][:400]
    assert "—" in sums
    assert "0.00" not in sums


def test_an_unpaid_order_was_paid_nothing():
    order = make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=None, total_minor=500)
    there = orders.lines(order.id, order.store_id), ()
    amounts = orders.effective_amounts(orders.order_by_id(order.id, order.store_id), *there)
    assert (amounts.total_minor, amounts.paid_minor) == (500, 0)


ONLY_PAID = {"total_minor": None, "shipping_minor": None, "paid_minor": 12_800, "lines": HATS}


def test_freight_and_total_are_unknown_where_only_the_payment_was_told(sign_in, api):
    order = make.order(**ONLY_PAID)
    seller = make.person(Role.PRE_SALE, Role.SUPERVISOR)
    told = api(seller)("GET", f"/orders/{order.id}").json
    assert told["paid"] is not None
    assert [told[name] for name in ("shipping", "total", "mirrored_shipping", "mirrored_total")] == [None] * 4
    page = sign_in(seller).get(f"/orders/{order.id}", headers=ZH).text
    sums = page[page.rindex("运费") :][:400]
    assert "0.00" not in sums
    assert sums.count("—") == 2


def test_the_shares_wait_for_the_freight_and_what_is_refunded_by_line_for_them():
    order = make.order(**ONLY_PAID)
    assert share(order) is None
    change = make.change(
        order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=worlds.line(order).id
    )
    service.answer_notice(
        make.notices(order, NoticeKind.CHANGE)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING)
    )
    after_sale = make.actor(Role.AFTER_SALE)
    with pytest.raises(RuleViolation) as refused:
        worlds.do(change, "refund", after_sale, Evidence(amount_minor=6400, reference="R1"))
    assert refused.value.code == "share_unknown"
    make.order(number=order.number, lines=(), lines_complete=False, shipping_minor=800, paid_minor=None)
    assert share(order) == 12_000
    worlds.do(change, "refund", after_sale, Evidence(amount_minor=6000, reference="R1"))
    assert worlds.line(order).refunded_minor == 6000


def test_the_platforms_own_shares_need_no_freight():
    given = make.line(quantity=2, price_minor=None, share_given_minor=12_000)
    order = make.order(**{**ONLY_PAID, "lines": (given,)})
    assert share(order) == 12_000


def test_an_amended_freight_adds_to_the_goods_where_the_platform_told_none():
    order = make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0, shipping_minor=None, goods_minor=12_800)
    make.change(order, Kind.FREIGHT, {"amount_minor": 800}, by=make.actor(Role.PRE_SALE))
    there = orders.lines(order.id, order.store_id), orders.active_amendments(order.id, order.store_id)
    amounts = orders.effective_amounts(orders.order_by_id(order.id, order.store_id), *there)
    assert (amounts.shipping_minor, amounts.total_minor, amounts.mirrored_total_minor) == (800, 13_600, 12_800)
