"""Recalled papers and parcels by scan: who gets them, taken back, booked in by count, and what is refused in words."""

import re

import pytest

from shopdesk.changes import queries as changes
from shopdesk.changes import service as change_service
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence, Wished
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import RecallState, Stage, WaybillState
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.service import Given
from shopdesk.warehouse.states import MOVING, Mode, Result
from tests import invariants, make, worlds
from tests.racing import race

SCAN = "/warehouse/scan"


class Desk:
    def __init__(self):
        self.store_id = make.store().id
        self.packer, self.other = make.actor(Role.WAREHOUSE, signature="大力"), make.actor(Role.WAREHOUSE)
        self.asker, self.clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING, signature="敏敏")
        self.after = make.actor(Role.AFTER_SALE, signature="阿杰")

    def recalled(self, stage=Stage.PRINTED, kind=Kind.ADDRESS, value=None, **more):
        order = make.order(**more)
        make.fact(order, stage)
        wished = Wished(kind, make.NEW_ADDRESS if value is None else value)
        return order, change_service.ask(order.id, wished, actor=self.asker)[0]

    def hand(self, order, mode, by=None, **given):
        return service.hand(order.number, mode, Given(**given), actor=by or self.packer)

    def whole(self):
        assert invariants.broken(self.store_id) == []


@pytest.fixture
def desk(app):
    return Desk()


def state(change):
    return parcels.recalls_of_changes([change.id], change.store_id)[-1].state


def code(call):
    with pytest.raises((IllegalMove, Conflict, RuleViolation, NotFound)) as caught:
        call()
    return caught.value.code


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M035")
def test_papers_are_handed_out_and_taken_back_with_two_scans_and_the_hold_ends(desk):
    order, change = desk.recalled(kind=Kind.INVOICE, value={"text": "云帆贸易公司"})
    seen = queries.told(service.look(order.number, actor=desk.packer))
    assert (seen["result"], [r["next"]["code"] for r in seen["parcel"]["recalls"]]) == ("due", ["hand_out"])
    assert desk.hand(order, Mode.HAND_OUT, to=desk.packer.id).result is Result.OK
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK)) == "step_out_of_order"  # the papers are not amended
    for step, who in (("amend_papers", desk.packer), ("amend", desk.asker), ("confirm", desk.asker)):
        worlds.do(change, step, who)
    assert desk.hand(order, Mode.TAKE_BACK, by=desk.other).result is Result.OK
    assert (change.state, state(change), make.parcel(order).holds) == (ChangeState.DONE, RecallState.TAKEN_BACK, 0)
    assert len(worlds.memos(order)) == 1  # written once the papers were amended
    desk.whole()


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M037")
def test_a_packed_parcel_goes_to_printing_gets_a_new_label_and_no_scan_takes_the_old_one(desk):
    order, change = desk.recalled(Stage.PACKED, waybills=[("SF6100000001", "顺丰")])
    desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id)
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "confirm", desk.asker)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF6100000002"))
    for mode in MOVING:
        assert service.scan("SF6100000001", mode, actor=desk.packer).reasons == ("superseded",)
    old = service.hand("SF6100000001", Mode.TAKE_BACK, Given(grams=480), actor=desk.packer)
    assert (old.result, old.reasons, old.valid_waybill) == (Result.STOP, ("superseded",), "SF6100000002")
    assert (change.state, state(change)) == (ChangeState.OPEN, RecallState.HANDED_OUT)
    assert service.look("SF6100000001", actor=desk.packer).reasons == ("superseded",)
    assert service.hand("SF6100000002", Mode.TAKE_BACK, Given(grams=480), actor=desk.packer).result is Result.OK
    assert [w.state for w in parcels.waybills([change.parcel_id], order.store_id)] == [
        WaybillState.SUPERSEDED, WaybillState.ISSUED,
    ]  # fmt: skip
    assert service.scan("SF6100000002", Mode.SHIP, actor=desk.packer).result is Result.OK
    desk.whole()


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_recycled_number_takes_nothing_back_and_before_a_reprint_the_old_label_is_the_parcels_own(desk):
    _order, change = desk.recalled(waybills=[("SF6300000001", "顺丰")])
    assert service.hand("SF6300000001", Mode.HAND_OUT, Given(to=desk.clerk.id), actor=desk.packer).result is Result.OK
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF6300000002"))
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "confirm", desk.asker)
    for mode in (Mode.HAND_OUT, Mode.TAKE_BACK):
        assert service.hand("SF6300000001", mode, Given(), actor=desk.packer).reasons == ("superseded",)
    assert service.hand("SF6300000002", Mode.TAKE_BACK, Given(), actor=desk.packer).result is Result.OK
    plain, _ = desk.recalled(kind=Kind.INVOICE, value={"text": "云帆"}, waybills=[("SF6300000003", "顺丰")])
    relabelled_elsewhere(plain, "SF6300000004")
    elsewhere = service.hand("SF6300000003", Mode.HAND_OUT, Given(to=desk.clerk.id), actor=desk.packer)
    assert elsewhere.result is Result.OK  # nobody here printed: the label that lies there is the old one
    desk.whole()


