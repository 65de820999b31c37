"""E30: part of a bundle comes back alone: it carries a fixed share of what was paid, the rest stays as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, CasePhase, Resolution
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.orders import rules
from shopdesk.orders.states import LineKind, OrderStatus
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Disposal, Grade, Identity
from shopdesk.staff import queries as staff
from tests import after_sale_made as made
from tests import make
from tests.returns import rows, world

K = LineKind
SET = (
    make.line("n1", price_minor=10_000, kind=K.BUNDLE, title="冬日套装", sku="SET-1"),
    make.line("n2", price_minor=6_000, kind=K.BUNDLE_PART),
    make.line("n3", quantity=2, price_minor=2_000, kind=K.BUNDLE_PART, title="手套", sku="GLOVE"),
    make.line("n4", price_minor=5_000, title="围巾", sku="SCARF"),
)
FREE = (
    make.line("n2", quantity=2, price_minor=0, kind=K.BUNDLE_PART),
    make.line("n3", price_minor=0, kind=K.BUNDLE_PART),
)


def bundle(*lines, **values):
    """A set with a hat and two pairs of gloves for 90.00 instead of 100.00, and a scarf beside it."""
    return rows.shipped(lines=lines or SET, **{"paid_minor": 13_500, "total_minor": 13_500, **values})


def shares(order):
    return [line.share_minor for line in orders.lines(order.id, order.store_id)]


@pytest.mark.usefixtures("app")
def test_what_was_paid_for_a_bundle_stands_on_its_parts_and_adds_up():
    order = bundle()
    assert shares(order) == [None, 5400, 3600, 4500]
    found = orders.bundles_of(order.id, order.store_id)
    hat, gloves = orders.lines(order.id, order.store_id)[1:3]
    assert (set(found), found[hat.id].paid_minor) == ({hat.id, gloves.id}, 9000)
    assert [line.sku for line in found[hat.id].others(hat.id)] == ["GLOVE"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((SET[0], FREE[0], FREE[1]), [None, 6667, 3333]),
        ((SET[1], make.line("n3", price_minor=4_000)), [6_000, 4_000]),
        ((SET[0],), [10_000]),
    ],
    ids=["by units where no part has a price", "a part without its bundle is an article", "a bundle of nothing"],
)  # fmt: skip
def test_bundles_that_are_told_otherwise(lines, expected):
    order = make.order(lines=lines, paid_minor=10_000, total_minor=10_000)
    assert shares(order) == expected


@pytest.mark.usefixtures("app")
def test_nothing_is_shared_out_of_an_order_that_is_not_paid():
    order = make.order(lines=SET, status=OrderStatus.UNPAID, paid_minor=0)
    assert shares(order) == [None] * 4


@pytest.mark.usefixtures("app")
def test_e30_a_part_of_a_bundle_comes_back_alone_and_the_rest_later_in_any_order():
    order = bundle()
    hat, gloves = orders.lines(order.id, order.store_id)[1:3]
    owner = world.agent()
    refunded = []
    for line, units, left in ((hat, 1, [(2, 0, 0)]), (gloves, 1, [(2, 0, 1)]), (gloves, 1, [(2, 0, 2)])):
        case = world.case_of(order, owner)
        back = service.confirm(case.id, {line.id: units}, actor=owner)
        inspect(back)
        assert made.now(case).phase is CasePhase.RESOLVE
        assert rows.order_units(order)[2:3] == left
        cases.add_resolution(case.id, Resolution.REFUND, actor=owner)
        cases.decide_refund(case.id, {line.id: units}, actor=owner)
        refunded.append(settling.amounts_of(case)[AmountPart.MONEY].expected_minor)
    assert refunded == [5400, 1800, 1800], "together what was paid for the bundle"
    more = world.case_of(order, owner)
    with pytest.raises(DomainError):
        service.confirm(more.id, {orders.lines(order.id, order.store_id)[0].id: 1}, actor=owner)


def inspect(back):
    clerk = make.actor(Role.WAREHOUSE, store_id=back.store_id)
    arrival = service.sign_in(f"SF{back.id}", back.warehouse_id, actor=clerk).arrival
    service.match(arrival.id, back.id, actor=clerk)
    found = [Found(Identity.RIGHT, n.expected, n.id, Grade.A, has_defect=False) for n in rows.lines(back)]
    for row in docks.findings(service.inspect(arrival.id, found, actor=clerk)):
        service.dispose(arrival.id, [service.Decided(row.id, Disposal.RESTOCK, row.quantity)], actor=clerk)


@pytest.mark.usefixtures("app")
def test_after_sale_sees_the_share_and_what_stays_and_the_dock_sees_no_money(sign_in):
    order = bundle()
    hat = orders.lines(order.id, order.store_id)[1]
    owner = make.person(Role.AFTER_SALE)
    desk = sign_in(owner)
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    actor = staff.actor_for(owner, channel="page")
    case = world.case_of(order, actor)
    page = re.sub(r"<[^>]+>|\s+", " ", desk.get(f"/cases/{case.id}").text)
    assert "Part of the bundle 冬日套装" in page
    assert re.search(r"Its paid share:\s+¥54\.00\s+/\s+¥90\.00", page)
    assert re.search(r"With the customer stays: 手套", page)
    back = service.confirm(case.id, {hat.id: 1}, actor=actor)
    clerk = make.actor(Role.WAREHOUSE, store_id=back.store_id)
    arrival = service.sign_in("SF1", back.warehouse_id, actor=clerk).arrival
    service.match(arrival.id, back.id, actor=clerk)
    dock = sign_in(make.person(Role.WAREHOUSE))
    dock.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = dock.get(f"/dock/arrivals/{arrival.id}").text
    assert "part of the bundle 冬日套装" in text
    assert not {"¥", "54.00", "5400"} & set(re.findall(r"¥|54\.00|5400", text))


@given(st.lists(st.sampled_from(list(K)), max_size=12))
def test_every_part_belongs_to_at_most_one_bundle_and_stands_behind_it(kinds):
    found = rules.bundles(kinds)
    inside = [place for places in found.values() for place in places]
    assert len(inside) == len(set(inside))
    for head, places in found.items():
        assert kinds[head] is K.BUNDLE
        assert places == list(range(head + 1, head + 1 + len(places)))
        assert all(kinds[place] is K.BUNDLE_PART for place in places)
