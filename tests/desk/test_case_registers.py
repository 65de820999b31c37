"""登记表: what stands in each register, and the table that leaves the desk."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from shopdesk.cases import service
from shopdesk.cases.service import Application
from shopdesk.cases.states import Appraisal, CaseKind, WaitingFor
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.queries.cases.registers import Asked, entries, every
from shopdesk.desk.service import registers
from shopdesk.desk.states import REGISTERS
from shopdesk.desk.views.cases import register_words
from shopdesk.desk.views.cases.register_words import Reader
from shopdesk.parcels.states import Stage
from tests import make
from tests.desk.pages import by, fields

pytestmark = pytest.mark.usefixtures("app")
NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def order():
    made = make.order(buyer_nick="=雨天", recipient_name="张伟")
    make.fact(made, Stage.SHIPPED)
    return made


def case_of(order, kind=CaseKind.RETURN, wish="尺寸不合适", by=None):
    return service.record(order.id, Application(kind, wish), actor=by or make.actor(Role.SUPERVISOR))


@pytest.mark.mission("M134")
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(CaseKind.TRACE, marks=pytest.mark.mission("M135")),
        pytest.param(CaseKind.EXTEND_RECEIPT, marks=pytest.mark.mission("M136")),
        pytest.param(CaseKind.DAMAGE, marks=pytest.mark.mission("M137")),
        pytest.param(CaseKind.RESHIP, marks=pytest.mark.mission("M138")),
        pytest.param(CaseKind.EXCHANGE, marks=pytest.mark.mission("M139")),
        pytest.param(CaseKind.RETURN, marks=pytest.mark.mission("M140")),
        pytest.param(CaseKind.REFUND_ONLY, marks=pytest.mark.mission("M141")),
        pytest.param(CaseKind.DISPUTE, marks=pytest.mark.mission("M142")),
    ],
)
def test_each_of_the_eight_has_a_register_with_order_customer_text_owner_state_and_what_happened(kind, order, sign_in):
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    browser = sign_in(person)
    case = case_of(order, kind, wish="这是登记的话")
    other = case_of(order, CaseKind.COMPENSATION)
    boss = make.actor(Role.SUPERVISOR)
    service.assign(case.id, person.id, actor=boss)
    page = browser.get(f"/cases/registers?kind={kind}").text
    assert len(REGISTERS) == 8
    assert case.number in page
    assert other.number not in page
    assert order.number[-4:] in page
    assert "这是登记的话" in page
    assert "阿禾" in page
    assert page.count("<li>") >= 2, "opened, given to somebody"
    assert "张伟" not in page


def test_a_register_is_narrowed_by_day_owner_and_state_and_goes_on_page_by_page(order):
    agent = make.actor(Role.AFTER_SALE)
    with clock.earlier(timedelta(days=3)):
        old = case_of(order).id
    new = [case_of(order).id for _ in range(3)]
    service.accept(new[0], actor=agent)
    service.close(new[0], "solved", actor=agent)
    today = clock.now().date()

    def found(**values):
        return [entry.case.id for entry in entries(agent, Asked(CaseKind.RETURN, **values))]

    assert found() == [*new[::-1], old]
    assert found(first=today - timedelta(days=1)) == new[::-1]
    assert found(last=today - timedelta(days=2)) == [old]
    assert found(owner_id=agent.id) == [new[0]]
    assert found(is_open=True) == [new[2], new[1], old]
    assert found(after=new[1]) == [new[0], old]
    assert [entry.case.id for entry in every(agent, Asked(CaseKind.RETURN), most=2)] == new[:0:-1]


def cells(data):
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    found = ET.fromstring(sheet)
    assert found.findall(".//x:f", NS) == []
    assert {cell.get("t") for cell in found.findall(".//x:c", NS)} == {"inlineStr"}
    rows = found.findall(".//x:row", NS)
    return [
        ["".join(t.text or "" for t in cell.findall(".//x:t", NS)) for cell in row.findall("x:c", NS)] for row in rows
    ]


def exported(browser, kind="return"):
    page = browser.get(f"/cases/registers?kind={kind}")
    answer = browser.post("/cases/registers/export", data=fields(page, "/cases/registers/export"))
    assert answer.status_code == 200
    return page.text, answer


@pytest.mark.mission("M134")
def test_a_register_leaves_as_a_table_of_texts_with_what_its_page_shows_and_on_record(order, sign_in):
    person = make.person(Role.AFTER_SALE)
    case = case_of(order, wish="=1+1 两边都裂了")
    service.close(case.id, "已补寄说明", actor=make.actor(Role.SUPERVISOR))
    page, answer = exported(sign_in(person))
    assert "attachment" in answer.headers["Content-Disposition"]
    head, row = cells(answer.data)
    assert len(head) == 18
    assert case.number in row
    assert "=1+1 两边都裂了" in row
    assert "=1+1 两边都裂了" in page
    assert "已补寄说明" in row
    assert "=雨天" not in str(row), "the buyer is masked as on the page"
    assert row[3] in page
    event = db.session.scalars(select(Event).where(Event.action == "register.exported")).one()
    assert (event.actor_id, event.body["rows"], event.body["register"]) == (person.id, 1, "return")


def test_who_does_not_read_a_text_on_the_case_takes_it_out_masked(app, order):
    """Nobody who may export lacks it today; the rule is the page's own."""
    case_of(order, wish="两边都裂了")
    agent = make.actor(Role.AFTER_SALE)
    blind = replace(agent, limit=frozenset({Permission.CASE_READ}))
    for reader, expected in ((agent, "两边都裂了"), (blind, "****")):
        with app.test_request_context():
            (row,) = register_words.rows(entries(agent, Asked(CaseKind.RETURN)), Reader.of(reader))
        assert expected in row.values()


