"""发货核对: what may leave, said once and decided anew at the button."""

from datetime import UTC, datetime, time, timedelta

import pytest

from shopdesk.changes import rules, service
from shopdesk.changes.states import ChangeState, Kind, Purpose
from shopdesk.core import audit, clock
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Source, Stage, WaybillState
from tests import invariants, make, worlds
from tests.desk.pages import send
from tests.warehouse.test_scans import waybill

pytestmark = pytest.mark.usefixtures("app")
START = "/dispatch-check"


@pytest.fixture
def loader():
    make.store()
    return make.actor(Role.WAREHOUSE)


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


def check(actor, *numbers):
    return service.make_check(numbers, actor=actor, purpose=Purpose.DISPATCH)


def groups(rows):
    return [(str(row.group), *row.reasons) for row in rows]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_load_is_sorted_and_the_button_ships_what_may_leave_at_the_trucks_time(loader, asker):
    packed, erp, held, waits, closed, gone = (make.order() for _ in range(6))
    make.order(number=closed.number, status=OrderStatus.CLOSED, as_of=clock.now())
    make.fact(packed, Stage.PACKED)
    make.change(held, by=asker)
    make.change(waits, by=asker, yes=True)  # confirmed, not acknowledged: the papers may be old
    make.fact(gone, Stage.SHIPPED)
    orders = [packed, erp, held, waits, closed, gone]
    made, rows = check(loader, *(order.number for order in orders), "ZZ404")
    assert groups(rows) == [
        ("dispatchable",),
        ("dispatchable",),
        ("stop", "open_change"),
        ("stop", "open_change"),
        ("stop", "readiness_closed"),
        ("gone", "stage_shipped"),
        ("unknown", "not_found"),
    ]
    left_at = clock.now() - timedelta(minutes=5)
    done = service.mark_shipped(made.id, left_at, actor=loader)
    assert (done.left_at, done.purpose) == (left_at, Purpose.DISPATCH)
    stages = [make.parcel(order).stage for order in orders]
    assert stages == [Stage.SHIPPED, Stage.SHIPPED, Stage.UNPRINTED, Stage.UNPRINTED, Stage.UNPRINTED, Stage.SHIPPED]
    fact = parcels.facts([make.parcel(packed).id], packed.store_id)[-1]
    assert (fact.source, fact.happened_at, fact.person_id) == (Source.CHECK, left_at, loader.id)
    assert worlds.counters(packed) == (1, 0, 1, 1)
    with pytest.raises(IllegalMove):
        service.mark_shipped(made.id, left_at, actor=loader)
    assert invariants.broken(packed.store_id) == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_change_between_the_look_and_the_button_keeps_the_whole_load_here(loader, asker):
    one, other = make.order(), make.order()
    made, _rows = check(loader, one.number, other.number)
    make.change(other, by=asker)
    with pytest.raises(Conflict) as caught:
        service.mark_shipped(made.id, clock.now(), actor=loader)
    assert (caught.value.code, caught.value.facts["rows"]) == ("list_changed", [other.number])
    assert [make.parcel(order).stage for order in (one, other)] == [Stage.UNPRINTED] * 2
    assert audit.verify()[1] == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_waybill_stands_for_its_own_parcel_and_an_old_one_stops(loader):
    order = waybill(waybill(make.order(), "OLD9", WaybillState.SUPERSEDED), "NEW9")
    split = make.order(lines=(make.line(quantity=2),))
    worlds.split(split, 1, 1)
    waybill(make.order(), "TWICE9")
    waybill(make.order(), "TWICE9")
    _made, rows = check(loader, "ＮＥＷ９", "OLD9", split.number, "TWICE9")
    assert groups(rows) == [("dispatchable",), ("stop", "superseded"), ("stop", "several"), ("stop", "duplicate")]
    assert rows[0].order_id == order.id


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_change_carried_out_after_the_truck_had_left_goes_to_after_sale(loader, asker):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    made, rows = check(loader, order.number)
    assert groups(rows) == [("dispatchable",)]
    service.mark_shipped(made.id, clock.now() - timedelta(hours=2), actor=loader)
    worlds.refresh(change)
    assert (make.parcel(order).stage, change.state) == (Stage.SHIPPED, ChangeState.TOO_LATE)
    assert invariants.broken(order.store_id) == []


