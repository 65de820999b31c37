"""The print queue and runs through the API: the same commands, the same refusals, once for a key."""

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import make


@pytest.fixture
def call(app, api):
    make.store()
    return api(make.person(Role.PRINTING))


def test_a_queue_is_paged_with_changed_ones_first_and_reasons_last(call):
    asker = make.actor(Role.PRE_SALE)
    plain, changed, held = make.order(), make.order(), make.order()
    change = make.change(changed, Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)
    make.change(held, by=asker)
    first = call("GET", "/stores/my-shop/print-queue?limit=2").json
    assert [(row["orders"][0]["number"], row["group"], row["is_first"]) for row in first["items"]] == [
        (changed.number, "changed", True), (plain.number, "printable", False),
    ]  # fmt: skip
    assert first["items"][0]["change_ids"] == [str(change.id)]
    assert (first["total"], first["groups"]) == (3, {"ready": 2, "changed": 1, "held": 1})
    rest = call("GET", f"/stores/my-shop/print-queue?limit=2&cursor={first['next']}").json
    assert [(row["reasons"], row["hold_until"] is not None) for row in rest["items"]] == [
        (["unconfirmed_change"], True)
    ]
    assert rest["next"] is None
    assert call("GET", "/stores/nobody/print-queue").status_code == 404


def test_a_run_is_made_once_for_a_key_and_names_codes_that_count(call):
    order = make.order()
    parcel_id = make.parcel(order).id
    body = {"parcels": [str(parcel_id)], "batch": "W231", "paper": "label", "parts": "note"}
    first, again = (call("POST", "/print-runs", body, key="k") for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    assert first.headers["Location"].endswith(f"/print-runs/{first.json['id']}")
    code = parcels.paper_code(parcel_id, 1)
    assert first.json["parcels"] == [
        {"parcel_id": str(parcel_id), "version": 1, "position": 1, "code": code, "is_valid": True}
    ]
    assert make.parcel(order).stage is Stage.PRINTED
    once_more = call("POST", f"/parcels/{parcel_id}/reprints", {"why": "lost"}, key="r")
    assert (once_more.status_code, once_more.json["why"], once_more.json["parcels"][0]["version"]) == (201, "lost", 2)
    shown = call("GET", f"/print-runs/{first.json['id']}").json
    assert shown["parcels"][0]["is_valid"] is False


def test_a_refusal_names_each_parcel_with_its_codes(call):
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE))
    parcel_id = str(make.parcel(order).id)
    answer = call("POST", "/print-runs", {"parcels": [parcel_id]}, key="k")
    assert (answer.status_code, answer.json["error"]) == (409, "not_printable")
    assert answer.json["facts"]["parcels"] == {parcel_id: ["unconfirmed_change"]}
    held = call("POST", f"/parcels/{parcel_id}/reprints", {"why": "torn"}, key="r")
    assert (held.status_code, held.json["error"]) == (409, "held")
    assert call("POST", "/print-runs", {"parcels": [parcel_id]}).status_code == 400  # a key is required
