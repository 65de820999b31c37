"""How many statements the hot reads need: a number that grows with neither hits nor lines (docs/performance.md)."""

import pytest

from shopdesk.cases.states import PaidTo
from shopdesk.changes import service as changes
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.desk import queries
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.models import Parcel, StageFact
from shopdesk.refunds import service as refunds
from shopdesk.refunds.service.asking import Wish
from shopdesk.refunds.states import RefundKind
from shopdesk.staff.models import Store
from tests import make
from tests.statements import seen_statements

pytestmark = [pytest.mark.both_engines, pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
ONE_LOOK = 1  # by an exact key
HITS = 2  # orders with feed and what is open on them; their lines and parcels
ORDER = 3  # with store, feed and what else there is; lines; parcels with waybills
PAST = 2  # events, facts; names where a person did something
OTHERS = 2  # the same buyer's other orders, as hits


def count(look):
    look()  # the first time reads more: the session looks at its connection
    db.session.rollback()
    with seen_statements() as seen:
        look()
    return len(seen)


def find(text, actor):
    return queries.hits_of(queries.look_up(text, actor).order_ids, actor)


@pytest.fixture
def actor():
    make.store()
    return make.actor(Role.PRE_SALE)


def orders(how_many, **values):
    made = [make.order(recipient_name="秦岚", phone="13812345678", **values) for _ in range(how_many)]
    return [(order.id, order.number) for order in made]


def test_a_look_up_needs_the_same_few_statements_for_one_hit_and_for_ten(actor):
    _, number = orders(1, waybills=[("SF1234567890", "顺丰速运")])[0]
    typed = {
        **dict.fromkeys((number, "雨天晒被子_07", "13812345678", "SF1234567890", "HAT-01"), ONE_LOOK),
        "5678": ONE_LOOK + 1,  # four digits may be the end of a number, too
        "HAT": ONE_LOOK + 1,  # a beginning
        "秦": ONE_LOOK + 2,  # candidates by grams, then their names
        "秦岚": ONE_LOOK + 2,
        "晒被子": ONE_LOOK + 3,  # three characters may be a beginning, too
    }
    expected = {text: statements + HITS for text, statements in typed.items()}
    assert {text: count(lambda text=text: find(text, actor)) for text in typed} == expected
    orders(9, waybills=[("SF1234567890", "顺丰速运")])
    assert {text: count(lambda text=text: find(text, actor)) for text in typed} == expected
    assert {len(find(text, actor)) for text in typed if text != number} == {10}


def test_fifty_hits_need_no_more_statements_than_ten(actor):
    orders(10)
    ten = count(lambda: find("5678", actor))
    orders(40)
    assert len(find("5678", actor)) == 50
    assert count(lambda: find("5678", actor)) == ten


def test_a_pasted_list_is_one_look(actor):
    numbers = "\n".join(number for _, number in orders(12))
    assert count(lambda: find(numbers, actor)) == ONE_LOOK + HITS


def test_an_order_page_needs_the_same_statements_for_one_line_and_for_many(actor):
    small = make.order(buyer_id="甲", buyer_nick="甲").id
    large = make.order(buyer_id="乙", buyer_nick="乙", lines=tuple(make.line(f"n{i}") for i in range(1, 9))).id
    assert count(lambda: queries.order_view(small, actor)) == ORDER
    assert count(lambda: queries.order_view(large, actor)) == ORDER
    assert count(lambda: queries.past_of(queries.order_view(large, actor))) == ORDER + PAST


def test_the_buyers_other_orders_cost_the_same_for_one_and_for_ten(actor):
    mine, _ = orders(2)[0]
    assert count(lambda: queries.order_view(mine, actor)) == ORDER + OTHERS
    orders(12)
    assert count(lambda: queries.order_view(mine, actor)) == ORDER + OTHERS


def test_changes_add_their_steps_wishes_holds_and_names_once(actor):
    order = make.order(buyer_id="甲", buyer_nick="甲")
    make.change(order, by=actor)
    order_id = order.id
    one = count(lambda: queries.order_view(order_id, actor))
    make.change(order, Kind.COURIER, {"text": "顺丰速运"}, by=actor)
    make.change(order, Kind.INVOICE, {"text": "某某公司"}, by=actor)
    assert len(queries.order_view(order_id, actor).changes) == 3
    assert count(lambda: queries.order_view(order_id, actor)) == one


NEW = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "street": "云帆路66号"}
TWO = (make.line("n1"), make.line("n2", sku="HAT-02"))


def asked(order_id, actor):
    changes.ask(order_id, Wished(Kind.ADDRESS, NEW), actor=actor)


def given_back(order_id, actor):
    wish = Wish(RefundKind.GOODWILL, 10, PaidTo.ORIGINAL, reason="晚到三天")
    refunds.request(order_id, wish, actor=actor)


def told(_order_id, _actor):
    make.order(lines=TWO)


@pytest.mark.parametrize(
    ("act", "most"), [(asked, 52), (given_back, 29), (told, 28)], ids=["an address", "a refund", "a new order"]
)
def test_a_command_needs_no_more_statements_than_this(act, most, actor):
    """Of SQLite, which writes the steps of a change and the lines of an order one by one; PostgreSQL needs fewer."""
    first, second = (make.order(lines=TWO).id for _ in range(2))
    clerk = make.actor(Role.AFTER_SALE, Role.PRE_SALE)
    act(first, clerk)
    with seen_statements() as seen:
        act(second, clerk)
    assert len(seen) <= most


def test_rows_of_the_order_page_answer_to_every_attribute_of_their_models(actor):
    order = make.order(waybills=[("SF1234567890", "顺丰速运")])
    view = queries.order_view(order.id, actor)
    past = queries.past_of(view)
    for row, model in (
        (view.order, Order),
        (view.store, Store),
        (view.lines[0].line, OrderLine),
        (view.parcels[0].parcel, Parcel),
        (past.facts[0], StageFact),
        (past.events[0], Event),
    ):
        assert all(hasattr(row, column.key) for column in model.__table__.columns)
    assert str(view.order.recipient_name) == "张**"
    assert [w.number for w in view.parcels[0].waybills] == ["SF1234567890"]