@command
def relabelled_elsewhere(order, number):
    """An export brought another number; the papers that lie here carry the one before."""
    parcel_service.relabel(
        make.parcel(order), number, None, is_electronic=False, former=WaybillState.SUPERSEDED
    )  # fmt: skip
    audit.record("test.relabelled", "order", order.id, make.ROOT, store_id=order.store_id)


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M050", "M129")
def test_of_a_cancelled_order_the_parcel_goes_to_a_named_person_and_the_goods_are_booked_in(desk):
    order, cancel = desk.recalled(Stage.PACKED, Kind.CANCEL, {}, lines=(make.line(quantity=3),))
    assert code(lambda: desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id)) == "not_a_receiver"
    desk.hand(order, Mode.HAND_OUT, to=desk.after.id)
    (told,) = queries.told(service.look(order.number, actor=desk.packer))["parcel"]["recalls"]
    assert (told["handed_to"], told["handed_out_by"]) == ("阿杰", "大力")
    worlds.do(cancel, "void", desk.clerk)
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK)) == "step_out_of_order"  # nobody has refunded
    worlds.do(cancel, "refund", desk.after, Evidence(amount_minor=38_400, reference="R-1"))
    desk.hand(order, Mode.TAKE_BACK, counted={worlds.line(order).id: 3})
    assert (cancel.state, state(cancel)) == (ChangeState.DONE, RecallState.BOOKED_IN)
    desk.whole()


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M121", "M051")
def test_what_is_booked_in_is_counted_by_article_and_a_difference_is_kept_and_stops_nothing(desk):
    lines = (make.line("n1", quantity=2), make.line("n2", quantity=1, title="围巾"))
    order, cancel = desk.recalled(Stage.PACKED, Kind.CANCEL, {}, lines=lines)
    desk.hand(order, Mode.HAND_OUT, to=desk.after.id)
    worlds.do(cancel, "void", desk.clerk)
    worlds.do(cancel, "refund", desk.after, Evidence(amount_minor=sum(refundable(cancel).values()), reference="R-1"))
    hats, scarf = (worlds.line(order, n).id for n in (1, 2))
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK, counted={hats: -1})) == "bad_count"
    assert code(lambda: worlds.do(cancel, "book_in", desk.packer, Evidence(counted={10**9: 1}))) == "unknown_line"
    desk.hand(order, Mode.TAKE_BACK, counted={hats: 1, scarf: 1})
    (step,) = [s for s in changes.steps_of([cancel.id], order.store_id) if s.code == "book_in"]
    assert step.evidence == {"counted": [[hats, 2, 1], [scarf, 1, 1]], "differs": True}
    assert cancel.state is ChangeState.DONE
    desk.whole()


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M061", "M062")
def test_a_recall_that_is_answered_twice_says_who_did_it_when(desk):
    order, change = desk.recalled()
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK)) == "not_handed_out"
    assert code(lambda: desk.hand(order, Mode.HAND_OUT)) == "value_required"
    assert (
        code(lambda: desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id, version=change.version - 1)) == "stale_version"
    )
    desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id, version=change.version)
    with pytest.raises(IllegalMove) as again:
        desk.hand(order, Mode.HAND_OUT, by=desk.other, to=desk.packer.id)
    assert (again.value.code, again.value.facts["who"], again.value.facts["outcome"]) == (
        "recall_answered", "大力", "handed_out",
    )  # fmt: skip
    plain = make.order()
    assert code(lambda: desk.hand(plain, Mode.HAND_OUT, to=desk.clerk.id)) == "nothing_recalled"
    with pytest.raises(NotFound):
        service.hand("ZZ404", Mode.TAKE_BACK, Given(), actor=desk.packer)
    assert service.look(plain.number, actor=desk.packer).reasons == ("nothing_recalled",)
    assert service.look("ZZ404", actor=desk.packer).result is Result.UNKNOWN


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M119")
def test_nothing_goes_out_on_a_delivery_note_that_is_recalled_voided_or_superseded(desk):
    recalled, _ = desk.recalled(waybills=[("SF6200000001", "顺丰")])
    voided, cancel = desk.recalled(Stage.PACKED, Kind.CANCEL, {})
    desk.hand(voided, Mode.HAND_OUT, to=desk.after.id)
    worlds.do(cancel, "void", desk.clerk)
    relabelled, change = desk.recalled(waybills=[("SF6200000002", "顺丰")])
    desk.hand(relabelled, Mode.HAND_OUT, to=desk.clerk.id)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF6200000003"))
    for mode in MOVING:
        assert service.scan("SF6200000001", mode, actor=desk.packer).reasons == ("open_change",)
        assert service.scan(voided.number, mode, actor=desk.packer).reasons == ("voided",)
        assert service.scan("SF6200000002", mode, actor=desk.packer).reasons == ("superseded",)
    assert not {make.parcel(o).stage for o in (recalled, voided, relabelled)} & {Stage.SHIPPED}
    desk.whole()


