"""A reported time in the future: never refused, it counts as now and the answer says so (domain §3a D1)."""

from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import make

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]


def test_a_fact_of_the_future_is_recorded_as_of_now_with_a_warning_and_its_replay_says_the_same(api):
    order, other = make.order(), make.order()
    now = clock.now()
    said, as_of = (now + timedelta(hours=3)).isoformat(), (now + timedelta(days=400)).isoformat()
    items = [
        {"order": order.number, "stage": "printed", "happened_at": said},
        {"order": other.number, "stage": "printed", "happened_at": (now - timedelta(minutes=1)).isoformat()},
    ]
    shop, body = api(make.person(Role.INTEGRATION)), {"as_of": as_of, "items": items}
    answer = shop("POST", "/stores/my-shop/facts", body, key="k")
    assert answer.status_code == 200
    late, fine = answer.json["items"]
    assert [w["code"] for w in answer.json["warnings"]] == ["as_of_in_future"]
    assert [w["code"] for w in late["warnings"]] == ["happened_in_future"]
    assert late["warnings"][0]["said"][:16] == said[:16]
    assert (late["refused"], late["facts"][0]["effect"], fine["warnings"]) == (None, "moved", [])
    fact = parcels.facts([make.parcel(order).id], order.store_id)[0]
    assert (fact.stage, make.parcel(order).stage) == (Stage.PRINTED, Stage.PRINTED)
    assert now <= fact.happened_at <= clock.now()
    anew = shop("POST", "/stores/my-shop/facts", body | {"items": items[1:]}, key="another").json
    assert anew["items"][0]["facts"][0]["effect"] == "known"
    again = shop("POST", "/stores/my-shop/facts", body, key="k").json
    assert again["items"] == answer.json["items"]
    assert len(parcels.facts([make.parcel(order).id], order.store_id)) == 1
