"""What cannot be is refused on the page and by the API alike, with its reason in words, and nothing moves."""

import pytest

from shopdesk.changes import queries
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage, WaybillState
from shopdesk.staff import service as staff
from tests import invariants, make, worlds
from tests.desk.pages import EN
from tests.warehouse.test_scans import waybill

pytestmark = pytest.mark.usefixtures("app")


def unknown(_packer):
    return "SF9999999999"


def foreign(packer):
    """Of a store where the packer only looks."""
    other = make.store("other-shop")
    staff.grant(packer.id, Role.PRE_SALE, store_id=other.id, actor=make.ROOT)
    return make.order(other, number="FOREIGN0001").number


def superseded(_packer):
    waybill(waybill(make.order(), "OLD1", WaybillState.SUPERSEDED), "NEW1")
    return "OLD1"


def voided(_packer):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING))
    return order.number


def duplicated(_packer):
    waybill(make.order(), "TWICE")
    return waybill(make.order(), "TWICE") and "TWICE"


def scanned_before(_packer):
    order = make.order()
    make.fact(order, Stage.PACKED)
    return order.number


def full_width(_packer):
    order = make.order()
    return "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in order.number)


CODES = [
    (unknown, "unknown", ["not_found"], "Not found"),
    (foreign, "stop", ["foreign"], "a store that you do not pack or ship for"),
    (superseded, "stop", ["superseded"], "old waybill, it was replaced"),
    (voided, "stop", ["voided"], "the parcel is voided"),
    (duplicated, "stop", ["duplicate"], "this code stands on more than one parcel"),
    (scanned_before, "already", ["stage_packed"], "Packed"),
    (full_width, "ok", [], "Packed"),
]


@pytest.mark.parametrize(("case", "result", "reasons", "words"), CODES, ids=[case[0].__name__ for case in CODES])
def test_a_code_says_on_the_page_and_by_the_api_what_is_the_matter_with_it(sign_in, api, case, result, reasons, words):
    home = make.store()
    packer = make.person(Role.WAREHOUSE, store_id=home.id)
    code = case(packer)
    browser, call = sign_in(packer), api(packer)
    told = call("POST", "/scans", {"code": code, "mode": "pack"}, key="k1")
    assert (told.status_code, told.json["result"], told.json["reasons"]) == (200, result, reasons)
    data = {"csrf_token": make.token(browser.get("/warehouse/scan")), "code": code, "mode": "pack"}
    page = browser.post("/warehouse/scan", data=data, headers=EN)
    assert words in page.text
    assert f'data-result="{"already" if result == "ok" else result}"' in page.text
    assert invariants.broken(home.id) == []


class Papers:
    """A change of an address on printed papers that are out at printing, and everybody at page and API."""

    def __init__(self, sign_in, api):
        self.store = make.store()
        self.roles = {
            role: make.person(role) for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.AFTER_SALE)
        }
        self.sign_in, self.api = sign_in, api
        self.order = make.order(waybills=[("SF1000000001", "顺丰速运")])
        make.fact(self.order, Stage.PRINTED)
        waybill(make.order(), "SF3000000003")
        self.change = make.change(self.order, by=make.actor(Role.PRE_SALE))
        to = self.roles[Role.PRINTING].id
        worlds.do(self.change, "hand_out", make.actor(Role.WAREHOUSE), Evidence(to=to))

    def by_both(self, role, code, evidence, version=None):
        """((status, error code) by the API, (status, words) on the page)."""
        position = worlds.position(self.change, code)
        person = self.roles[role]
        body = evidence if version is None else {**evidence, "version": version}
        told = self.api(person)("POST", f"/changes/{self.change.id}/steps/{position}/done", body, key=f"{code}{role}")
        browser = self.sign_in(person)
        token = make.token(browser.get(f"/orders/{self.order.id}"))
        sent = {**evidence, "csrf_token": token, "command_key": "page-1"}
        if version is not None:
            sent["seen_version"] = version
        page = browser.post(f"/changes/{self.change.id}/steps/{position}", data=sent, headers=EN)
        return (told.status_code, told.json["error"]), page


STEPS = [
    ("reprint", Role.PRINTING, {"waybill": "SF3000000003"}, None, 422, "waybill_in_use",
     "Another parcel has this waybill number."),
    ("reprint", Role.PRINTING, {"waybill": "SF1000000001"}, None, 422, "waybill_ended", "old waybill number"),
    ("reprint", Role.PRINTING, {"waybill": "SF4000000004"}, 1, 409, "stale_version", ""),
    ("reprint", Role.WAREHOUSE, {"waybill": "SF4000000004"}, None, 403, "other_role", ""),
    ("take_back", Role.WAREHOUSE, {}, None, 409, "step_out_of_order", ""),
    ("hand_out", Role.WAREHOUSE, {"to": "1"}, None, 409, "step_done", ""),
]  # fmt: skip
NAMES = ["waybill in use", "own old waybill", "stale version", "wrong role", "out of order", "recall answered twice"]


@pytest.mark.parametrize(("step", "role", "evidence", "version", "status", "code", "words"), STEPS, ids=NAMES)
def test_a_step_that_cannot_be_is_refused_on_the_page_and_by_the_api_and_changes_nothing(
    sign_in, api, step, role, evidence, version, status, code, words
):
    papers = Papers(sign_in, api)
    before = worlds.steps(papers.change)
    told, page = papers.by_both(role, step, evidence, version)
    assert told == (status, code)
    assert page.status_code == status
    assert words in page.text
    assert 'class="sd-banner' in page.text or 'role="alert"' in page.text
    worlds.refresh(papers.change)
    assert worlds.steps(papers.change) == before
    assert invariants.broken(papers.store.id) == []


WISHES = [
    ("address", {"street": "星澜街128号7幢1203室"}, "changes_nothing"),
    ("quantity", {"quantity": 3}, "new_order"),
]


@pytest.mark.parametrize(("kind", "value", "code"), WISHES, ids=["changes nothing", "more than there is"])
def test_a_wish_that_cannot_be_is_refused_by_the_api_with_its_reason(api, kind, value, code):
    order = make.order(lines=(make.line(quantity=2),))
    wish = {"kind": kind, "value": value, "line_id": None if kind == "address" else str(worlds.line(order).id)}
    told = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", wish)
    assert (told.status_code, told.json["error"]) == (422, code)
    assert queries.changes_of_order(order.id, order.store_id) == []


def test_more_units_than_are_left_are_not_cancelled(api):
    """Two of three have left with another parcel: only the third can still be taken off."""
    order = make.order(lines=(make.line(quantity=3),))
    second = worlds.split(order, 1, 2)
    told = Report(stage=Stage.SHIPPED, happened_at=clock.now(), as_of=clock.now(), source=Source.API)
    make._fact(second.id, order.store_id, told)
    wish = {"kind": "quantity", "value": {"quantity": 0}, "line_id": str(worlds.line(order).id)}
    answer = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", wish)
    assert (answer.status_code, answer.json["error"]) == (422, "more_than_left")
    assert answer.json["message"]
