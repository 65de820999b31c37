"""The order page: everything of one order, and what is done from it."""

import itertools
from datetime import timedelta

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.states import AmendmentState, Flag, OrderStatus
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from tests import make, worlds
from tests.desk.pages import EN, by, path, send
from tests.shorter import some
from tests.statements import seen_statements

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def agent():
    return make.person(Role.PRE_SALE)


# -- every page for every role, in every state


def _open(order, asker):
    make.change(order, by=asker)


def _confirmed(order, asker):
    make.change(order, by=asker, yes=True)


def _answered(answer):
    def build(order, asker):
        make.change(order, by=asker, yes=True)
        notice = make.notices(order, NoticeKind.CHANGE)[0]
        service.answer_notice(notice.id, answer, actor=make.actor(Role.PRINTING))

    return build


def _withdrawn(order, asker):
    service.withdraw(make.change(order, by=asker).id, "changed her mind", actor=asker)


def _cancelled(order, asker):
    change = make.change(order, Kind.CANCEL, {"text": "too late"}, by=asker)
    worlds.do(change, "void", make.actor(Role.PRINTING))


def _fewer(order, asker):
    make.change(order, Kind.QUANTITY, {"quantity": 0}, by=asker, yes=True, line_id=worlds.line(order).id)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))


def _special(order, asker):
    for kind in (Kind.COURIER, Kind.INVOICE, Kind.GREETING_CARD, Kind.DELIVERY_TIME):
        make.change(order, kind, {"text": "顺丰"}, by=asker)


def _stage(stage):
    return lambda order, _asker: make.fact(order, stage, happened_at=clock.now())


def _merged(order, _asker):
    worlds.merge(order, make.order())


