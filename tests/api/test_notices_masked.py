"""What the API gives of a notice is what the inbox's page gives: clear where printing is asked, else masked."""

from __future__ import annotations

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Role
from shopdesk.desk.queries import inbox as page
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.staff import queries as staff
from tests import make

STREET = make.NEW_ADDRESS["street"]
TOLD = (Role.PRINTING, Role.PRE_SALE, Role.AFTER_SALE, Role.WAREHOUSE)
VALUES = {
    Kind.ADDRESS: make.NEW_ADDRESS | {"phone": "13987654321"},
    Kind.INVOICE: {"text": "云帆贸易有限公司"},
    Kind.COURIER: {"text": "顺丰"},
    Kind.CANCEL: {"text": "拍错了"},
}


@command
def tell(order, change, role):
    actor = make.ROOT
    notices.put(role, NoticeKind.ALARM, order, actor=actor, parcel_id=change.parcel_id, change_id=change.id)
    audit.record("test.told", "change", change.id, actor, store_id=order.store_id)


def on_the_page(person):
    """Notice → its (old, new) on the page, each of an alarm's card too."""
    rows = page.inbox(staff.actor_for(person, channel="page")).rows
    return {str(one.notice.id): [(value.old, value.new) for value in one.values] for row in rows for one in row.all}


def in_the_api(call):
    items = call("GET", "/notices?limit=200").json["items"]
    return {n["id"]: [(w["old"] or "", w["new"] or "") for w in n["wishes"] if w["old"] or w["new"]] for n in items}


@pytest.mark.parametrize("kind", list(VALUES))
def test_the_api_shows_a_notice_as_the_page_does_to_every_role(app, api, kind):
    order = make.order()
    value = VALUES[kind]
    change = make.change(order, kind, value, by=make.actor(Role.PRE_SALE), yes=kind is not Kind.CANCEL)
    for role in TOLD:
        tell(order, change, role)
    for role in (*TOLD, Role.SUPERVISOR):
        person = make.person(role)
        shown = in_the_api(api(person))
        assert shown
        assert shown == on_the_page(person), role


def test_only_who_reads_what_is_asked_of_printing_gets_an_address_in_clear(app, api):
    order = make.order()
    change = make.change(order, value=VALUES[Kind.ADDRESS], by=make.actor(Role.PRE_SALE), yes=True)
    for role in TOLD:
        tell(order, change, role)
    texts = {role: api(make.person(role))("GET", "/notices?limit=200").text for role in TOLD}
    assert {role for role, text in texts.items() if STREET in text} == {Role.PRINTING}
    assert not any("13987654321" in text for text in texts.values())
    assert "139****4321" in texts[Role.PRINTING]