@pytest.mark.both_engines
def test_of_a_hand_out_by_scan_and_a_ship_scan_the_parcel_never_ships_held(app, desk):
    for number in range(3):
        order, change = desk.recalled(Stage.PACKED)
        number_, to = order.number, desk.clerk.id
        calls = [
            lambda n=number_, to=to: service.hand(n, Mode.HAND_OUT, Given(to=to), actor=desk.packer),
            lambda n=number_: service.scan(n, Mode.SHIP, actor=desk.other),
        ]
        assert race(app, *(calls if number % 2 else reversed(calls))) == ["ok", "ok"]  # a STOP is a result
        worlds.refresh(change)
        assert (state(change), make.parcel(order).stage) == (RecallState.HANDED_OUT, Stage.PACKED)
        desk.whole()


@pytest.fixture
def page(desk, sign_in):
    client = sign_in(make.person(Role.WAREHOUSE, signature="大力"))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def send(page, path, **form):
    return page.post(path, data={"csrf_token": make.token(page.get(SCAN)), "command_key": "", **form})


def test_the_page_shows_who_asked_hands_out_and_remembers_whom_it_went_to(desk, page):
    order, change = desk.recalled()
    shown = send(page, SCAN, code=order.number, mode="recall")
    assert shown.status_code == 200
    for words in (
        "Recalled",
        "Papers · Change address",
        "asked by 小满",
        "敏敏",
        "Found, on the recall shelf",
        "Too late",
    ):
        assert words in shown.text
    (path,) = re.findall(r'action="(/warehouse/changes/\d+/steps/\d+)"', shown.text)
    stale = send(page, path, to=desk.clerk.id, seen_version=change.version - 1)
    assert stale.status_code == 409
    assert "has moved on" in stale.text
    done = send(page, path, to=desk.clerk.id, seen_version=change.version)
    assert done.location == f"/warehouse/parcels/{change.parcel_id}"
    after = page.get(done.location)
    assert "with 敏敏 since" in after.text
    another, _ = desk.recalled()
    again = send(page, SCAN, code=another.number, mode="recall")
    assert f'<option value="{desk.clerk.id}" selected>' in again.text


def test_the_page_stops_an_old_waybill_also_where_recalled_ones_are_looked_at(desk, page):
    order, change = desk.recalled(waybills=[("SF6400000001", "顺丰")])
    desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF6400000002"))
    shown = send(page, SCAN, code="SF6400000001", mode="recall")
    for words in ("STOP", "old waybill, it was replaced", "SF6400000002"):
        assert words in shown.text
    assert "Papers taken back" not in shown.text


