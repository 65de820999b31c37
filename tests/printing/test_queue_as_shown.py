"""Printing here: what has moved since the queue showed it is not printed and not acknowledged."""

import re

import pytest

from shopdesk.changes import queries
from shopdesk.changes import service as changes
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.orders.states import Flag
from shopdesk.parcels.states import Stage
from shopdesk.printing import service
from shopdesk.printing.queries.queue import Asked, queue
from shopdesk.staff import queries as staff
from tests import make
from tests.printing.test_queue_page import posted, ticks
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
OTHER = {"province": "广东省", "city": "深圳市", "district": "南山区", "street": "海棠路9号1栋301室"}


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk(asker):
    return make.actor(Role.PRINTING)


def shown_to(clerk, store_id):
    """Parcel → what the queue says of it now."""
    view = queue(staff.store_by_id(store_id), Asked(), clerk, size=50)
    return {row.line.parcel.id: row.line.shown for row in view.rows}


def shown_on(page):
    return re.findall(r'name="shown" value="([^"]+)"', page.text)


def write_memo(order, asker):
    changes.write_note(order.id, "请加一层气泡膜", flag=Flag.RED, actor=asker)


def change_address(order, asker):
    make.change(order, by=asker, yes=True)


def join_another_address(order, asker):
    make.change(order, value=OTHER, by=asker, yes=True)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [(write_memo, change_address), (change_address, join_another_address), (change_address, write_memo)],
    ids=lambda f: f.__name__,
)
def test_a_parcel_that_is_changed_for_another_reason_by_now_is_not_printed(asker, clerk, before, meanwhile):
    plain, order = make.order(), make.order()
    before(order, asker)
    ids, store_id = [make.parcel(o).id for o in (plain, order)], order.store_id
    shown = shown_to(clerk, store_id)
    meanwhile(order, asker)
    with pytest.raises(Conflict) as refused:
        service.print_batch(ids, "W9", shown=shown, actor=clerk)
    assert (refused.value.code, refused.value.facts["parcels"]) == ("list_changed", {str(ids[1]): ["moved"]})
    assert [make.parcel(o).stage for o in (plain, order)] == [Stage.UNPRINTED] * 2
    assert all(c.state is ChangeState.OPEN for c in queries.changes_of_order(order.id, store_id))
    service.print_batch(ids, "W9", shown=shown_to(clerk, store_id), actor=clerk)
    assert make.parcel(order).stage is Stage.PRINTED
    assert make.notices(order, NoticeKind.MEMO, NoticeKind.CHANGE) == []


def test_one_that_may_not_go_and_one_that_moved_are_both_named(asker, clerk):
    held, moved = make.order(), make.order()
    shown = shown_to(clerk, held.store_id)
    make.change(held, by=asker)
    write_memo(moved, asker)
    ids = [make.parcel(o).id for o in (held, moved)]
    with pytest.raises(IllegalMove) as refused:
        service.print_batch(ids, None, shown=shown, actor=clerk)
    assert refused.value.facts["parcels"] == {str(ids[0]): ["unconfirmed_change"], str(ids[1]): ["moved"]}


def test_the_page_sends_what_it_showed_and_shows_what_is_new(asker, sign_in):
    desk = sign_in(make.person(Role.PRINTING))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    plain, order = make.order(), make.order()
    change_address(order, asker)
    page = desk.get("/printing")
    ids = [str(i) for i in ticks(page)]
    join_another_address(order, asker)
    form = posted(page, parcel=ids, shown=shown_on(page), batch="W9")
    refused = desk.post("/printing", data=form)
    assert refused.status_code == 409
    assert order.number in refused.text
    assert "look at it as it is now" in refused.text
    assert re.search(r"<ins[^>]*>.*海棠路9号1栋301室.*</ins>", refused.text)
    assert f'value="{make.parcel(order).id}" checked' not in refused.text, "who has not read it has not ticked it"
    assert make.parcel(plain).stage is Stage.UNPRINTED
    part = refused.text[refused.text.index("sd-list") : refused.text.index('id="first"')]
    assert re.findall(r'name="parcel" value="(\d+)"', part) == [str(make.parcel(plain).id)]
    again = posted(refused, parcel=ids, shown=shown_on(refused)[1:], batch="W9")  # the first is of "print the others"
    assert desk.post("/printing", data=again).status_code == 303
    assert make.parcel(order).stage is Stage.PRINTED


def test_the_api_takes_what_the_queue_said(asker, api):
    call = api(make.person(Role.PRINTING))
    order = make.order()
    row = call("GET", "/stores/my-shop/print-queue").json["items"][0]
    write_memo(order, asker)
    body = {"parcels": [row["parcel_id"]], "shown": {row["parcel_id"]: row["shown"]}}
    refused = call("POST", "/print-runs", body, key="a")
    assert (refused.status_code, refused.json["error"]) == (409, "list_changed")
    row = call("GET", "/stores/my-shop/print-queue").json["items"][0]
    body["shown"] = {row["parcel_id"]: row["shown"]}
    assert call("POST", "/print-runs", body, key="b").status_code == 201


@pytest.mark.both_engines
def test_a_memo_that_comes_while_it_is_printed_is_seen_or_stays_to_be_read(app, asker, clerk):
    for number in range(6):
        order = make.order()
        make.change(order, Kind.COURIER, {"text": "中通快递"}, by=asker, yes=True)
        parcel_id, order_id = make.parcel(order).id, order.id
        shown = shown_to(clerk, order.store_id)
        calls = [
            lambda i=order_id: changes.write_note(i, "另外一条备注", flag=Flag.RED, actor=asker),
            lambda i=parcel_id, s=shown: service.print_batch([i], None, shown=s, actor=clerk),
        ]
        outcomes = race(app, *(calls if number % 2 else calls[::-1]))
        wrote, printed = outcomes if number % 2 else outcomes[::-1]
        assert (wrote, printed) in {("ok", "ok"), ("ok", "list_changed")}
        assert len(make.notices(order, NoticeKind.MEMO)) == 1, "nobody has read it yet"
