"""What an unprinted order's wish and its steps are refused for; nothing is written then."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select

from shopdesk.changes import rules, service
from shopdesk.changes.models import Change, Wish
from shopdesk.changes.service import Confirmation, Evidence, Wished
from shopdesk.changes.states import ConfirmChannel, Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer
from shopdesk.orders.service import decide_readiness
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import Stage
from shopdesk.web.errors import message_of
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")  # rules: one engine says it all
ON_LINE = {Kind.ATTRIBUTE, Kind.QUANTITY, Kind.PRICE}
LONG = "长" * 501


def rows(store_id):
    counted = [select(func.count()).select_from(model) for model in (Change, Wish)]
    return [db.session.scalar(in_store(s, store_id, m)) for s, m in zip(counted, (Change, Wish), strict=True)]


def refused(order, kind, value=None, *, by=None, **more):
    """The code and the kind of the refusal; nothing was written."""
    by = by or make.actor(Role.PRE_SALE)
    if kind in ON_LINE:
        more.setdefault("line_id", worlds.line(order).id)
    with pytest.raises(DomainError) as caught:
        service.ask(order.id, Wished(kind, make.NEW_ADDRESS if value is None else value, **more), actor=by)
    assert rows(order.store_id) == [0, 0]
    assert make.parcel(order).holds == 0
    return type(caught.value), caught.value.code


@pytest.mark.parametrize("role", [Role.PRINTING, Role.WAREHOUSE, Role.AFTER_SALE, Role.FINANCE, Role.MANAGER])
def test_only_pre_sale_and_supervisors_ask_for_changes(role):
    order = make.order()
    assert refused(order, Kind.ADDRESS, by=make.actor(role)) == (NotAllowed, "not_allowed")
    assert make.change(order, by=make.actor(Role.SUPERVISOR)).id


def test_an_order_of_another_store_does_not_exist():
    order = make.order()
    elsewhere = make.store("other-shop")
    stranger = make.actor(Role.PRE_SALE, Role.SUPERVISOR, store_id=elsewhere.id)
    assert refused(order, Kind.ADDRESS, by=stranger) == (NotFound, "not_found")
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order)[0]
    for act in (
        lambda: service.withdraw(change.id, "no", actor=stranger),
        lambda: service.end_by_hand(change.id, "no", actor=stranger),
        lambda: service.do_step(change.id, 3, worlds.SAID, actor=stranger),
        lambda: service.answer_notice(notice.id, Answer.PRINTED, actor=stranger),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_line_of_another_order_is_not_a_line_of_this_one():
    order, other = make.order(), make.order()
    assert refused(order, Kind.QUANTITY, {"quantity": 0}, line_id=worlds.line(other).id) == (NotFound, "no_such_line")
    assert refused(order, Kind.QUANTITY, {"quantity": 0}, line_id=None)[1] == "value_required"


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Kind.ADDRESS, {"street": "星澜街128号7幢1203室"}, "changes_nothing"),
        (Kind.ADDRESS, {"street": "路" * 501}, "too_long"),
        (Kind.ADDRESS, {"province": "省" * 65}, "too_long"),
        (Kind.ATTRIBUTE, {"attributes": "颜色分类: 黑色 "}, "changes_nothing"),
        (Kind.ATTRIBUTE, {}, "value_required"),
        (Kind.ATTRIBUTE, {"attributes": LONG}, "too_long"),
        (Kind.QUANTITY, {"quantity": 3}, "changes_nothing"),
        (Kind.QUANTITY, {"quantity": 4}, "new_order"),
        (Kind.QUANTITY, {"quantity": -1}, "value_required"),
        (Kind.QUANTITY, {"quantity": True}, "value_required"),
        (Kind.QUANTITY, {"quantity": "1"}, "value_required"),
        (Kind.COURIER, {"text": "  "}, "value_required"),
        (Kind.INVOICE, {"text": LONG}, "too_long"),
        (Kind.GREETING_CARD, {}, "value_required"),
        (Kind.DELIVERY_TIME, {"text": LONG}, "too_long"),
        (Kind.CANCEL, {"text": LONG}, "too_long"),
    ],
)
def test_a_value_that_does_not_do_is_refused_with_the_reason(kind, value, code):
    order = make.order(lines=(make.line(quantity=3),))
    assert refused(order, kind, value) == (RuleViolation, code)


@pytest.mark.parametrize("value", [{"amount_minor": -1}, {"amount_minor": True}, {"amount_minor": 10**12}, {}])
def test_an_amount_that_is_none_is_refused(value):
    order = make.order(status=OrderStatus.UNPAID)
    assert refused(order, Kind.PRICE, value) == (RuleViolation, "value_required")


@pytest.mark.parametrize("kind", [Kind.PRICE, Kind.FREIGHT])
def test_price_and_freight_are_fixed_once_the_order_is_paid(kind):
    assert refused(make.order(), kind, {"amount_minor": 1}) == (IllegalMove, "only_unpaid")


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kind", [Kind.PRICE, Kind.FREIGHT])
def test_of_a_split_order_price_and_freight_say_the_true_reason_whatever_parcel_is_printed(kind, number):
    order = make.order(lines=(make.line(quantity=2),))
    both = make.parcel(order), worlds.split(order, 1, 1)
    make._set(both[number], {"stage": Stage.PRINTED})
    said = refused(order, kind, {"amount_minor": 1}, seen_stage=Stage.UNPRINTED)  # the order's own, as it is shown
    assert said == (IllegalMove, "only_unpaid")


@pytest.mark.parametrize("kind", list(ON_LINE - {Kind.PRICE}))
def test_lines_that_are_not_known_yet_cannot_be_changed_but_the_address_can(kind):
    order = make.order(lines=(), lines_complete=False, unit_count=2, titles="羊毛帽")
    value = {"quantity": 1} if kind is Kind.QUANTITY else {"attributes": "白"}
    assert refused(order, kind, value) == (IllegalMove, "lines_incomplete")
    assert make.change(order, by=make.actor(Role.PRE_SALE)).id


@pytest.mark.mission("M032")
@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (Stage.SHIPPED, "after_sale"),
        (Stage.DELIVERED, "after_sale"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.ADDRESS, Kind.QUANTITY, Kind.CANCEL])
def test_a_stage_that_allows_no_change_says_which_one_it_is(kind, stage, code):
    order = make.order(lines=(make.line(quantity=3),))
    make.fact(order, stage)
    assert refused(order, kind, {"quantity": 1} if kind is Kind.QUANTITY else None) == (IllegalMove, code)


def test_a_voided_parcel_takes_no_wish():
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
    for kind, more in ((Kind.ADDRESS, {}), (Kind.CANCEL, {}), (Kind.QUANTITY, {"line_id": worlds.line(order).id})):
        with pytest.raises(IllegalMove) as caught:
            make.change(order, kind, {"quantity": 0} if more else None, by=make.actor(Role.PRE_SALE), **more)
        assert caught.value.code == "voided"


def test_a_closed_order_takes_no_wish():
    assert refused(make.order(status=OrderStatus.CLOSED), Kind.ADDRESS) == (IllegalMove, "closed")


@pytest.mark.mission("M033")
def test_a_wish_on_a_stage_that_has_moved_since_the_look_is_a_conflict_and_writes_nothing():
    order = make.order()
    make.fact(order, Stage.PRINTED)
    assert refused(order, Kind.ADDRESS, seen_stage=Stage.UNPRINTED) == (Conflict, "stage_moved")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Confirmation(" ", ConfirmChannel.CHAT, clock.now()), "value_required"),
        (Confirmation("对" * 2001, ConfirmChannel.CHAT, clock.now()), "too_long"),
        (Confirmation("对", ConfirmChannel.CHAT, clock.now() + timedelta(days=400)), "in_the_future"),
    ],
)
def test_a_yes_that_is_none_is_refused_with_the_wish(said, code):
    assert refused(make.order(), Kind.ADDRESS, confirmation=said) == (RuleViolation, code)


def test_each_step_is_its_roles_in_its_order_and_once():
    order = make.order()
    asker, clerk, packer = (make.actor(role) for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE))
    change = make.change(order, by=asker)
    for code, who, refusal in (
        ("confirm", clerk, "other_role"),
        ("confirm", packer, "other_role"),
        ("acknowledge", clerk, "step_out_of_order"),
        ("amend", asker, "step_done"),
    ):
        with pytest.raises(DomainError) as caught:
            worlds.do(change, code, who)
        assert caught.value.code == refusal
    with pytest.raises(NotFound):
        service.do_step(change.id, 99, worlds.SAID, actor=asker)
    worlds.do(change, "confirm", make.actor(Role.SUPERVISOR))
    with pytest.raises(IllegalMove) as caught:
        worlds.do(change, "confirm", asker)
    assert caught.value.code == "step_done"
    with pytest.raises(IllegalMove) as caught:  # the acknowledgement is given with the notice, by printing
        worlds.do(change, "acknowledge", clerk)
    assert caught.value.code == "step_not_available"


def test_an_ended_change_takes_no_step_and_an_answered_notice_no_second_answer():
    order = make.order()
    asker, clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
    change = make.change(order, by=asker, yes=True)
    notice = make.notices(order)[0]
    with pytest.raises(RuleViolation) as wrong:
        service.answer_notice(notice.id, Answer.NOTED, actor=clerk)
    assert wrong.value.code == "wrong_answer"
    for who in (asker, make.actor(Role.WAREHOUSE)):
        with pytest.raises(NotAllowed):
            service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=who)
    service.withdraw(change.id, "she changed her mind", actor=asker)
    with pytest.raises(Conflict) as closed:
        service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=clerk)
    assert closed.value.code == "notice_closed"
    with pytest.raises(IllegalMove) as ended:
        service.do_step(change.id, 3, worlds.SAID, actor=asker)
    assert ended.value.code == "change_not_open"


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (Evidence(), "value_required"),
        (Evidence("对"), "value_required"),
        (Evidence("对" * 2001, ConfirmChannel.CHAT), "too_long"),
        (Evidence("对", ConfirmChannel.CHAT, clock.now() + timedelta(days=400)), "in_the_future"),
    ],
)
def test_the_customers_yes_needs_words_a_channel_and_a_time_that_has_been(evidence, code):
    order = make.order()
    asker = make.actor(Role.PRE_SALE)
    change = make.change(order, by=asker)
    with pytest.raises(RuleViolation) as caught:
        worlds.do(change, "confirm", asker, evidence)
    assert caught.value.code == code
    assert worlds.open_codes(change) == ["confirm", "acknowledge"]


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (Evidence(reference="R"), "value_required"),
        (Evidence(amount_minor=-1, reference="R"), "negative_refund"),
        (Evidence(amount_minor=0, reference="R"), "nothing_refunded"),
        (Evidence(amount_minor=2001, reference="R"), "more_than_paid"),
        (Evidence(amount_minor=2000), "value_required"),
    ],
)
def test_a_refund_needs_an_amount_within_the_paid_share_and_its_reference(evidence, code):
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),))
    line = worlds.line(order)
    change = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=line.id)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    with pytest.raises(RuleViolation) as caught:
        worlds.do(change, "refund", make.actor(Role.AFTER_SALE), evidence)
    assert caught.value.code == code
    assert worlds.line(order).refunded_minor == 0


@pytest.mark.parametrize(
    ("currency", "said"),
    [("CNY", "At most ¥189.00 can be refunded here."), ("JPY", "At most JP¥18,900 can be refunded here.")],
)
def test_the_most_that_can_be_refunded_is_said_as_money(app, currency, said):
    with app.test_request_context(), force_locale("en"):
        with pytest.raises(RuleViolation) as caught:
            rules.check_refund(18_901, "R", most_minor=18_900, currency=currency)
        assert message_of(caught.value) == said


def test_a_second_cancellation_of_the_same_order_finds_the_first():
    order = make.order()
    asker = make.actor(Role.PRE_SALE)
    make.change(order, Kind.CANCEL, {}, by=asker)
    with pytest.raises(Conflict) as caught:
        make.change(order, Kind.CANCEL, {}, by=asker)
    assert caught.value.code == "already_there"


def test_e80_an_order_awaiting_its_balance_can_be_changed_and_goes_on_awaiting_it():
    order = make.order()
    decide_readiness(order, Readiness.AWAITING_BALANCE, actor=make.actor(Role.PRE_SALE))
    make.change(order, by=make.actor(Role.PRE_SALE))
    make.order(number=order.number)
    assert order.readiness is Readiness.AWAITING_BALANCE


def test_e86_an_order_without_a_buyer_is_whole():
    order = make.order(make.store("pdd-shop", platform="pdd"), buyer_id=None, buyer_nick=None)
    assert order.customer_id is None
    assert make.change(order, by=make.actor(Role.PRE_SALE), yes=True).id


def test_a_wish_for_the_courier_that_the_waybill_has_changes_nothing():
    order = make.order(waybills=[("SF7300000001", "顺丰")])
    assert refused(order, Kind.COURIER, {"text": "顺丰"})[1] == "changes_nothing"
    assert make.change(order, Kind.COURIER, {"text": "圆通"}, by=make.actor(Role.PRE_SALE)).parcel_id
