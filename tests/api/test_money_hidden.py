"""Money in the API: null for a token without `money:read`, in the trail and in old → new.

Which event kinds carry money is read from the source: one more of them fails here until it is listed with its proof.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import shopdesk
from shopdesk.cases import service as cases
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.changes import service
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Permission, Role
from shopdesk.orders.service import Payment
from shopdesk.orders.states import OrderStatus, PayMethod
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind
from tests import after_sale_made as made
from tests import make

ROOT = Path(shopdesk.__file__).parent
#: Words of a key that stands for an amount, whatever its ending.
MONEY = {"minor", "amount", "price", "freight", "fee", "cost", "paid", "refunded", "total", "sum", "share", "balance"}
WISHES = {Kind.PRICE: (4200, 9900), Kind.FREIGHT: (0, 500)}


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@cache
def nodes(path):
    """All that stands in a file, parsed once for every look at it."""
    return list(ast.walk(ast.parse(path.read_text())))


def calls():
    """(module, call) of every call in the product."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(ROOT)), node


def writers():
    """`record`, and every function that hands its own **keywords on to it."""
    found = {"record"}
    for path in ROOT.rglob("*.py"):
        for function in nodes(path):
            if isinstance(function, ast.FunctionDef) and function.args.kwarg:
                inner = [n for n in ast.walk(function) if isinstance(n, ast.Call) and called(n) == "record"]
                if any(k.arg is None for n in inner for k in n.keywords):
                    found.add(function.name)
    return found


def money_keys():
    """(module, key) of every amount that goes into an event."""
    names = writers()
    return {
        (module, keyword.arg)
        for module, call in calls()
        if called(call) in names
        for keyword in call.keywords
        if keyword.arg and MONEY & set(keyword.arg.split("_"))
    }


def test_the_events_that_carry_money_are_the_ones_tested_here_and_their_keys_say_so():
    assert "finish" in writers()
    assert money_keys() == {
        ("changes/service/applying.py", "old_minor"),  # price and freight: proven below, kind by kind
        ("changes/service/applying.py", "new_minor"),
        ("orders/service/paying.py", "amount_minor"),  # a payment noted by hand
        ("staff/service/stores.py", "amount_minor"),  # a setting of the store
        ("cases/service/settling.py", "amount_minor"),  # money of a case, proven below
        ("cases/service/refunding.py", "amount_minor"),  # hidden by their key, as the others
        ("changes/service/refunding.py", "amount_minor"),
        ("reconciling/service/platform.py", "amount_minor"),  # read by who reads money, as all of them
        ("reconciling/service/platform.py", "outside_minor"),
        ("reconciling/service/platform.py", "paid"),
        ("refunds/service/asking.py", "amount_minor"),
        ("refunds/service/deciding.py", "amount_minor"),
        ("refunds/service/limiting.py", "limit_minor"),
        ("refunds/service/paying.py", "amount_minor"),
        ("replacements/service/making.py", "difference_minor"),
        ("replacements/service/missing.py", "amount_minor"),
        ("replacements/service/releasing.py", "amount_minor"),
        ("replacements/service/settling.py", "amount_minor"),
    }
    nodes.cache_clear()  # the whole product in memory


@pytest.fixture
def wished(app):
    """An unpaid order of which price or freight was changed."""

    def make_it(kind, *, shipping_minor=0):
        order = make.order(
            status=OrderStatus.UNPAID,
            paid_at=None,
            paid_minor=0,
            shipping_minor=shipping_minor,
            lines=(make.line(price_minor=4200),),
        )
        line = {"line_id": world_line(order)} if kind is Kind.PRICE else {}
        value = {"amount_minor": WISHES[kind][1]}
        change = make.change(order, kind, value, by=make.actor(Role.PRE_SALE), **line)
        return order, change

    return make_it


def world_line(order):
    from shopdesk.orders import queries

    return queries.lines(order.id, order.store_id)[0].id


@pytest.mark.parametrize("kind", list(WISHES))
def test_a_token_without_money_read_sees_that_an_amount_changed_but_not_the_amounts(api, wished, kind):
    order, _ = wished(kind)
    person = make.person(Role.MANAGER)
    blind = api(person, Permission.EVENT_READ)
    seeing = api(person, Permission.EVENT_READ, Permission.MONEY_READ)
    old, new = WISHES[kind]

    def body(call):
        events = call("GET", "/events?limit=200").json["items"]
        return next(e["body"] for e in events if e["action"] == "change.done" and e["order_id"] == str(order.id))

    assert (body(seeing)["old_minor"], body(seeing)["new_minor"]) == (old, new)
    assert body(blind) == {**body(seeing), "old_minor": None, "new_minor": None}


