"""What nobody told is shown as unknown, and its parcel is not to be printed."""

from datetime import timedelta

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.orders.service import decide_readiness
from shopdesk.orders.states import Readiness
from tests import make

pytestmark = pytest.mark.usefixtures("app")
NOWHERE = dict.fromkeys(("recipient_name", "phone", "province", "city", "district", "street_address"))
FROM_DETAILS = {**NOWHERE, "has_list": False, "status": None, "paid_at": None, "paid_minor": None, "total_minor": None}
UNREAD = {"status": None, "status_given": "神秘状态"}


def checked(order):
    make.store()
    _, rows = service.make_check([order.number], actor=make.actor(Role.PRINTING))
    return [(str(row.group), *row.reasons) for row in rows]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_details_without_their_list_are_not_printed_until_the_list_comes(sign_in, api):
    boss = make.person(Role.SUPERVISOR)
    order = make.order(**FROM_DETAILS)
    assert checked(order) == [("do_not_print", "list_missing", "address_missing")]
    order_id, number = order.id, order.number
    page = sign_in(boss).get(f"/orders/{order_id}", headers={"Accept-Language": "en"}).text
    assert "Order not known yet" in page
    assert "¥0.00" not in page
    told = api(boss)("GET", f"/orders/{order_id}").json
    assert (told["paid"], told["total"], told["shipping"]) == (None, None, None)
    assert api(boss)("GET", f"/orders?q={number}").json["items"][0]["paid"] is None
    assert checked(make.order(number=number)) == [("printable",)]


def test_an_order_that_nobody_gave_an_address_is_printed_once_the_desk_has_one():
    order = make.order(**NOWHERE)
    assert checked(order) == [("do_not_print", "address_missing")]
    whole = {"name": "张伟", "phone": "13812345678", "city": "苏州市", "street": "星澜街128号"}
    make.change(order, Kind.ADDRESS, whole, by=make.actor(Role.PRE_SALE), yes=True)
    assert checked(order) == [("changed", "acknowledgement_missing")]


def test_a_status_that_nobody_knows_is_to_be_looked_at_and_stays_lifted_until_the_next_word():
    start = clock.now() - timedelta(minutes=30)
    order = make.order(as_of=start, **UNREAD)
    assert checked(order) == [("do_not_print", "readiness_awaiting_review")]

    def told(minutes, **more):
        return make.order(number=order.number, as_of=start + timedelta(minutes=minutes), **more).readiness

    assert told(1, **UNREAD, refunding=True) is Readiness.REFUNDING
    assert told(2, **UNREAD, refunding=False) is Readiness.AWAITING_REVIEW
    decide_readiness(order, None, actor=make.actor(Role.PRE_SALE))
    assert told(3, **UNREAD) is Readiness.READY
    assert told(4, **{**UNREAD, "status_given": "更神秘"}) is Readiness.AWAITING_REVIEW
    assert told(5) is Readiness.READY
