"""E82: two sources disagree on the stage. Both are shown until a scan or a person decides; what our hands have wins."""

from datetime import timedelta

import pytest
import time_machine

from shopdesk.changes import service as changes
from shopdesk.core import clock
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed
from shopdesk.core.permissions import Role
from shopdesk.desk.api.whole import order_json
from shopdesk.desk.queries.order_view import order_view
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import FactEffect, Source, Stage
from shopdesk.warehouse import service
from shopdesk.warehouse.states import Mode
from tests import invariants, make, worlds
from tests.desk.pages import EN

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app"), pytest.mark.both_engines]


def say(order, stage, origin, *, ago=0, happened=None, source=Source.FILE):
    now = clock.now()
    report = Report(
        stage=stage, happened_at=happened and now - timedelta(minutes=happened), as_of=now - timedelta(minutes=ago),
        source=source, origin=origin,
    )  # fmt: skip
    make._fact(make.parcel(order).id, order.store_id, report)


def scan(code, mode=Mode.PACK, **more):
    done = service.scan(code, mode, actor=make.actor(Role.WAREHOUSE, signature="大力"), **more)
    return str(done.result), *done.reasons


def against(order):
    (shown,) = order_view(order.id, make.actor(Role.SUPERVISOR)).parcels
    return [(str(f.stage), f.origin) for f in shown.against]


def disagreeing(**more):
    make.store()
    order = make.order()
    say(order, Stage.PACKED, "聚水潭", ago=60, **more)
    say(order, Stage.UNPRINTED, "旺店通")
    return order


@pytest.mark.parametrize("happened", [None, 70])
def test_e82_both_sources_are_shown_on_the_page_and_by_the_api(sign_in, happened):
    order = disagreeing(happened=happened)
    assert make.parcel(order).stage is Stage.PACKED
    assert against(order) == [("unprinted", "旺店通")]
    (notice,) = make.notices(order, NoticeKind.CONTRADICTION)
    assert notice.body["code"] == "sources_disagree"
    page = sign_in(make.person(Role.PRINTING)).get(f"/orders/{order.id}", headers=EN).text
    assert "Two sources disagree on the stage." in page
    assert "聚水潭: packed" in page.lower()
    assert page.count("旺店通: ") == 2  # in the banner and at the foot of the stage
    boss = make.actor(Role.SUPERVISOR)
    (parcel,) = order_json(order_view(order.id, boss), boss)["parcels"]
    assert [(c["stage"], c["origin"]) for c in parcel["contradictions"]] == [("unprinted", "旺店通")]
    assert parcel["knowledge"]["origin"] == "聚水潭"


def test_e82_what_is_said_again_is_one_contradiction():
    order = disagreeing()
    say(order, Stage.UNPRINTED, "旺店通")
    assert against(order) == [("unprinted", "旺店通")]
    assert len(make.notices(order, NoticeKind.CONTRADICTION)) == 1


def test_e82_it_is_one_also_where_that_source_had_said_so_when_it_was_true():
    make.store()
    order = make.order()
    say(order, Stage.UNPRINTED, "旺店通", ago=90)
    say(order, Stage.PACKED, "聚水潭", ago=60)
    say(order, Stage.UNPRINTED, "旺店通")
    assert against(order) == [("unprinted", "旺店通")]


def test_e82_a_scan_where_it_stands_already_is_a_fact_and_decides():
    order = disagreeing()
    assert scan(order.number) == ("already", "stage_packed")
    fact = parcels.facts([make.parcel(order).id], order.store_id)[-1]
    assert (fact.stage, fact.source, fact.effect) == (Stage.PACKED, Source.SCAN, FactEffect.KNOWN)
    assert against(order) == []
    count = len(parcels.facts([make.parcel(order).id], order.store_id))
    assert scan(order.number) == ("already", "stage_packed")  # seen once is enough
    assert len(parcels.facts([make.parcel(order).id], order.store_id)) == count
    assert invariants.broken(order.store_id) == []


def test_e82_a_person_who_looked_decides_and_only_of_what_was_shown():
    order = disagreeing()
    clerk, parcel = make.actor(Role.PRINTING), make.parcel(order)
    with pytest.raises(NotAllowed):
        changes.confirm_stage(parcel.id, Stage.PACKED, actor=make.actor(Role.PRE_SALE))
    with pytest.raises(Conflict):
        changes.confirm_stage(parcel.id, Stage.PRINTED, actor=clerk)
    changes.confirm_stage(parcel.id, Stage.PACKED, actor=clerk)
    assert (against(order), make.notices(order, NoticeKind.CONTRADICTION)) == ([], [])
    with pytest.raises(IllegalMove):
        changes.confirm_stage(parcel.id, Stage.PACKED, actor=clerk)
    assert invariants.broken(order.store_id) == []


def test_e82_the_page_takes_a_persons_word(sign_in):
    order = disagreeing()
    browser = sign_in(make.person(Role.PRINTING))
    page = browser.get(f"/orders/{order.id}", headers=EN)
    form = {
        "csrf_token": make.token(page),
        "command_key": "k" * 20,
        "parcel_id": make.parcel(order).id,
        "stage": "packed",
    }
    assert browser.post(f"/orders/{order.id}/stage-seen", data=form).status_code == 303
    assert against(order) == []


