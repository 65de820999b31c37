"""Re-prints and voids: what changes ask of printing is done from its own pages, with what comes of it."""

import re

import pytest

from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.printing import service
from shopdesk.staff import queries as staff
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode, Result
from tests import make, worlds


@pytest.fixture
def clerk(app, sign_in):
    make.store()
    person = make.person(Role.PRINTING, signature="敏敏")
    return sign_in(person), person


def actor_of(person):
    return staff.actor_for(person, channel="page")


def fields(page, action):
    """The hidden fields of the form that goes there."""
    form = page.text[page.text.index(f'action="{action}') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def printed(order, person):
    service.print_batch([make.parcel(order).id], None, actor=actor_of(person))


def test_a_cancelled_order_is_voided_from_the_list_and_after_sale_is_asked_only_then(clerk):
    browser, _ = clerk
    order = make.order()
    change = make.change(order, Kind.CANCEL, {"text": "拍错了"}, by=make.actor(Role.PRE_SALE))
    page = browser.get("/printing/voids")
    assert order.number in page.text
    assert "拍错了" in page.text
    address = f"/printing/voids/{change.id}"
    form = fields(page, address)
    first, again = browser.post(address, data=form), browser.post(address, data=form)
    assert (first.status_code, again.status_code) == (303, 303)
    db.session.refresh(change)
    assert (make.parcel(order).stage, change.state) == (Stage.VOIDED, ChangeState.DONE)
    assert worlds.open_codes(change) == ["refund"]
    assert "没有要作废的" in browser.get("/printing/voids").text
    late = browser.post(address, data={**form, "command_key": "another"})
    assert late.status_code == 409


def test_a_void_whose_turn_has_not_come_says_for_whom_it_waits(clerk):
    browser, person = clerk
    order = make.order()
    printed(order, person)
    change = make.change(order, Kind.CANCEL, {"text": "拍错了"}, by=make.actor(Role.PRE_SALE))
    page = browser.get("/printing/voids")
    assert f"/printing/voids/{change.id}" not in page.text
    assert "仓库" in page.text[page.text.index("还没轮到") :]
    form = fields(browser.get("/printing/reprints"), "/sign-out")
    sent = {"csrf_token": make.token(page), "command_key": "k", **form}
    assert browser.post(f"/printing/voids/{change.id}", data=sent).status_code == 409
    assert make.parcel(order).stage is Stage.PRINTED


def test_who_looked_at_an_older_change_voids_nothing(clerk):
    browser, _ = clerk
    order = make.order()
    change = make.change(order, Kind.CANCEL, {"text": "拍错了"}, by=make.actor(Role.PRE_SALE))
    page = browser.get("/printing/voids")
    form = fields(page, f"/printing/voids/{change.id}")
    answer = browser.post(f"/printing/voids/{change.id}", data={**form, "seen_version": "99"})
    assert answer.status_code == 409
    assert make.parcel(order).stage is Stage.UNPRINTED


def test_the_reprint_of_a_change_is_done_from_the_list_with_its_new_waybill(clerk):
    browser, person = clerk
    asker, packer = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE)
    order = make.order()
    printed(order, person)
    change = make.change(order, by=asker)
    assert "还没轮到" in browser.get("/printing/reprints").text
    worlds.do(change, "hand_out", packer, Evidence(to=person.id))
    page = browser.get("/printing/reprints")
    address = f"/printing/parcels/{make.parcel(order).id}/reprint"
    form = fields(page, address)
    missing = browser.post(address, data=form)
    assert missing.status_code == 422
    assert "缺少新快递单号" in missing.text
    done = browser.post(address, data={**fields(missing, address), "waybill": "SF2000000002"})
    assert done.status_code == 303
    papers = browser.get(done.location).text
    assert "SF2000000002" in papers
    assert "第 2 版" in papers
    assert worlds.open_codes(change)[0] == "amend"


@pytest.mark.mission("M063")
def test_torn_papers_are_found_by_what_is_left_of_them_and_printed_as_the_next_version(clerk):
    browser, person = clerk
    order = make.order()
    printed(order, person)
    code = parcels.paper_code(make.parcel(order).id, 1)
    for typed in (code, order.number, parcels.barcode(make.parcel(order).id)):
        page = browser.get(f"/printing/reprints?code={typed}")
        assert "重打，第 2 版" in page.text
    address = f"/printing/parcels/{make.parcel(order).id}/reprint"
    done = browser.post(address, data={**fields(page, address), "why": "jammed", "paper": "label", "parts": "note"})
    assert done.status_code == 303
    page = browser.get(f"/printing/reprints?code={code}")  # also the old papers lead there
    for words in ("重打，第 3 版", "打印机卡纸", "已失效", "敏敏"):
        assert words in page.text
    assert scan(code, Mode.PACK, actor=make.actor(Role.WAREHOUSE)).result is Result.STOP


def test_what_may_not_be_printed_again_says_why_instead_of_a_button(clerk):
    browser, person = clerk
    fresh, held = make.order(), make.order()
    printed(held, person)
    make.change(held, by=make.actor(Role.PRE_SALE))
    for order, words in ((fresh, "还没打单"), (held, "挂起中")):
        page = browser.get(f"/printing/reprints?code={order.number}")
        assert words in page.text
        assert "重打，第" not in page.text
        sent = {
            "csrf_token": make.token(page),
            "command_key": f"k{order.id}",
            "why": "torn",
            "paper": "a4",
            "parts": "both",
        }
        assert browser.post(f"/printing/parcels/{make.parcel(order).id}/reprint", data=sent).status_code == 409
    assert "没有这个号码的包裹" in browser.get("/printing/reprints?code=nobody").text


def test_an_order_in_several_parcels_and_an_unpaid_one_are_no_traps(clerk):
    browser, person = clerk
    order = make.order(lines=(make.line(quantity=2),))
    worlds.split(order, 1, 1)
    assert "分在几个包裹里" in browser.get(f"/printing/reprints?code={order.number}").text
    unpaid = make.order(status=OrderStatus.UNPAID, paid_minor=0)
    assert browser.get("/printing?group=unpaid").text.count(unpaid.number) >= 1
    assert person
