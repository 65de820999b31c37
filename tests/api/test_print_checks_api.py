"""Pre-print checks through the API: what was printed stays as it was printed, and a memo has its words."""

from __future__ import annotations

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def group_and_reasons(answer):
    return [(row["group"], row["reasons"]) for row in answer.json["rows"]]


def test_a_printed_list_is_answered_as_it_was_printed(api):
    make.store()
    call = api(make.person(Role.PRINTING))
    asker = make.actor(Role.PRE_SALE)
    plain, changed, waiting = make.order(), make.order(), make.order()
    change = make.change(changed, Kind.COURIER, {"text": "顺丰"}, by=asker, yes=True)
    make.change(waiting, by=asker)
    numbers = [plain.number, changed.number, waiting.number, "nobody"]
    check = call("POST", "/print-checks", {"numbers": numbers})
    said = [
        ("printable", []), ("changed", ["acknowledgement_missing"]),
        ("do_not_print", ["unconfirmed_change"]), ("unknown", ["not_found"]),
    ]  # fmt: skip
    assert group_and_reasons(check) == said
    path = f"/print-checks/{check.json['id']}"
    printed = call("POST", f"{path}/printed", {"batch": "W231"}, key="k")
    for answer in (printed, call("GET", path)):
        assert group_and_reasons(answer) == said
        assert [c["id"] for c in answer.json["rows"][1]["changes"]] == [str(change.id)]
        assert "顺丰" in answer.json["rows"][1]["changes"][0]["wishes"][0]["new"]


def test_a_memo_that_printing_has_not_seen_comes_with_its_words(api):
    order = make.order()
    flag = orders.order_by_id(order.id, order.store_id).flag
    changes.write_note(order.id, "包装用礼盒", flag=flag, actor=make.actor(Role.PRE_SALE))
    call = api(make.person(Role.PRINTING))
    check = call("POST", "/print-checks", {"numbers": [order.number]})
    path = f"/print-checks/{check.json['id']}"
    printed = call("POST", f"{path}/printed", {"batch": "W231"}, key="k")
    for answer in (check, printed, call("GET", path)):
        [row] = answer.json["rows"]
        assert (row["group"], row["reasons"]) == ("changed", ["memo_unseen"])
        assert [("包装用礼盒" in memo["text"], memo["order_id"]) for memo in row["memos"]] == [(True, str(order.id))]
