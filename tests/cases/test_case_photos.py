"""Photos of a case: pasted on its page, sent through the API, served to nobody else."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from shopdesk.cases import queries, service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind
from shopdesk.core import pictures
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.core.test_pictures import png_head
from tests.desk.pages import EN, fields
from tests.racing import outcomes

COLOURS = ("red", "green", "blue", "white", "black", "teal", "gold", "pink", "gray", "navy")
CHOOSE_AGAIN = "please choose them again"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'


def opened(where=None):
    order = make.order(where)
    make.fact(order, Stage.SHIPPED)
    boss = make.actor(Role.SUPERVISOR, store_id=order.store_id)
    return service.record(order.id, Application(CaseKind.DAMAGE, "碎了"), actor=boss)


def drawn(*colours):
    return [pictures.tidy(make.photo(colour=colour)) for colour in colours]


def post(browser, page, path, *files):
    sent = fields(page, path) | {"photos": [(io.BytesIO(content), name) for name, content in files]}
    return browser.post(path, data=sent, content_type="multipart/form-data")


@pytest.fixture
def agent(app, sign_in):
    return sign_in(make.person(Role.AFTER_SALE))


@pytest.mark.mission("M089")
def test_a_photo_that_is_sent_is_shown_on_the_case_without_its_place_and_cannot_run(agent):
    case = opened()
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (31.0, 18.0, 1.0)
    target = io.BytesIO()
    Image.new("RGB", (3000, 1500), "teal").save(target, "JPEG", exif=exif)
    page = agent.get(f"/cases/{case.id}")
    answer = post(agent, page, f"/cases/{case.id}/photos", ("kitchen.jpg", target.getvalue() + b"<script>"))
    assert answer.status_code == 303, answer.text
    (row,) = queries.photos_of(case)
    address = f"/cases/{case.id}/photos/{row.id}"
    assert address in agent.get(f"/cases/{case.id}").text
    shown = agent.get(address)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    kept = Image.open(io.BytesIO(shown.data))
    assert (kept.size, dict(kept.getexif())) == ((2048, 1024), {})
    assert b"<script>" not in shown.data
    headers = shown.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Content-Disposition"].startswith("inline;")
    assert headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", SVG),
        ("photo.png", b"<html><script>alert(1)</script></html>"),
        ("flood.png", png_head(10_000, 10_000)),
        ("cut.jpg", make.photo(size=(400, 400))[:500]),
    ],
    ids=["svg", "html", "hundred_megapixels", "cut_off"],
)
def test_what_is_no_sound_photo_is_refused_by_name_and_nothing_is_kept(agent, name, content):
    case = opened()
    page = agent.get(f"/cases/{case.id}")
    answer = post(agent, page, f"/cases/{case.id}/photos", ("fine.jpg", make.photo()), (name, content))
    assert answer.status_code == 422
    assert name in answer.text
    assert queries.photos_of(case) == []


def test_an_application_brings_its_photos_along_and_a_bad_one_keeps_the_form(agent):
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    page, action = agent.get(f"/orders/{order.id}/cases/new"), f"/orders/{order.id}/cases"
    sent = fields(page, action) | {"reason": "damaged", "answer-damaged-box_state": "湿了"}
    assert CHOOSE_AGAIN not in page.text
    mixed = [(io.BytesIO(make.photo()), "fine.jpg"), (io.BytesIO(SVG), "x.svg")]
    bad = agent.post(action, data=sent | {"photos": mixed}, headers=EN)
    assert bad.status_code == 422
    assert CHOOSE_AGAIN in bad.text, "a browser keeps no files: the sound ones have to be chosen again"
    assert fields(bad, action)["answer-damaged-box_state"] == "湿了"
    files = [(io.BytesIO(make.photo(colour=c)), f"{c}.jpg") for c in ("red", "blue")]
    assert agent.post(action, data=sent | {"photos": files}).status_code == 303
    (row,) = queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE))
    assert len(queries.photos_of(queries.case_by_id(row.id, make.actor(Role.AFTER_SALE)))) == 2


def test_a_case_has_at_most_nine_photos_and_the_same_one_counts_once(app):
    case, agent = opened(), make.actor(Role.PRE_SALE)
    service.add_photos(case.id, drawn(*COLOURS[:8]), actor=agent)
    service.add_photos(case.id, drawn("red", "green"), actor=agent)
    assert len(queries.photos_of(case)) == 8
    with pytest.raises(DomainError) as refused:
        service.add_photos(case.id, drawn(*COLOURS[8:]), actor=agent)
    assert (refused.value.code, len(queries.photos_of(case))) == ("too_many_photos", 8)
    service.close(case.id, "寄了新的", actor=make.actor(Role.SUPERVISOR))
    with pytest.raises(DomainError) as refused:
        service.add_photos(case.id, drawn("navy"), actor=agent)
    assert refused.value.code == "case_closed"


@pytest.mark.both_engines
def test_two_who_add_the_ninth_photo_at_once_do_not_make_ten(app):
    case_id = opened().id
    people = [make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)]
    service.add_photos(case_id, drawn(*COLOURS[:8]), actor=people[0])
    found = outcomes(
        app,
        lambda: service.add_photos(case_id, drawn("gray"), actor=people[0]),
        lambda: service.add_photos(case_id, drawn("navy"), actor=people[1]),
    )
    assert sorted(each if each == "ok" else each.code for each in found) == ["ok", "too_many_photos"]


def test_a_photo_is_shown_only_to_who_reads_its_case(app, sign_in):
    mine, other = opened(), opened(make.store("other"))
    boss = make.actor(Role.SUPERVISOR)
    service.add_photos(mine.id, drawn("red"), actor=boss)
    service.add_photos(other.id, drawn("red"), actor=boss)
    (first,), (second,) = queries.photos_of(mine), queries.photos_of(other)
    assert first.sha256 == second.sha256
    reader = sign_in(make.person(Role.AFTER_SALE, store_id=mine.store_id))
    assert reader.get(f"/cases/{mine.id}/photos/{first.id}").status_code == 200
    assert reader.get(f"/cases/{mine.id}/photos/{second.id}").status_code == 404
    assert reader.get(f"/cases/{other.id}/photos/{second.id}").status_code == 404
    for role in (Role.WAREHOUSE, Role.PRINTING, Role.MANAGER, Role.FINANCE):
        assert sign_in(make.person(role)).get(f"/cases/{mine.id}/photos/{first.id}").status_code == 403
    pictures.path_of(first.sha256).unlink()
    assert reader.get(f"/cases/{mine.id}/photos/{first.id}").status_code == 404


def test_photos_go_in_and_out_through_the_api(app, api):
    case, agent = opened(), api(make.person(Role.AFTER_SALE))
    path = f"/api/v1/cases/{case.id}/photos"

    def sent(**more):
        return agent.client.post(path, headers=agent.headers, **more)

    made = sent(data=make.photo("PNG"), content_type="image/png")
    assert made.status_code == 201, made.text
    two = {"photos": [(io.BytesIO(make.photo(colour=c)), "p.jpg") for c in ("red", "blue")]}
    assert len(sent(data=two).json["items"]) == 3
    (item, *_rest) = agent("GET", f"/cases/{case.id}/photos").json["items"]
    assert (item["width"], item["height"]) == (48, 32)
    shown = agent("GET", f"/cases/{case.id}/photos/{item['id']}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    refused = sent(data=SVG, content_type="image/jpeg")
    assert (refused.status_code, refused.json["error"]) == (422, "not_a_picture")
    assert sent(data={"files": (io.BytesIO(make.photo()), "p.jpg")}).status_code == 400
    narrow = api(make.person(Role.AFTER_SALE), "case:read", "order:read")
    assert narrow("GET", f"/cases/{case.id}/photos").status_code == 403
