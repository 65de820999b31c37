"""Credit notes as a list and as a table; the invoices' page with the buyer's 72 hours."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select

from shopdesk.cases import service
from shopdesk.cases.queries import settling
from shopdesk.cases.states import InvoiceTaskKind, Resolution
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from tests import make
from tests.access.world import World
from tests.desk.pages import fields
from tests.reconciling.platform import START, ask, tell

AT = "/finance/credit-notes"


def test_each_confirmed_payout_has_a_note_and_what_came_back_a_counter_note(store, agent, sign_in, api):
    with time_machine.travel(START, tick=False):
        order = make.order(store, as_of=START - timedelta(hours=1))
        ask(order, 500, agent)
        tell(order, "T1", 500, 5)
        tell(order, "T1", 500, 6, paid=False)
    finance = make.person(Role.FINANCE, store_id=store.id)
    rows = api(finance)("GET", "/credit-notes").json["items"]
    assert [(row["number"], row["takes_back"]) for row in rows] == [(2, 1), (1, None)]
    browser = sign_in(finance)
    page = browser.get(AT)
    assert order.number in page.text
    file = browser.post(f"{AT}/export", data=fields(page, f"{AT}/export"))
    assert file.data[:2] == b"PK"
    assert [e.body["rows"] for e in db.session.scalars(select(Event).where(Event.action == "register.exported"))] == [2]


def test_the_form_sent_to_the_buyer_has_its_clock_on_the_page(store, sign_in, tmp_path):
    world = World(store, make.person(Role.SUPERVISOR, store_id=store.id), tmp_path)
    task = _red_letter(world)
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    at = f"/invoices/{task.id}"
    said = fields(browser.get("/invoices"), at)
    assert browser.post(f"{at}/confirmation", data=said).status_code == 422
    assert browser.post(f"{at}/confirmation", data=said | {"reference": "F-2026-1"}).status_code == 303
    page = browser.get("/invoices").text
    assert "F-2026-1" in page
    assert f"{at}/confirmation" not in page, "the buyer has time still"
    again = said | {"reference": "F-2", "command_key": "k2"}
    assert browser.post(f"{at}/confirmation", data=again).status_code == 409
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        late = sign_in(make.person(Role.FINANCE, store_id=store.id))
        assert f"{at}/confirmation" in late.get("/invoices").text


def _red_letter(world):
    service.add_resolution(world.resolving.id, Resolution.REFUND, actor=world.actor)
    return next(t for t in settling.tasks_of(world.resolving) if t.kind is InvoiceTaskKind.RED_LETTER)