STATES = {
    "untouched": lambda *_: None,
    "open": _open,
    "confirmed": _confirmed,
    "done": _answered(Answer.NOT_PRINTED),
    "printed under it": _answered(Answer.PRINTED),
    "too late": _answered(Answer.GONE),
    "withdrawn": _withdrawn,
    "cancelled": _cancelled,
    "fewer units": _fewer,
    "special requests": _special,
    "merged": _merged,
    **{f"stage {stage}": _stage(stage) for stage in Stage if stage is not Stage.UNPRINTED},
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_stands_for_every_role_in_every_state(sign_in, state):
    order = make.order(lines=(make.line(quantity=2), make.line("n2")))
    STATES[state](order, make.actor(Role.PRE_SALE))
    roles = some(ASSIGNABLE, of=3, turn=list(STATES).index(state))
    for role, language in zip(roles, itertools.cycle(("zh-CN", "en"))):  # every page in both: test_every_page
        page = sign_in(make.person(role)).get(path(order), headers={"Accept-Language": language})
        assert page.status_code == 200, page.text[:500]
        assert order.number in page.text


@pytest.mark.parametrize(
    "values",
    [
        {"status": OrderStatus.UNPAID, "paid_at": None, "paid_minor": 0},
        {"lines": (), "lines_complete": False, "total_minor": 100, "paid_minor": 100},
        {"buyer_id": None, "buyer_nick": None, "recipient_name": None, "phone": None, "street_address": None},
        {"recipient_name": "张**", "phone": "138****5678", "street_address": "****"},
        {"as_of": clock.now() - timedelta(hours=9)},
    ],
    ids=["unpaid", "no lines", "no buyer", "masked", "stale"],
)
def test_the_page_stands_for_an_order_of_which_little_is_known(sign_in, agent, values):
    order = make.order(**values)
    browser = sign_in(agent)
    assert browser.get(path(order)).status_code == 200
    for kind in Kind:
        assert browser.get(f"{path(order)}/changes/{kind}").status_code == 200


# -- who sees what


def test_the_warehouse_sees_neither_money_nor_clear_names(sign_in):
    order = make.order(invoice_title="某某公司", buyer_message="楷体", lines=(make.line(price_minor=77_700),))
    make.change(order, by=make.actor(Role.PRE_SALE))
    text = sign_in(make.person(Role.WAREHOUSE)).get(path(order)).text
    for hidden in ("777.00", "张伟", "13812345678", "星澜街", "云帆路", "某某公司", "楷体", "雨天晒被子_07"):
        assert hidden not in text, hidden
    assert "张**" in text


def test_the_agent_sees_name_and_address_in_clear_and_the_phone_masked(sign_in, agent):
    text = sign_in(agent).get(path(make.order())).text
    for shown in ("张伟", "星澜街128号7幢1203室", "138****5678", "128.00"):
        assert shown in text
    assert "13812345678" not in text


def test_amounts_in_a_wish_are_for_those_who_see_money(sign_in):
    order = make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    make.change(order, Kind.FREIGHT, {"amount_minor": 4_321}, by=make.actor(Role.PRE_SALE))
    assert "43.21" in sign_in(make.person(Role.PRE_SALE)).get(path(order)).text
    text = sign_in(make.person(Role.PRINTING)).get(path(order)).text
    assert "43.21" not in text
    assert "4321" not in text


def test_an_order_of_another_store_does_not_exist(sign_in):
    order = make.order(make.store("theirs"))
    browser = sign_in(make.person(Role.PRE_SALE, store_id=make.store("mine").id))
    for there in (path(order), f"{path(order)}/changes/address", "/orders/99999999999999999999", "/orders/0"):
        assert browser.get(there).status_code == 404
    assert browser.get(f"{path(make.order(make.store('mine')))}/changes/nonsense").status_code == 404


def test_what_customers_write_stays_text(sign_in, agent):
    evil = "<script>alert(1)</script>\"'"
    order = make.order(
        recipient_name=evil, buyer_nick=evil, buyer_id=evil, street_address=evil, buyer_message=evil,
        lines=(make.line(title=evil, attributes=evil, sku=evil),), invoice_title=evil, platform_memo=evil,
    )  # fmt: skip
    service.write_note(order.id, evil, flag=Flag.RED, actor=by(agent))
    make.change(order, Kind.GREETING_CARD, {"text": evil}, by=by(agent))
    for who in (agent, make.person(Role.WAREHOUSE)):
        assert "<script>alert" not in sign_in(who).get(path(order)).text
    assert "<script>alert" not in sign_in(agent).get(f"{path(order)}/changes/attribute").text


# -- facts


@pytest.mark.mission("M013", "M016")
def test_the_page_tells_placed_paid_and_every_stage_as_a_timeline(sign_in, agent):
    order = make.order()
    at = clock.now() - timedelta(minutes=5)
    make.fact(order, Stage.PRINTED, happened_at=at)
    make.fact(order, Stage.SHIPPED, happened_at=clock.now())
    text = sign_in(agent).get(path(order), headers=EN).text
    history = text.split(">History<")[1]
    assert history.index("Shipped") < history.index("Printed") < history.index("told the order")
    assert "paid " in text
    assert "as of" in text
    assert "Placed" in text


def test_the_history_names_the_source_that_told_the_order(sign_in, api, agent):
    make.store()
    told = {"as_of": clock.now().isoformat(), "status": "paid", "origin": "旺店通"}
    call = api(make.person(Role.SUPERVISOR, signature="青禾"))
    order_id = call("PUT", "/stores/my-shop/orders/3300112233445566", told).json["id"]
    text = sign_in(agent).get(f"/orders/{order_id}", headers=EN).text
    history = text.split(">History<")[1]
    line = history[history.index("told the order") :][:200]
    assert "旺店通" in line
    assert "export" not in line


def test_another_unprinted_order_of_the_same_buyer_is_pointed_out(sign_in, agent):
    order, other = make.order(), make.order()
    text = sign_in(agent).get(path(order), headers=EN).text
    assert "1 more order is not printed." in text
    assert path(other) in text


def test_a_merged_parcel_names_the_order_it_is_merged_with(sign_in, agent):
    order, other = make.order(), make.order(buyer_id="somebody else", buyer_nick="somebody else")
    worlds.merge(order, other)
    text = sign_in(agent).get(path(order), headers=EN).text
    assert "Merged" in text
    assert f'href="{path(other)}"' in text


def test_an_order_in_the_same_parcel_is_not_asked_about_as_one_that_may_be_meant_too(sign_in, agent):
    order, beside, apart = make.order(), make.order(), make.order()
    worlds.merge(order, beside)
    text = sign_in(agent).get(path(order), headers=EN).text
    assert "1 more order is not printed." in text
    assert f'href="{path(apart)}"' in text.partition("1 more order is not printed.")[2][:600]


def test_a_third_value_shows_all_three_and_can_be_ticked(sign_in, agent):
    number = "410000000000077777"
    order = make.order(number=number)
    make.change(order, by=by(agent), yes=True)
    make.order(number=number, as_of=clock.now() + timedelta(minutes=1), city="无锡市")
    browser = sign_in(agent)
    page = browser.get(path(order), headers=EN)
    assert "The platform says something else." in page.text
    for city in ("苏州市", "杭州市", "无锡市"):
        assert city in page.text.split("Also to be done in the platform")[1].split("</section>")[0]
    amendment = orders.active_amendments(order.id, order.store_id)[0]
    answer = send(browser, page, f"/amendments/{amendment.id}/entered")
    assert answer.status_code == 303
    worlds.refresh(amendment)
    assert amendment.state is AmendmentState.DONE_BY_HAND


# -- what can be done now


@pytest.mark.mission("M012", "M039")
def test_the_stage_decides_what_is_offered_and_the_rest_says_why(sign_in, agent):
    order = make.order()
    browser = sign_in(agent)
    text = browser.get(path(order), headers=EN).text
    assert f'href="{path(order)}/changes/address"' in text
    assert f'href="{path(order)}/changes/price"' not in text
    assert "only while the order is unpaid" in text
    make.fact(order, Stage.SHIPPED, happened_at=clock.now())
    text = browser.get(path(order), headers=EN).text
    assert f'href="{path(order)}/changes/address"' not in text
    assert "This is for after-sale now." in text


def test_old_data_is_a_banner_that_says_what_to_do(sign_in, agent):
    order = make.order(as_of=clock.now() - timedelta(hours=9))
    text = sign_in(agent).get(path(order), headers=EN).text
    assert "Stale, check first" in text
    assert "A change asks printing first" in text


# -- what it costs


def test_a_longer_story_asks_the_database_no_more(sign_in, agent):
    short, long = make.order(), make.order(lines=tuple(make.line(f"n{i}") for i in range(1, 9)))
    make.change(short, by=by(agent))
    for kind in (Kind.ADDRESS, Kind.COURIER, Kind.INVOICE, Kind.GREETING_CARD, Kind.DELIVERY_TIME):
        value = None if kind is Kind.ADDRESS else {"text": "顺丰"}
        make.change(long, kind, value, by=by(agent))
    for _ in range(6):
        service.write_note(long.id, "尽快", flag=Flag.RED, actor=by(agent))
    browser = sign_in(agent)
    browser.get(path(short))
    counts = []
    for order in (short, long):
        with seen_statements() as seen:
            browser.get(path(order))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] < 40


