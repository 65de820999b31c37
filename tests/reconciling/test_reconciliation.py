"""Our books of each day against the statements: what is missing, extra, of another amount or currency, or outside."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import Role
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import books
from shopdesk.reconciling.readers import read_statement
from shopdesk.reconciling.rules.comparing import Booked, Line, differences
from shopdesk.refunds import service as refunds
from tests import make
from tests.desk.pages import fields
from tests.reconciling.platform import tell
from tests.refunds import world

LATE = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)  # 1:30 of the second in the store's zone
DAY = date(2026, 11, 2)
ACCOUNT = "6222020200112233445"


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(LATE, tick=False) as traveller:
        yield traveller


def paid(store, agent, finance, amount_minor, reference):
    """A payout to a bank account, by hand."""
    refund = world.refund(make.order(store), amount_minor, by=agent, destination=PaidTo.BANK, account=ACCOUNT)
    refunds.note_look(refund.id, actor=finance)
    payout = world.payouts(refund)[0]
    refunds.confirm(payout.id, reference, actor=finance)
    return payout


def statement(*lines, head="日期,流水号,商户订单号,金额,币种"):
    return "\n".join([head, *lines]).encode("gb18030")


def take(store, finance, *lines):
    return service.take_statement(store.id, "工行.csv", statement(*lines), PaidTo.BANK, actor=finance)


def found(store, day=DAY):
    there = books.days(store, PaidTo.BANK, day, day)
    return {str(one.kind): one for of_day in there for one in of_day.found}


@pytest.mark.both_engines
@pytest.mark.mission("M351")
def test_each_difference_of_a_day_is_found_and_answered_by_finance(engine, store, agent, finance):
    for amount_minor, reference in ((500, "B-1"), (600, "B-2"), (700, "B-3"), (800, "B-4")):
        paid(store, agent, finance, amount_minor, reference)
    assert found(store) == {}, "no statement has come so far"
    take(store, finance, "2026-11-02,B-1,,5.00,CNY", "2026-11-02,B-2,,6.10,CNY", "2026-11-02,B-3,,7.00,EUR",
         "2026-11-02,B-9,,9.00,CNY")  # fmt: skip
    there = found(store)
    assert sorted(there) == ["amount", "currency", "extra", "missing"]
    (of_day,) = books.days(store, PaidTo.BANK, DAY, DAY)
    assert (of_day.booked_minor, of_day.told_minor, of_day.open) == (2600, 2010, 4)
    key = there["missing"].key
    with pytest.raises(DomainError):
        service.answer_difference(store.id, PaidTo.BANK, DAY, key, " ", actor=finance)
    with pytest.raises(NotFound):
        service.answer_difference(store.id, PaidTo.BANK, DAY, "missing:note:99", "在途", actor=finance)
    service.answer_difference(store.id, PaidTo.BANK, DAY, key, "在途", actor=finance)
    service.answer_difference(store.id, PaidTo.BANK, DAY, key, "次日到账", actor=finance)
    (of_day,) = books.days(store, PaidTo.BANK, DAY, DAY)
    assert (of_day.open, of_day.answers[key].note.reveal("test")) == (3, "次日到账")
    take(store, finance, "2026-11-03,B-4,,8.00,CNY")
    assert "missing" not in found(store), "a payment of the night stands in the next day's statement"


def test_a_statement_brought_again_changes_nothing_and_a_line_that_says_otherwise_is_refused(store, finance):
    first = take(
        store, finance, "2026-11-02,B-1,,5.00,", "2026-11-02,B-2,,+3.00,", "昨天,B-3,,1.00,", "2026-11-02,,,1.00,"
    )
    assert (first.kept, first.known, first.refused) == (2, 0, {4: "bad_day", 5: "bad_reference"})
    again = take(store, finance, "2026-11-02,B-1,,5.00,", "2026-11-02,B-2,,+4.00,")
    assert (again.kept, again.known, again.refused) == (0, 1, {3: "told_otherwise"})


def test_an_alipay_bill_is_read_below_its_preamble_and_money_that_came_in_is_left_out():
    head = "账务流水号,业务流水号,商户订单号,发生时间,收入金额（+元）,支出金额（-元）"
    lines = ["#支付宝账务明细查询", "#起始日期：[2026年11月01日]", head, "88\t,,R1\t,2026-11-02 10:00:00,,-5.00",
             "89\t,,,2026-11-02 11:00:00,8.00,", "#----结束"]  # fmt: skip
    found = read_statement("\n".join(lines).encode("gb18030"), currency="CNY")
    assert [(row.reference, row.number, row.amount_minor, row.day) for row in found.rows] == [("88", "R1", 500, DAY)]
    assert read_statement("订单编号,买家\n1,2".encode(), currency="CNY") is None


def test_a_file_with_the_columns_that_the_page_names_is_read():
    found = read_statement("日期,单号,金额,我方单号,币种\n2026-11-02,B-1,5.00,R1,CNY".encode(), currency="CNY")
    assert [(row.reference, row.number, row.amount_minor) for row in found.rows] == [("B-1", "R1", 500)]


def test_a_day_that_no_statement_has_reached_is_not_said_to_have_no_difference(store, agent, finance):
    paid(store, agent, finance, 500, "B-1")
    assert [(day.is_told, day.open) for day in books.days(store, PaidTo.BANK, DAY, DAY)] == [(False, 0)]
    take(store, finance, "2026-11-02,B-1,,5.00,CNY")
    assert [(day.is_told, day.open) for day in books.days(store, PaidTo.BANK, DAY, DAY)] == [(True, 0)]


def test_what_the_platform_paid_without_us_is_a_difference_of_the_platform(store, agent):
    order = make.order(store)
    tell(order, "T1", 500, 600)  # 18:00 of that day, in the store's zone 2:00 of the next
    (of_day,) = books.days(store, PaidTo.PLATFORM, DAY, DAY)
    assert [str(one.kind) for one in of_day.found] == ["outside"]


def test_what_came_back_is_matched_with_what_came_back():
    booked = [Booked("note:1", DAY, 500, "CNY", 1, ("R1",)), Booked("note:2", DAY, -500, "CNY", 1, ("R1",))]
    lines = [Line(1, DAY, "A", "R1", -500, "CNY"), Line(2, DAY, "B", "R1", 500, "CNY")]
    assert differences(DAY, booked, lines, told_until=DAY) == []
    assert [d.key for d in differences(DAY, booked, lines[:1], told_until=DAY)] == ["missing:note:1"]


def kinds(store, destination=PaidTo.BANK, first=DAY, last=None):
    db.session.rollback()
    return sorted(one.key for of_day in books.days(store, destination, first, last or first) for one in of_day.found)


@pytest.mark.both_engines
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=20)], ids=["the same day", "much later"])
def test_a_payout_that_never_went_out_and_was_taken_back_is_one_difference_and_keeps_its_answer(
    engine, store, agent, finance, night, later
):
    payout = paid(store, agent, finance, 500, "B-1")
    night.shift(later)
    last = DAY + later
    take(store, finance, f"{last.isoformat()},B-9,,9.00,CNY")
    assert "missing:note:1" in kinds(store)
    service.answer_difference(store.id, PaidTo.BANK, DAY, "missing:note:1", "没付成", actor=finance)
    refunds.take_back(payout.id, "没付成", actor=finance)
    found = {key for day in (DAY, last) for key in kinds(store, first=day)}
    assert [key for key in found if "note" in key] == ["missing:note:1"]
    (of_day,) = books.days(store, PaidTo.BANK, DAY, DAY)
    assert "missing:note:1" in of_day.answers


@pytest.mark.both_engines
def test_what_the_bank_sent_back_under_a_number_of_its_own_is_what_came_back(engine, store, agent, finance, night):
    payout = paid(store, agent, finance, 500, "B-1")
    night.shift(timedelta(days=10))
    refunds.take_back(payout.id, "退汇", actor=finance)
    last = DAY + timedelta(days=10)
    take(store, finance, "2026-11-02,B-1,,5.00,CNY", f"{last.isoformat()},B-2,,+6.00,CNY")
    assert kinds(store, first=last) == ["extra:2", "missing:note:2"], "of another amount it may be anything"
    take(store, finance, f"{last.isoformat()},B-3,,+5.00,CNY")
    assert (kinds(store), kinds(store, first=last)) == ([], ["extra:2"])


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("then", "found"), [(450, ["outside:told:1:1"]), (500, [])], ids=["of another amount", "again"]
)
def test_a_refund_that_the_platform_took_back_and_paid_again_is_no_difference_of_its_own(
    engine, store, agent, finance, then, found
):
    order = make.order(store)
    world.refund(order, 500, by=agent, destination=PaidTo.PLATFORM)
    tell(order, "T1", 500, 580)
    tell(order, "T1", 500, 590, paid=False)
    if then == 500:
        world.refund(order, 500, by=agent, destination=PaidTo.PLATFORM)
    tell(order, "T1", then, 600)
    lines = statement(f"2026-11-02,T1,,{then / 100:.2f},CNY")
    service.take_statement(store.id, "平台.csv", lines, PaidTo.PLATFORM, actor=finance)
    assert kinds(store, PaidTo.PLATFORM) == found


def test_the_page_takes_a_file_shows_the_differences_and_exports_them(store, agent, finance, sign_in):
    paid(store, agent, finance, 500, "B-1")
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    at = f"/finance/reconciliation?shop={store.slug}&to=bank&first=2026-11-01&last=2026-11-02"
    page = browser.get(at)
    assert page.status_code == 200
    into, export, answers = (
        f"/finance/reconciliation/{name}?{at.partition('?')[2]}" for name in ("statements", "export", "answers")
    )
    file = (io.BytesIO(statement("2026-11-02,B-1,,5.50,CNY")), "工行.csv")
    assert browser.post(into, data=fields(page, into) | {"file": file}).status_code == 303
    wrong = (io.BytesIO(b"a,b\n1,2"), "x.csv")
    assert browser.post(into, data=fields(page, into) | {"file": wrong}).status_code == 422
    page = browser.get(at)
    assert "5.50" in page.text
    said = fields(page, answers)
    assert browser.post(answers, data=said | {"note": ""}).status_code == 422
    assert browser.post(answers, data=said | {"note": "手续费"}).status_code == 303
    assert "手续费" in browser.get(at).text
    assert browser.post(export, data=fields(page, export)).data[:2] == b"PK"
    assert browser.get("/finance/reconciliation?shop=nobody").status_code == 404
    assert sign_in(make.person(Role.WAREHOUSE, store_id=store.id)).get(at).status_code == 403


def test_the_api_takes_lines_and_answers(store, agent, finance, api):
    paid(store, agent, finance, 500, "B-1")
    call = api(make.person(Role.FINANCE, store_id=store.id))
    line = {"day": "2026-11-02", "reference": "B-1", "amount_minor": 550, "currency": "CNY"}
    body = {"destination": "bank", "items": [line, line | {"reference": "B-2", "amount_minor": 0}]}
    assert call("POST", f"/stores/{store.slug}/statements", body).json == {"kept": 1, "known": 0, "refused": [1]}
    at = f"/stores/{store.slug}/reconciliation"
    (day,) = call("GET", f"{at}?destination=bank&first=2026-11-02&last=2026-11-02").json["items"]
    (one,) = day["differences"]
    assert (one["kind"], one["booked_minor"], one["told_minor"]) == ("amount", 500, 550)
    said = {"destination": "bank", "day": "2026-11-02", "key": one["key"], "note": "手续费"}
    assert call("POST", f"{at}/answers", said).status_code == 200
    assert call("POST", f"{at}/answers", said | {"key": "extra:99"}).status_code == 404


def test_a_strange_line_long_before_our_note_is_extra_whichever_days_are_looked_at(store, agent, finance, night):
    payout = paid(store, agent, finance, 500, "B-1")
    night.shift(timedelta(days=25))
    refunds.take_back(payout.id, "退汇", actor=finance)
    strange, last = DAY + timedelta(days=1), DAY + timedelta(days=25)
    take(store, finance, "2026-11-02,B-1,,5.00,CNY", f"{strange},X-1,,+5.00,CNY", f"{last},Z,,1.00,CNY")
    alone = [key for day in (DAY, strange, last) for key in kinds(store, first=day)]
    assert sorted(alone) == kinds(store, first=DAY, last=last)
    assert any(key.startswith("extra:") for key in kinds(store, first=strange))
