"""What stands on the papers: effective values, the memos of all orders in the parcel, codes that scan; no money."""

import re

import pytest
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Flag
from shopdesk.parcels import queries as parcels
from shopdesk.printing import service
from shopdesk.printing.queries.drawing import bars, square
from shopdesk.printing.queries.papers import papers_of
from shopdesk.printing.queries.runs import run_by_id
from shopdesk.printing.states import LeftOut, Paper, Parts, Why
from shopdesk.staff import queries as staff
from tests import make, worlds
from tests.statements import seen_statements


@pytest.fixture
def clerk(app):
    make.store()
    return make.person(Role.PRINTING, signature="敏敏")


def actor_of(person):
    return staff.actor_for(person, channel="page")


def printed(*found, by, **more):
    return service.print_batch([make.parcel(order).id for order in found], "W231", **more, actor=actor_of(by))


def page_of(run, browser):
    answer = browser.get(f"/printing/runs/{run.id}")
    assert answer.status_code == 200
    return answer.text


def test_the_papers_of_a_merged_parcel_carry_the_memos_of_all_its_orders_with_their_flags(clerk, sign_in):
    asker = make.actor(Role.PRE_SALE)
    first, second = make.order(platform_memo="平台上已有的话"), make.order()
    worlds.merge(first, second)
    for order, text, flag in ((first, "加一张贺卡", Flag.BLUE), (second, "玻璃，多包一层", Flag.RED)):
        changes.write_note(order.id, text, flag=flag, actor=asker)
    run = printed(first, by=clerk)
    text = page_of(run, sign_in(clerk))
    for order in (first, second):
        assert text.count(order.number) == 2  # on the delivery note and on the pick slip
    for words in ("加一张贺卡", "玻璃，多包一层", "平台上已有的话", "蓝旗", "红旗", "W231"):
        assert text.count(words) >= 2


def test_only_what_holds_now_stands_on_the_papers_and_an_earlier_address_nowhere(clerk, sign_in):
    asker = make.actor(Role.PRE_SALE)
    order = make.order(lines=(make.line(quantity=3), make.line("n2", title="围巾", sku="SCARF-02")))
    first = {**make.NEW_ADDRESS, "street": "旧巷9号"}
    make.change(order, value=first, by=asker, yes=True)
    make.change(order, by=asker, yes=True)
    line = worlds.line(order)
    make.change(order, Kind.ATTRIBUTE, {"attributes": "颜色分类:白色"}, by=asker, yes=True, line_id=line.id)
    make.change(order, Kind.QUANTITY, {"quantity": 2}, by=asker, yes=True, line_id=line.id)
    make.change(order, Kind.GREETING_CARD, {"text": "生日快乐"}, by=asker, yes=True)
    make.change(order, Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)
    run = printed(order, by=clerk)
    (sheet,) = papers_of(run).sheets
    assert (sheet.name, sheet.phone, sheet.courier) == ("张伟", "13812345678", "顺丰速运")
    assert sheet.address == "浙江省 杭州市 滨江区 云帆路66号禾悦公寓2幢602室"
    (there,) = sheet.orders
    assert [(ln.attributes, ln.quantity, ln.is_changed) for ln in there.lines] == [
        ("颜色分类:白色", 2, True), ("颜色分类:黑色", 1, False),
    ]  # fmt: skip
    assert (Kind.GREETING_CARD, "生日快乐") in there.requests
    text = page_of(run, sign_in(clerk))
    for gone in ("旧巷9号", "星澜街128号7幢1203室", "虎丘区"):
        assert gone not in text
    assert text.count("云帆路66号禾悦公寓2幢602室") == 1  # on the delivery note, once; never on the pick slip
    assert re.search(r"13812345678", text)
    assert any("生日快乐" in memo.text for memo in there.memos)  # to be written on the card: in clear


def test_a_memo_that_was_pasted_into_the_platform_is_not_said_twice(clerk):
    asker = make.actor(Role.PRE_SALE)
    order = make.order()
    make.change(order, by=asker, yes=True)
    pasted = orders.whole_memo(order, clear="to paste it")
    make.order(number=order.number, platform_memo=f"老客户\n{pasted}")
    run = printed(order, by=clerk)
    memos = [memo.text for memo in papers_of(run).sheets[0].orders[0].memos]
    assert len(memos) == 2
    assert memos[0] == "老客户"
    assert "云帆路" not in memos[1]


def test_no_money_stands_on_the_papers(clerk, sign_in):
    order = make.order(lines=(make.line(price_minor=98_765),), shipping_minor=321, total_minor=99_086)
    run = printed(order, by=clerk)
    text = page_of(run, sign_in(clerk))
    papers = text[text.index('class="pp-roll') :]
    for figure in ("987.65", "98765", "3.21", "990.86", "¥"):
        assert figure not in papers