def test_an_address_abroad_is_written_with_gaps_on_the_page_and_in_the_phrase(sign_in):
    home = {"province": "California", "city": "Los Angeles", "district": None, "street_address": "1 Main St"}
    order = make.order(**home)
    agent = make.person(Role.PRE_SALE)
    page = sign_in(agent).get(f"/orders/{order.id}")
    assert "California Los Angeles 1 Main St" in page.text
    new = {"province": "New York", "city": "New York", "street": "5 Elm St"}
    make.change(order, value=new, by=staff.actor_for(agent, channel="page"))
    page = sign_in(agent).get(f"/orders/{order.id}")
    assert "New York 5 Elm St" in page.text
    assert "YorkNew" not in page.text


@pytest.mark.parametrize(("said", "is_shown"), [("没有申请退款", False), ("退款中", True)])
def test_only_a_refund_that_somebody_wants_is_marked_on_its_line(sign_in, agent, said, is_shown):
    order = make.order(lines=(make.line(refund_state=said),))
    assert (said in sign_in(agent).get(path(order)).text) is is_shown


def test_the_history_begins_with_how_the_order_came_here(sign_in, agent):
    page = sign_in(agent).get(path(make.order()), headers=EN)
    assert "Order brought in" in page.text
    assert "newest values: " in page.text