def test_goods_are_counted_on_the_page_without_the_papers_figure_beside_them(desk, page):
    order, cancel = desk.recalled(Stage.PACKED, Kind.CANCEL, {}, lines=(make.line(quantity=7),))
    desk.hand(order, Mode.HAND_OUT, to=desk.after.id)
    worlds.do(cancel, "void", desk.clerk)
    worlds.do(cancel, "refund", desk.after, Evidence(amount_minor=sum(refundable(cancel).values()), reference="R-1"))
    shown = send(page, SCAN, code=order.number, mode="recall")
    (path,) = re.findall(r'action="(/warehouse/changes/\d+/steps/\d+)"', shown.text)
    assert "Counted: 羊毛帽" in shown.text
    wrong = send(page, path, **{f"counted-{worlds.line(order).id}": "seven"})
    assert (wrong.status_code, "Say the quantity as a number." in wrong.text) == (422, True)
    assert send(page, path, **{f"counted-{worlds.line(order).id}": "６"}).status_code == 303
    worlds.refresh(cancel)
    assert cancel.state is ChangeState.DONE


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M050", "M121")
def test_one_scan_packs_again_by_weight_and_another_one_books_in_what_was_counted(desk):
    order, cancel, hats = lines_out(desk)
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK)) == "value_required"  # other units are in it now
    assert desk.hand(order, Mode.TAKE_BACK, grams=310, counted={hats: 2}).result is Result.OK
    assert (cancel.state, worlds.open_codes(cancel)) == (ChangeState.DONE, ["refund", "book_in"])
    seen = service.look(order.number, actor=desk.packer)
    (told,) = queries.told(seen)["parcel"]["recalls"]
    assert (seen.result, told["state"], told["next"]["code"]) == (Result.DUE, "taken_back", "book_in")
    assert code(lambda: desk.hand(order, Mode.HAND_OUT, to=desk.after.id)) == "recall_answered"
    with pytest.raises(RuleViolation) as uncounted:
        desk.hand(order, Mode.TAKE_BACK)
    assert (uncounted.value.code, uncounted.value.facts["missing"]) == ("value_required", "counted")
    assert service.scan(order.number, Mode.SHIP, actor=desk.packer).result is Result.OK  # nothing waits for the count
    desk.hand(order, Mode.TAKE_BACK, counted={hats: 1})
    (step,) = [s for s in changes.steps_of([cancel.id], order.store_id) if s.code == "book_in"]
    assert step.evidence == {"counted": [[hats, 2, 1]], "differs": True}
    assert code(lambda: desk.hand(order, Mode.TAKE_BACK, counted={hats: 1})) == "recall_answered"
    desk.whole()


def lines_out(desk):
    """Two of three units of a packed parcel are cancelled, up to where it is packed again."""
    order = make.order(lines=(make.line(quantity=3), make.line("n2", title="围巾")))
    make.fact(order, Stage.PACKED)
    hats = worlds.line(order).id
    cancel = change_service.ask(order.id, Wished(Kind.CANCEL, {"lines": {hats: 2}}), actor=desk.asker)[0]
    desk.hand(order, Mode.HAND_OUT, to=desk.after.id)
    worlds.do(cancel, "take_out", desk.clerk)
    worlds.do(cancel, "reprint", desk.clerk, Evidence())
    return order, cancel, hats


def test_the_page_asks_for_the_weight_and_then_for_what_was_taken_out(desk, page):
    order, _cancel, hats = lines_out(desk)
    shown = send(page, SCAN, code=order.number, mode="recall").text
    assert re.search(r'name="grams"[^>]* required', shown)
    (path,) = re.findall(r'action="(/warehouse/changes/\d+/steps/\d+)"', shown)
    unweighed = send(page, path)
    assert (unweighed.status_code, "Weigh it again" in unweighed.text) == (422, True)
    assert send(page, path, grams="310").status_code == 303
    shown = send(page, SCAN, code=order.number, mode="recall").text
    assert ("Goods beside it" in shown, "Counted: 羊毛帽" in shown, "Counted: 围巾" in shown) == (True, True, False)
    assert "Too late" not in shown
    (path,) = re.findall(r'action="(/warehouse/changes/\d+/steps/\d+)"', shown)
    assert send(page, path, **{f"counted-{hats}": "2"}).status_code == 303


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_weight_is_asked_only_where_other_units_are_in_it(desk):
    order, change = desk.recalled(Stage.PACKED, Kind.INVOICE, {"text": "云帆"})
    desk.hand(order, Mode.HAND_OUT, to=desk.clerk.id)
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "confirm", desk.asker)
    worlds.do(change, "reprint", desk.clerk, Evidence())
    assert desk.hand(order, Mode.TAKE_BACK).result is Result.OK
    assert change.state is ChangeState.DONE
    desk.whole()