def test_of_fifty_parcels_one_document_is_made_with_as_many_sheets_and_statements_as_of_five(clerk, sign_in):
    browser = sign_in(clerk)
    counts = []
    for size in (5, 50):
        run = service.print_batch(
            [make.parcel(make.order()).id for _ in range(size)], None, Paper.LABEL, Parts.NOTE, actor=actor_of(clerk)
        )
        run_id = run.id
        with seen_statements() as seen:
            text = browser.get(f"/printing/runs/{run_id}").text
        counts.append(len(seen))
        assert text.count('<article class="pp-sheet"') == size
        assert "paper_label.css" in text
    assert counts[0] == counts[1]


def test_each_opening_of_papers_is_an_event_without_a_personal_word(clerk, sign_in):
    order = make.order()
    run = printed(order, by=clerk)
    browser = sign_in(clerk)
    for _ in range(2):
        page_of(run, browser)
    found = db.session.scalars(select(Event).where(Event.action == "papers.shown")).all()
    assert [(e.subject_id, e.actor_id, e.body) for e in found] == [
        (run.id, clerk.id, {"parcels": 1, "left_out": 0})
    ] * 2  # fmt: skip


def test_papers_that_no_longer_count_are_not_shown_again(clerk, sign_in):
    asker, browser = make.actor(Role.PRE_SALE), sign_in(clerk)
    again, held, fine = make.order(), make.order(), make.order()
    run = printed(again, held, fine, by=clerk)
    service.reprint(make.parcel(again).id, Why.TORN, actor=actor_of(clerk))
    make.change(held, by=asker)
    found = papers_of(run)
    assert [sheet.parcel_id for sheet in found.sheets] == [make.parcel(fine).id]
    assert [(parcel_id, why) for parcel_id, _, why in found.left_out] == [
        (make.parcel(again).id, LeftOut.OLD), (make.parcel(held).id, LeftOut.HELD),
    ]  # fmt: skip
    text = page_of(run, browser)
    assert text.count('<article class="pp-sheet"') == 1


def test_the_new_label_of_a_change_goes_where_the_customer_wants_it_before_the_order_is_amended(clerk, sign_in):
    """Printing's step comes before pre-sale's: the papers would carry the old address."""
    asker, packer, browser = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE), sign_in(clerk)
    order = make.order()
    printed(order, by=clerk)
    change = make.change(order, by=asker)
    worlds.do(change, "hand_out", packer, Evidence(to=clerk.id))
    run = service.reprint(make.parcel(order).id, Why.CHANGED, waybill="SF2000000002", actor=actor_of(clerk))
    (sheet,) = papers_of(run).sheets
    assert "云帆路66号禾悦公寓2幢602室" in sheet.address
    assert (sheet.name, sheet.phone, sheet.version, sheet.linear) == ("张伟", "13812345678", 2, "SF2000000002")
    assert "第 2 版" in page_of(run, browser)
    worlds.do(change, "amend", asker)
    assert papers_of(run).sheets[0].address == sheet.address


def test_the_code_on_the_papers_opens_the_order_and_names_its_version(clerk, sign_in):
    order = make.order()
    run = printed(order, by=clerk)
    (sheet,) = papers_of(run).sheets
    assert sheet.code == sheet.linear == f"{parcels.barcode(sheet.parcel_id)}-1"
    answer = sign_in(clerk).get(f"/?q={sheet.code}")
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.id}")


def test_codes_are_drawn_as_paths_without_style(clerk, sign_in):
    drawn = bars("SF1020304050607")
    assert drawn
    assert re.fullmatch(r"(M\d+ 0h\d+v1h-\d+z)+", drawn.path)
    assert bars("单号") is None  # Code 128 cannot say it: the number alone stands there
    assert square("PK12345-2").width == square("PK12345-2").height
    run = printed(make.order(), by=clerk)
    text = page_of(run, sign_in(clerk))
    papers = text[text.index('class="pp-roll') :]
    assert papers.count('<svg class="pp-square"') == 2
    assert " style=" not in papers


def test_only_printing_and_supervisors_open_papers(clerk, sign_in):
    run = printed(make.order(), by=clerk)
    for role, status in ((Role.SUPERVISOR, 200), (Role.WAREHOUSE, 403), (Role.PRE_SALE, 403)):
        assert sign_in(make.person(role)).get(f"/printing/runs/{run.id}").status_code == status
    other = make.person(Role.PRINTING, store_id=make.store("other").id)
    assert sign_in(other).get(f"/printing/runs/{run.id}").status_code == 404
    assert run_by_id(run.id, actor_of(clerk)).id == run.id
