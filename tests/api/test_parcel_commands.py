"""Printing, packing and shipping one parcel by its id: the same guards as the queue's and the scans'."""

import pytest

from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import invariants, make


@pytest.fixture
def parcel(app):
    make.store()
    return make.parcel(make.order())


def stage(parcel):
    return parcels.parcel_by_id(parcel.id, parcel.store_id).stage


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_parcel_is_printed_packed_and_shipped_by_its_id_once_for_a_key(api, parcel):
    clerk, hands = api(make.person(Role.PRINTING)), api(make.person(Role.WAREHOUSE))
    at = f"/parcels/{parcel.id}"
    first, again = (clerk("POST", f"{at}/printing", {"batch": "W231"}, key="p") for _ in range(2))
    assert (first.status_code, first.json, first.json["batch"]) == (201, again.json, "W231")
    assert first.headers["Location"].endswith(f"/print-runs/{first.json['id']}")
    for command, reached in (("packing", Stage.PACKED), ("shipping", Stage.SHIPPED)):
        done = hands("POST", f"{at}/{command}", {}, key=command)
        assert (done.status_code, done.json["result"], stage(parcel)) == (200, "ok", reached)
        assert done.json["parcel"]["id"] == str(parcel.id)
    assert hands("POST", f"{at}/shipping", {}, key="s2").json["result"] == "already"
    assert invariants.broken(parcel.store_id) == []


@pytest.mark.parametrize("command", ["printing", "packing", "shipping"])
def test_a_held_parcel_goes_nowhere_and_the_codes_say_why(api, parcel, command):
    make.change(parcels.orders_in_parcel(parcel.id, parcel.store_id)[0], by=make.actor(Role.PRE_SALE))
    call = api(make.person(Role.PRINTING if command == "printing" else Role.WAREHOUSE))
    refused = call("POST", f"/parcels/{parcel.id}/{command}", {}, key="k")
    assert (refused.status_code, stage(parcel)) == (409, Stage.UNPRINTED)
    said = refused.json["facts"]
    assert refused.json["error"] == "not_printable" if command == "printing" else "open_change" in said["reasons"]


def test_one_that_has_left_stays_as_it_is_and_one_that_nobody_knows_does_not_exist(api, parcel):
    hands = api(make.person(Role.WAREHOUSE))
    make.fact(parcels.orders_in_parcel(parcel.id, parcel.store_id)[0], Stage.PACKED)
    assert hands("POST", f"/parcels/{parcel.id}/shipping", {}, key="s").json["result"] == "ok"
    assert hands("POST", f"/parcels/{parcel.id}/packing", {}, key="a").json["result"] == "already"
    assert hands("POST", "/parcels/999999/packing", {}, key="b").status_code == 404
    assert hands("POST", f"/parcels/{parcel.id}/packing", {}).status_code == 400  # a key is required
    assert hands("POST", f"/parcels/{parcel.id}/packing", {"stage": "packed"}, key="c").status_code == 400
    assert hands("POST", f"/parcels/{parcel.id}/printing", {}, key="d").status_code == 403