def test_e82_a_person_who_looked_decides_by_a_program_too(api):
    order, clerk = disagreeing(), make.person(Role.PRINTING)
    call, path = api(clerk), f"/parcels/{make.parcel(order).id}/stage-seen"
    stranger = api(make.person(Role.PRINTING, store_id=make.store("other").id))
    assert api(make.person(Role.PRE_SALE))("POST", path, {"stage": "packed"}).status_code == 403
    assert stranger("POST", path, {"stage": "packed"}).status_code == 404
    assert call("POST", path, {"stage": "nowhere"}).status_code == 400
    moved = call("POST", path, {"stage": "printed"})
    assert (moved.status_code, moved.json["error"]) == (409, "stage_moved")
    done = call("POST", path, {"stage": "packed"}, key="k")
    assert done.json == {"id": str(make.parcel(order).id), "stage": "packed"}
    assert call("POST", path, {"stage": "packed"}, key="k").json == done.json
    assert (against(order), make.notices(order, NoticeKind.CONTRADICTION)) == ([], [])
    again = call("POST", path, {"stage": "packed"}, key="k2")
    assert (again.status_code, again.json["error"]) == (409, "not_contradicted")


def test_e82_told_shipped_and_scanned_at_the_packing_table_our_hands_win_and_it_is_said():
    make.store()
    order = make.order()
    say(order, Stage.SHIPPED, "旺店通", ago=30)
    assert worlds.counters(order) == (1, 0, 1, 1)
    assert scan(order.number) == ("ok", "shipped_but_here")
    parcel = make.parcel(order)
    worlds.refresh(parcel)
    assert (parcel.stage, parcel.stage_source) == (Stage.PACKED, Source.SCAN)
    assert worlds.counters(order) == (1, 0, 0, 1)
    assert [n.body["code"] for n in make.notices(order, NoticeKind.CONTRADICTION)] == ["shipped_but_here"]
    say(order, Stage.SHIPPED, "旺店通")  # the file says the same again: heard before
    worlds.refresh(parcel)
    assert parcel.stage is Stage.PACKED
    assert scan(order.number, Mode.SHIP) == ("ok",)
    assert invariants.broken(order.store_id) == []


@pytest.mark.parametrize("who", ["courier", "hands", "delivered", "days ago", "older scan"])
def test_e82_a_scan_does_not_win_over_a_courier_our_own_hands_or_a_delivery(who):
    make.store()
    order = make.order()
    late = {}
    if who == "hands":
        scan(order.number, Mode.SHIP)
    elif who == "courier":
        say(order, Stage.SHIPPED, "顺丰", ago=30, source=Source.CARRIER)
    elif who == "delivered":
        say(order, Stage.DELIVERED, "旺店通", ago=30)
    elif who == "days ago":
        say(order, Stage.SHIPPED, "旺店通", happened=60 * 24 * 5)
    else:
        say(order, Stage.SHIPPED, "旺店通", happened=10)
        late = {"happened_at": clock.now() - timedelta(hours=1)}
    before = make.parcel(order).stage
    assert scan(order.number, **late)[0] == "already"
    worlds.refresh(make.parcel(order))
    assert make.parcel(order).stage is before
    assert invariants.broken(order.store_id) == []


@pytest.fixture
def still():
    """The clock stands: what is said twice is said of the same moment."""
    with time_machine.travel(clock.now(), tick=False):
        yield


BEHIND = [(Stage.PACKED, Stage.PRINTED), (Stage.SHIPPED, Stage.PRINTED), (Stage.SHIPPED, Stage.PACKED)]


@pytest.mark.parametrize(("stage", "told"), BEHIND)
def test_e82_another_source_says_it_was_printed_or_packed_after_that(sign_in, stage, told, still):
    make.store()
    order = make.order()
    say(order, stage, "聚水潭", ago=60, happened=60)
    say(order, told, "旺店通", happened=10)
    assert make.parcel(order).stage is stage
    assert against(order) == [(str(told), "旺店通")]
    (notice,) = make.notices(order, NoticeKind.CONTRADICTION)
    assert (notice.body["code"], notice.body["told"]) == ("sources_disagree", str(told))
    page = sign_in(make.person(Role.PRINTING)).get(f"/orders/{order.id}", headers=EN).text
    assert "Two sources disagree on the stage." in page
    clerk = make.actor(Role.PRINTING)
    changes.confirm_stage(make.parcel(order).id, stage, actor=clerk)
    say(order, told, "旺店通", happened=10)  # the same moment again is no news
    assert (against(order), make.notices(order, NoticeKind.CONTRADICTION)) == ([], [])
    assert invariants.broken(order.store_id) == []


@pytest.mark.parametrize("how", ["earlier", "no moment", "same source", "of delivered", "printed again here"])
def test_e82_what_is_true_all_the_same_is_no_disagreement(how):
    make.store()
    order = make.order()
    say(order, Stage.DELIVERED if how == "of delivered" else Stage.PACKED, "聚水潭", ago=60, happened=60)
    if how == "printed again here":
        make._write(make.parcel(order), {"papers_version": 2})
    origin = "聚水潭" if how == "same source" else "旺店通"
    told = Stage.SHIPPED if how == "of delivered" else Stage.PRINTED
    say(order, told, origin, happened={"earlier": 90, "no moment": None}.get(how, 10))
    assert (against(order), make.notices(order, NoticeKind.CONTRADICTION)) == ([], [])


def test_e82_what_our_hands_packed_and_a_file_has_printed_later_is_shown_until_a_scan():
    make.store()
    order = make.order()
    say(order, Stage.PRINTED, "旺店通", ago=60, happened=60)
    assert scan(order.number, happened_at=clock.now() - timedelta(minutes=30)) == ("ok",)
    say(order, Stage.PRINTED, "旺店通", happened=5)
    assert against(order) == [("printed", "旺店通")]
    assert [n.body["code"] for n in make.notices(order, NoticeKind.CONTRADICTION)] == ["stage_contradicted"]
    assert scan(order.number) == ("already", "stage_packed")
    assert against(order) == []