def test_no_event_shows_a_figure_of_money_to_a_token_without_money_read(api, wished):
    for kind in WISHES:
        wished(kind)
    blind = api(make.person(Role.SUPERVISOR), Permission.EVENT_READ)
    bodies = [event["body"] for event in blind("GET", "/events?limit=200").json["items"]]
    amounts = [body[key] for body in bodies if body for key in body if MONEY & set(key.split("_"))]
    assert len(amounts) == 2 * len(WISHES)
    assert set(amounts) == {None}


def test_a_payment_noted_by_hand_shows_no_figure_to_a_token_without_money_read(api):
    phone = make.store("phone-shop", platform="phone")
    order = make.order(phone, status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    service.mark_paid(order.id, Payment(5_000, PayMethod.CASH), actor=make.actor(Role.PRE_SALE))
    person = make.person(Role.MANAGER)
    for scopes, shown in (((), None), ((Permission.MONEY_READ,), 5_000)):
        events = api(person, Permission.EVENT_READ, *scopes)("GET", "/events?limit=200").json["items"]
        assert [e["body"]["amount_minor"] for e in events if e["action"] == "order.payment_noted"] == [shown]


@pytest.mark.parametrize("kind", list(WISHES))
def test_old_and_new_of_a_price_are_null_for_the_warehouse(api, wished, kind):
    order, change = wished(kind)
    amounts = tuple({"amount_minor": minor, "currency": "CNY"} for minor in WISHES[kind])
    for role, shown in ((Role.WAREHOUSE, (None, None)), (Role.PRE_SALE, amounts)):
        call = api(make.person(role))
        wish = call("GET", f"/changes/{change.id}").json["wishes"][0]
        whole = call("GET", f"/orders/{order.id}").json
        amended = whole["amendments"][0]
        for told in (wish, whole["changes"][0]["wishes"][0], amended):
            assert (told["old_amount"], told["new_amount"]) == shown
            assert (told["old"], told["new"]) == (None, None)


def test_a_freight_that_nobody_told_is_null_in_the_api_and_a_dash_on_the_page(api, sign_in, wished):
    order, change = wished(Kind.FREIGHT, shipping_minor=None)
    told = api(make.person(Role.PRE_SALE))("GET", f"/changes/{change.id}").json["wishes"][0]
    assert (told["old_amount"], told["new_amount"]) == (None, {"amount_minor": 500, "currency": "CNY"})
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}").text
    assert "None" not in page
    assert "¥5.00" in page


def test_an_inbox_says_amounts_as_money(sign_in, wished):
    order, _ = wished(Kind.FREIGHT)
    make.order(number=order.number, status=OrderStatus.UNPAID, paid_at=None, paid_minor=0, shipping_minor=800)
    page = sign_in(make.person(Role.PRE_SALE)).get("/inbox").text
    assert [figure for figure in ("¥0.00", "¥5.00", "¥8.00") if figure not in page] == []


def test_the_money_of_a_case_shows_no_figure_to_a_token_without_money_read(api):
    case, who = made.resolving(made.shipped(lines=(make.line(quantity=3, price_minor=10_000),)))
    for kind in (Resolution.REFUND, Resolution.EXCHANGE):
        cases.add_resolution(case.id, kind, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    (line_id,) = made.line_ids(case)
    cases.decide_refund(case.id, {line_id: 1}, actor=who)
    cases.settle(case.id, AmountPart.MONEY, Paid(4000, PaidTo.PLATFORM), actor=who)
    for price in (12_000, 8000):
        line = LineWanted(line_id, 1, price_minor=price)
        wanted = Wanted(ReplacementKind.EXCHANGE, [line], waits_for_goods=False)
        row = replacements.make(case.id, wanted, actor=who)
        if price > 10_000:
            replacements.settle_difference(row.id, Settling(DifferenceSettled.WAIVED, reason="老客户"), actor=who)
    boss = make.person(Role.SUPERVISOR)
    blind = api(boss, Permission.EVENT_READ, Permission.CASE_READ, Permission.ORDER_READ)
    seeing = api(boss, Permission.EVENT_READ, Permission.CASE_READ, Permission.ORDER_READ, Permission.MONEY_READ)
    bodies = [event["body"] for event in blind("GET", "/events?limit=200").json["items"]]
    amounts = [body[key] for body in bodies if body for key in body if key.endswith("_minor")]
    assert len(amounts) == 6
    assert set(amounts) == {None}
    for path in (f"/cases/{case.id}/resolution", f"/cases/{case.id}/statement"):
        assert "12000" in seeing("GET", path).text
        shown = blind("GET", path).text
        assert [figure for figure in ("12000", "4000", "2000", "8000") if figure in shown] == []