def test_a_voided_or_empty_parcel_never_leaves(loader, asker):
    voided, emptied = make.order(), make.order()
    worlds.do(make.change(voided, Kind.CANCEL, {}, by=asker), "void", make.actor(Role.PRINTING))
    line = worlds.line(emptied)
    with worlds.emptying():
        make.change(emptied, Kind.QUANTITY, {"quantity": 0}, by=asker, yes=True, line_id=line.id)
    service.answer_notice(make.notices(emptied)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    made, rows = check(loader, voided.number, emptied.number)
    assert groups(rows) == [("stop", "stage_voided"), ("stop", "nothing_left")]
    with pytest.raises(RuleViolation):
        service.mark_shipped(made.id, clock.now(), actor=loader)


def test_a_list_is_its_makers_and_of_its_purpose(loader):
    order = make.order()
    made, _rows = check(loader, order.number)
    with pytest.raises(NotFound):
        service.mark_shipped(made.id, clock.now(), actor=make.actor(Role.WAREHOUSE))
    with pytest.raises(NotFound):
        service.mark_printed(made.id, "W1", actor=loader)
    printed, _rows = service.make_check([order.number], actor=make.actor(Role.PRINTING))
    with pytest.raises(NotFound):
        service.mark_shipped(printed.id, clock.now(), actor=loader)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (time(14, 20), datetime(2026, 3, 5, 14, 20, tzinfo=UTC)),
        (time(14, 50), datetime(2026, 3, 5, 14, 30, tzinfo=UTC)),  # a little ahead counts as now
        (time(23, 50), datetime(2026, 3, 5, 14, 30, tzinfo=UTC)),
    ],
)
def test_the_trucks_time_is_todays_and_never_ahead(told, meant):
    assert rules.truck_left_at(told, datetime(2026, 3, 5, 14, 30, tzinfo=UTC)) == meant


def test_after_midnight_the_trucks_time_is_yesterdays():
    now = datetime(2026, 3, 5, 0, 10, tzinfo=UTC)
    assert rules.truck_left_at(time(23, 50), now) == datetime(2026, 3, 4, 23, 50, tzinfo=UTC)


def test_the_page_shows_three_answers_and_ships_with_one_button(sign_in, asker):
    go, held = make.order(), make.order()
    make.change(held, by=asker)
    desk = sign_in(make.person(Role.WAREHOUSE))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = send(desk, desk.get(START), START, numbers=f"{go.number}\n{held.number}\nZZ404")
    page = desk.get(answer.location)
    assert "Stop 1" in page.text
    assert "the customer has not confirmed yet" in page.text
    assert "Not found 1" in page.text
    assert "138" not in page.text  # no buyer on it
    assert send(desk, page, f"{answer.location}/shipped", left="10:00").status_code == 303
    page = desk.get(answer.location)
    assert "Shipped with the truck of" in page.text
    assert make.parcel(go).stage is Stage.SHIPPED


def test_the_page_of_a_load_that_moved_ships_nothing_and_asks_to_look_again(sign_in, asker):
    order = make.order()
    desk = sign_in(make.person(Role.WAREHOUSE))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    at = send(desk, desk.get(START), START, numbers=order.number).location
    page = desk.get(at)
    make.change(order, by=asker)
    answer = send(desk, page, f"{at}/shipped", left="10:00")
    assert (answer.status_code, "Nothing was shipped." in answer.text) == (409, True)
    assert make.parcel(order).stage is Stage.UNPRINTED


def test_the_api_checks_and_ships_with_a_key(api):
    order = make.order()
    call = api(make.person(Role.WAREHOUSE))
    made = call("POST", "/dispatch-checks", {"numbers": [order.number, "ZZ404"]})
    assert made.status_code == 201, made.text
    assert [row["group"] for row in made.json["rows"]] == ["dispatchable", "unknown"]
    path, body = f"/dispatch-checks/{made.json['id']}", {"left_at": clock.now().isoformat()}
    assert call("POST", f"{path}/shipped", body).json["error"] == "command_key_required"
    first = call("POST", f"{path}/shipped", body, key="truck-1")
    assert (first.status_code, first.json["rows"][0]["group"]) == (200, "gone")
    assert call("POST", f"{path}/shipped", body, key="truck-1").json == first.json
    assert call("GET", path).json["left_at"] is not None
