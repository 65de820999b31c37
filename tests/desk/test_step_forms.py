"""The steps on printed papers from the order page and by the API, each by its own person."""

import re

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}


def press(browser, order, change, code, **given):
    """Send the form of the step as the page shows it."""
    page = browser.get(f"/orders/{order.id}", headers=EN)
    action = f"/changes/{change.id}/steps/{worlds.position(change, code)}"
    found = re.search(rf'<form[^>]*action="{action}".*?</form>', page.text, re.DOTALL)
    assert found, code
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[0]))
    for name in given:
        assert f'name="{name}"' in found[0], (code, name)
    answer = browser.post(action, data={**hidden, **given}, headers=EN)
    assert answer.status_code == 303, (code, re.sub(r"\\s+", " ", answer.text)[:400])


@pytest.mark.mission("M037")
def test_a_new_address_on_printed_papers_is_walked_on_the_page_by_everybody_in_turn(sign_in):
    make.store()
    roles = (Role.PRE_SALE, Role.WAREHOUSE, Role.PRINTING)
    people = {role: make.person(role, signature=str(role)) for role in roles}
    seat = {role: sign_in(person) for role, person in people.items()}
    order = make.order()
    make.fact(order, Stage.PRINTED)
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    press(seat[Role.WAREHOUSE], order, change, "hand_out", to=str(people[Role.PRINTING].id))
    assert "Papers with printing" in seat[Role.PRE_SALE].get(f"/orders/{order.id}", headers=EN).text
    press(seat[Role.PRINTING], order, change, "reprint", waybill="SF5000000001")
    press(seat[Role.PRE_SALE], order, change, "amend")
    press(seat[Role.PRE_SALE], order, change, "confirm", text="对的", via="chat")
    press(seat[Role.WAREHOUSE], order, change, "take_back")
    worlds.refresh(change)
    assert (change.state, make.parcel(order).holds) == ("done", 0)


def test_a_page_that_was_left_open_does_no_step_on_a_change_that_has_moved_on(sign_in):
    make.store()
    packer = make.person(Role.WAREHOUSE)
    browser, order = sign_in(packer), make.order()
    make.fact(order, Stage.PRINTED)
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    page = browser.get(f"/orders/{order.id}", headers=EN)
    action = f"/changes/{change.id}/steps/{worlds.position(change, 'hand_out')}"
    sent = {"csrf_token": make.token(page), "command_key": "k", "to": str(packer.id)}
    answer = browser.post(action, data={**sent, "seen_version": str(change.version - 1)}, headers=EN)
    assert answer.status_code == 409
    assert "moved on since you looked" in answer.text


def test_a_cancelled_parcel_goes_its_way_by_the_api(api):
    make.store()
    roles = (Role.WAREHOUSE, Role.PRINTING, Role.AFTER_SALE)
    people = {role: make.person(role) for role in roles}
    call = {role: api(person) for role, person in people.items()}
    order = make.order()
    make.fact(order, Stage.PACKED)
    change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    seen = call[Role.WAREHOUSE]("GET", f"/changes/{change.id}").json
    assert (seen["recall"]["kind"], seen["recall"]["state"]) == ("parcel", "requested")
    assert [r["id"] for r in seen["receivers"]] == [str(people[Role.AFTER_SALE].id)]
    bodies = [
        (Role.WAREHOUSE, {"to": seen["receivers"][0]["id"], "version": seen["version"]}),
        (Role.PRINTING, {}),
        (Role.AFTER_SALE, {"amount": {"amount_minor": 12800, "currency": "CNY"}, "reference": "R1",
                           "destination": "bank"}),
        (Role.WAREHOUSE, {}),
    ]  # fmt: skip
    for number, (role, body) in enumerate(bodies):
        step = call[role]("GET", f"/changes/{change.id}").json["next_step"]
        answer = call[role]("POST", f"/changes/{change.id}/steps/{step}/done", body, key=f"k{number}")
        assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["recall"]) == ("done", None)
    assert make.parcel(order).stage is Stage.VOIDED
