"""登记表: what stands in each register, and the table that leaves the desk."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.cases import service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases.registers import Asked, entries, every
from shopdesk.desk.service import registers
from shopdesk.desk.states import REGISTERS
from shopdesk.parcels.states import Stage
from tests import make
from tests.desk.pages import fields

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


@pytest.mark.mission("M134")
def test_a_register_leaves_as_a_table_of_texts_with_personal_values_masked_and_on_record(order, sign_in):
    person = make.person(Role.AFTER_SALE)
    browser = sign_in(person)
    case = case_of(order, wish="=1+1 电话13812345678")
    page = browser.get("/cases/registers?kind=return")
    answer = browser.post("/cases/registers/export", data=fields(page, "/cases/registers/export"))
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    head, row = cells(answer.data)
    assert len(head) == 18
    assert case.number in row
    assert "13812345678" not in str(row)
    assert "张伟" not in str(row)
    event = db.session.scalars(select(Event).where(Event.action == "register.exported")).one()
    assert (event.actor_id, event.body["rows"], event.body["register"]) == (person.id, 1, "return")


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
