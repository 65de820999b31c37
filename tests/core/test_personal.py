"""Rule 6: a personal value prints masked wherever it is printed by mistake, and says why where it does not."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import select

from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.personal import MASKS, Personal
from tests import make

CLEAR = {
    "name": "欧阳金丝雀",
    "phone": "13987650011",
    "address": "浙江省杭州市金丝雀路8号",
    "account": "canary@example.com",
    "text": "金丝雀说的话",
}


@pytest.mark.parametrize("kind", list(MASKS))
def test_a_personal_value_is_masked_by_every_way_of_printing(kind, caplog):
    value = Personal(CLEAR[kind], kind)
    logging.getLogger("test").warning("%s %r", value, value)
    printed = [str(value), repr(value), f"{value}", f"{value!r}", f"{[value]}", "{}".format(value), caplog.text]  # noqa: UP032
    assert not [text for text in printed if CLEAR[kind] in text]
    assert value.reveal("a test") == CLEAR[kind]


def test_every_kind_has_its_mask_and_its_test():
    assert set(CLEAR) == set(MASKS)


def test_it_is_not_revealed_without_a_word_for_why_nor_written_into_json():
    value = Personal(CLEAR["phone"], "phone")
    with pytest.raises(ValueError, match="say why"):
        value.reveal("")
    with pytest.raises(TypeError):
        json.dumps({"phone": value})


def test_a_persons_day_has_so_many_reveals_and_each_is_on_record(app, api, monkeypatch):
    monkeypatch.setitem(app.config, "REVEALS_PER_DAY", 3)
    order = make.order()
    call, other = api(make.person(Role.PRE_SALE)), api(make.person(Role.PRE_SALE))
    ask = {"what": "phone", "reason": "call_customer"}
    path = f"/orders/{order.id}/reveal"
    assert [call("POST", path, ask).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert call("POST", path, ask).headers["Retry-After"] == "3600"
    assert other("POST", path, ask).status_code == 200
    bodies = db.session.scalars(select(Event.body).where(Event.action == "personal.revealed")).all()
    assert bodies == [ask] * 4