@pytest.mark.mission("M134")
def test_the_follow_up_says_in_the_readers_language_who_did_what_and_what_it_came_to(order, sign_in):
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    boss = make.actor(Role.SUPERVISOR, signature="青禾")
    case = case_of(order, by=boss)
    service.assign(case.id, person.id, actor=boss)
    service.set_waiting(case.id, WaitingFor.CUSTOMER, actor=by(person))
    service.note(case.id, "客户说明天拍照", actor=by(person))
    made = service.remind(case.id, "平台只剩一天", actor=boss)
    service.answer_reminder(made.id, "已约好", actor=by(person))
    service.appraise(case.id, Appraisal.CANNOT_TELL, actor=by(person))
    browser = sign_in(person)
    history = {}
    for language in ("zh", "en"):
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        page, answer = exported(browser)
        history[language] = cells(answer.data)[1][-1].split("\n")
        for line in history[language]:
            assert line.split(" ", 2)[2] in unescape(page), "the page says the same"
    told = [line.split(" ", 2)[2] for line in history["en"]]
    assert told == [
        "青禾 · A case was opened: Return",
        "青禾 · gave the case to somebody: 阿禾",
        "阿禾 · said whom the case waits for: Waiting for the customer",
        "阿禾 · wrote an internal note: 客户说明天拍照",
        "青禾 · reminded of the case: 阿禾 · 平台只剩一天",
        "阿禾 · answered the reminder: 已约好",
        "阿禾 · appraised the problem: Cannot be told from here",
    ]
    assert not any(set("abcdefghijklmnopqrstuvwxyz") & set(line) for line in history["zh"])


def test_the_file_bears_the_day_of_who_takes_it_out(order, sign_in, monkeypatch):
    """At 17:30 UTC it is the next day in Shanghai already."""
    case_of(order)
    late = clock.now().replace(hour=17, minute=30)
    with clock.earlier(clock.now() - late):
        browser = sign_in(make.person(Role.AFTER_SALE))
        _page, answer = exported(browser)
    day = (late + timedelta(hours=8)).strftime("%Y%m%d")
    assert f"{day}.xlsx" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("x")', "0012", "1234567890123456789"])
def test_a_cell_stays_the_text_that_it_is(text):
    file, count = registers.table("登记表", ["名称"], [{"名称": text}])
    assert count == 1
    assert cells(file.read())[1] == [text]


def test_a_cell_that_is_too_long_is_cut_and_an_empty_register_is_a_table_too():
    file, _ = registers.table("t", ["a"], [{"a": "长" * 40_000}])
    assert len(cells(file.read())[1][0]) == registers.MOST_TEXT
    file, count = registers.table("t", ["a", "b"], [])
    assert count == 0
    assert cells(file.read())[0] == ["a", "b"]


def test_who_may_not_export_in_a_store_takes_nothing_of_it_out(order, sign_in):
    case_of(order)
    elsewhere = make.store("other")
    browser = sign_in(make.person(Role.AFTER_SALE, store_id=elsewhere.id))
    page = browser.get("/cases/registers?kind=return")
    answer = browser.post("/cases/registers/export", data=fields(page, "/cases/registers/export"))
    assert [row for row in cells(answer.data)[1:] if any(row)] == []
    assert sign_in(make.person(Role.FINANCE)).post("/cases/registers/export").status_code in {400, 403}
