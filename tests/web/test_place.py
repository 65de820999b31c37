"""Switching the language or the store leads back to the page one sees, also after a refused submit."""

import pytest

from shopdesk.core.permissions import Role
from tests import make
from tests.desk.pages import fields

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def desk(sign_in):
    make.store()
    make.store("second-shop")
    return sign_in(make.person(Role.PRE_SALE, Role.PRINTING))


def refused_submits():
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    page, notice = f"/orders/{order.id}", "/inbox"
    return [
        (f"/changes/{change.id}/withdraw", page),
        (f"/changes/{change.id}/steps/99", page),
        (f"/orders/{order.id}/memos", page),
        (f"/orders/{order.id}/changes/invoice", f"/orders/{order.id}/changes/invoice"),
        (f"{notice}/acknowledge?kind=change", f"{notice}?kind=change"),
        ("/print-check", "/print-check"),
    ]


def test_the_language_can_be_switched_after_a_refused_submit(desk):
    for address, page in refused_submits():
        token = make.token(desk.get("/"))
        refused = desk.post(address, data={"csrf_token": token})
        assert refused.status_code in {409, 422}, (address, refused.status_code)
        answer = desk.post("/language", data={**fields(refused, "/language"), "language": "en"})
        assert answer.location == page
        assert desk.get(answer.location).status_code == 200


def test_the_store_can_be_switched_after_a_refused_submit(desk):
    for address, page in refused_submits():
        refused = desk.post(address, data={"csrf_token": make.token(desk.get("/"))})
        assert f'<form method="get" action="{page.partition("?")[0]}">' in refused.text, address


def test_another_store_keeps_what_was_looked_for_but_not_the_place_in_the_list(desk):
    make.order()
    page = desk.get("/?q=张伟&show=red&before=900&store=1").text
    form = page.split('<form method="get" action="/">')[1].split("</form>")[0]
    assert '<input type="hidden" name="q" value="张伟">' in form
    assert '<input type="hidden" name="show" value="red">' in form
    assert "before" not in form
    assert 'type="hidden" name="store"' not in form
