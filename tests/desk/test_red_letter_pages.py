"""Pages and API of an invoice that was sent with an order refunded without a case: asked, answered, issued, refused."""

from __future__ import annotations

import pytest

from shopdesk.cases.queries import settling
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.refunds import queries, service
from tests import make, worlds
from tests.desk.pages import EN, by, fields, send

pytestmark = pytest.mark.usefixtures("app")
DIRECT = {"kind": "goodwill", "amount": "5.00", "reason": "晚到三天", "destination": "platform"}
OVER_API = {"kind": "goodwill", "amount_minor": 500, "reason": "晚到三天", "destination": "platform"}


@pytest.fixture
def person():
    make.store()
    return make.person(Role.AFTER_SALE, signature="阿禾")


def paid(order, person):
    """The newest refund of the order, which the platform has paid."""
    refund = queries.refunds_of_order(order.id, order.store_id)[-1]
    return service.note_agreed(refund.id, actor=by(person))


@pytest.mark.mission("M118")
def test_the_form_asks_finance_issues_and_the_page_says_its_number(person, sign_in):
    browser, order = sign_in(person), make.order()
    path = f"/orders/{order.id}/refund"
    page = browser.get(path, headers=EN)
    assert "Was an invoice sent with the order?" in page.text
    assert send(browser, page, path, **DIRECT | {"invoice": "perhaps"}).status_code == 422
    assert send(browser, page, path, **DIRECT | {"invoice": "yes"}).status_code == 303
    refund = paid(order, person)
    shown = f"/refunds/{refund.id}"
    assert "Finance issues it." in browser.get(shown, headers=EN).text
    assert browser.get("/invoices", headers=EN).status_code == 403
    finance = sign_in(make.person(Role.FINANCE, signature="算盘"))
    invoices = finance.get("/invoices", headers=EN)
    assert order.number in invoices.text
    assert f'<a href="{shown}">Refund · Goodwill</a>' in invoices.text
    task = settling.task_of_refund(refund.id, refund.store_id)
    at = f"/invoices/{task.id}"
    form = fields(invoices, at) | {"reference": "F-2026-1"}
    assert finance.post(f"{at}/confirmation", data=form).status_code == 303
    assert "F-2026-1" in finance.get(shown, headers=EN).text
    assert send(finance, finance.get("/invoices"), at, reference="R-2026-1").status_code == 303
    assert order.number not in finance.get("/invoices", headers=EN).text
    done = browser.get(shown, headers=EN)
    assert "R-2026-1" in done.text
    assert f"{shown}/invoice" not in done.text, "what finance has issued is not answered again"
    timeline = browser.get(f"/orders/{order.id}", headers=EN).text
    assert "issued the document of the refund" in timeline


def test_it_is_answered_and_corrected_on_the_page_of_the_refund(person, sign_in):
    browser, order = sign_in(person), make.order()
    path = f"/orders/{order.id}/refund"
    send(browser, browser.get(path, headers=EN), path, **DIRECT)
    refund = paid(order, person)
    shown = f"/refunds/{refund.id}"
    page = browser.get(shown, headers=EN)
    assert "Not said yet" in page.text
    at = f"{shown}/invoice"
    for said, is_there in (("yes", True), ("no", False)):
        assert send(browser, page, at, sent=said, command_key=said).status_code == 303
        assert (settling.task_of_refund(refund.id, refund.store_id) is not None) == is_there
    finance = sign_in(make.person(Role.FINANCE))
    assert f"{shown}/invoice" not in finance.get(shown, headers=EN).text


@pytest.mark.mission("M118")
def test_the_refund_step_of_a_cancellation_asks_it_on_the_page(person, sign_in):
    browser, order = sign_in(person), make.order()
    change = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
    page = browser.get(f"/orders/{order.id}", headers=EN)
    path = f"/changes/{change.id}/steps/{worlds.position(change, 'refund')}/refund"
    assert send(browser, page, path, amount="", destination="platform", invoice="yes").status_code == 303
    refund = paid(order, person)
    assert settling.task_of_refund(refund.id, refund.store_id).order_id == order.id


@pytest.mark.mission("M118")
def test_the_api_asks_answers_and_shows_the_same(person, api):
    call, order = api(person), make.order()
    asked = call("POST", f"/orders/{order.id}/refunds", {**OVER_API, "invoice_sent": False}, key="k1").json
    assert (asked["invoice_sent"], asked["invoice_task"]) == (False, None)
    refund = paid(order, person)
    at = f"/refunds/{refund.id}/invoice"
    assert call("POST", at, {"sent": None}).status_code == 400
    said = call("POST", at, {"sent": True}).json
    assert (said["invoice_sent"], said["invoice_task"]["kind"]) == (True, "red_letter")
    finance = api(make.person(Role.FINANCE))
    assert finance("POST", at, {"sent": False}).status_code == 403
    (row,) = finance("GET", "/invoices").json["items"]
    assert (row["refund_id"], row["case_number"], row["order_number"]) == (str(refund.id), None, order.number)
    done = finance("POST", f"/invoices/{row['id']}", {"reference": "R-9"}).json
    assert done["reference"] == "R-9"
    late = call("POST", at, {"sent": False})
    assert (late.status_code, late.json["error"]) == (409, "invoice_done")
    assert call("GET", f"/refunds/{refund.id}").json["invoice_task"]["reference"] == "R-9"