def test_a_stop_has_the_answers_found_and_too_late_and_says_which_stop_it_is(desk, page):
    order, change = desk.recalled(Stage.PACKED)
    shown = send(page, SCAN, code=order.number, mode="ship")
    assert f"/warehouse/parcels/{change.parcel_id}/found" in shown.text
    part = {"X-Part": "1"}
    data = {"csrf_token": make.token(page.get(SCAN)), "command_key": ""}
    gone = page.post(f"/warehouse/parcels/{change.parcel_id}/too-late", data=data, headers=part)
    assert gone.status_code == 303
    assert "<html" not in page.get(gone.location, headers=part).text
    assert "大力" in page.get(gone.location, headers=part).text
    worlds.refresh(change)
    assert change.state is ChangeState.TOO_LATE


def test_the_api_hands_out_and_takes_back_and_refuses_in_words(desk, api):
    order, change = desk.recalled()
    call = api(make.person(Role.WAREHOUSE, signature="大力"))
    look = call("POST", "/scans", {"code": order.number, "mode": "recall"}, key="h0")
    assert (look.json["result"], look.json["parcel"]["recalls"][0]["next"]["code"]) == ("due", "hand_out")
    body = {"code": order.number, "mode": "hand_out", "to": str(desk.clerk.id), "version": change.version}
    done = call("POST", "/scans", body, key="h1")
    assert (done.status_code, done.json["parcel"]["recalls"][0]["handed_to"]) == (200, "敏敏")
    assert call("POST", "/scans", body, key="h1").json == done.json
    twice = call("POST", "/scans", {**body, "version": None}, key="h2")
    assert (twice.status_code, twice.json["error"]) == (409, "recall_answered")
    assert "大力" in twice.json["message"]
    rows = call("POST", "/scans/batch", {"items": [{"code": order.number, "mode": "take_back"}]}, key="h3")
    assert rows.json["items"][0]["refused"]["error"] == "step_out_of_order"


def test_the_api_says_found_and_too_late_and_who_was_first(desk, api):
    order, change = desk.recalled(Stage.PACKED)
    call = api(make.person(Role.WAREHOUSE, signature="大力"))
    path = f"/parcels/{change.parcel_id}/recall"
    found = call("POST", f"{path}/found", {}, key="f1")
    assert (found.status_code, found.json["result"], found.json["parcel"]["recalls"][0]["found_by"]) == (
        200, "due", "大力",
    )  # fmt: skip
    assert call("POST", f"{path}/found", {}, key="f1").json == found.json
    again = call("POST", f"{path}/found", {}, key="f2")
    assert (again.status_code, again.json["error"]) == (409, "recall_answered")
    gone = api(make.person(Role.WAREHOUSE, signature="小雨"))("POST", f"{path}/too-late", {}, key="f3")
    (recall,) = gone.json["parcel"]["recalls"]
    assert (gone.json["result"], gone.json["reasons"]) == ("ok", ["found_before"])
    assert (gone.status_code, recall["state"], recall["ended_by"], recall["found_by"]) == (
        200, "too_late", "小雨", "大力",
    )  # fmt: skip
    assert (change.state, make.parcel(order).stage) == (ChangeState.TOO_LATE, Stage.SHIPPED)
    assert call("POST", f"{path}/too-late", {}, key="f4").json["error"] == "recall_answered"
    plain = make.parcel(make.order())
    assert call("POST", f"/parcels/{plain.id}/recall/found", {}, key="f5").json["error"] == "nothing_recalled"
    desk.whole()
