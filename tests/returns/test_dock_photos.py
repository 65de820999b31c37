"""Photos of a parcel at the dock: by the page, by the API, at most nine, seen by who sees the parcel."""

from __future__ import annotations

import io

import pytest

from shopdesk.core import pictures
from shopdesk.core.errors import NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from tests import make
from tests.desk.pages import fields

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'


def parcel(code="ZT990001"):
    house = make.store().warehouse_id
    clerk = make.actor(Role.WAREHOUSE, signature="大刘")
    return service.sign_in(code, house, actor=clerk).arrival, clerk


def shots(count, start=0):
    return [pictures.tidy(make.photo("PNG", (40 + n, 30))) for n in range(start, start + count)]


def test_a_parcel_has_at_most_nine_photos_and_the_same_one_counts_once(app):
    arrival, clerk = parcel()
    service.add_photos(arrival.id, shots(9), actor=clerk)
    service.add_photos(arrival.id, shots(1), actor=clerk)
    assert len(docks.photos(arrival)) == 9
    with pytest.raises(RuleViolation) as refused:
        service.add_photos(arrival.id, shots(1, 9), actor=clerk)
    assert refused.value.code == "too_many_photos"


def test_only_who_inspects_adds_photos_and_one_of_another_parcel_is_not_there(app):
    (arrival, clerk), (other, _) = parcel(), parcel("ZT990002")
    with pytest.raises(NotAllowed):
        service.add_photos(arrival.id, shots(1), actor=make.actor(Role.AFTER_SALE))
    service.add_photos(other.id, shots(1), actor=clerk)
    with pytest.raises(NotFound):
        docks.photo(arrival, docks.photos(other)[0].id)
    assert docks.photos(arrival) == []


def test_a_photo_sent_to_the_page_is_shown_there_and_an_svg_is_refused(sign_in):
    arrival, _clerk = parcel()
    path = f"/dock/arrivals/{arrival.id}"
    clerk = sign_in(make.person(Role.WAREHOUSE))
    sent = fields(clerk.get(path), f"{path}/photos")
    bad = clerk.post(f"{path}/photos", data=sent | {"photos": [(io.BytesIO(SVG), "box.svg")]})
    assert bad.status_code == 422
    assert "box.svg" in bad.text
    good = clerk.post(f"{path}/photos", data=sent | {"photos": [(io.BytesIO(make.photo()), "box.jpg")]})
    assert good.status_code == 303
    (row,) = docks.photos(arrival)
    assert f"{path}/photos/{row.id}" in clerk.get(path).text
    shown = clerk.get(f"{path}/photos/{row.id}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_photos_are_sent_and_listed_by_the_api(browser):
    arrival, _clerk = parcel()
    path, client = f"/api/v1/arrivals/{arrival.id}/photos", browser()
    headers = {"Authorization": f"Bearer {make.api_token(make.person(Role.WAREHOUSE))}"}
    sent = client.post(path, data={"photos": [(io.BytesIO(make.photo()), "a.jpg")]}, headers=headers)
    assert sent.status_code == 201, sent.text
    (item,) = client.get(path, headers=headers).json["items"]
    assert client.get(f"{path}/{item['id']}", headers=headers).mimetype == "image/jpeg"
    alone = client.post(path, data=make.photo(colour="red"), content_type="image/jpeg", headers=headers)
    assert (alone.status_code, len(alone.json["items"])) == (201, 2)
