"""A change on an order that the file calls unprinted, and the word that its papers were printed before: the alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.changes import service as changes
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from tests import make
from tests.journeys.shop import look

pytestmark = pytest.mark.browser


@pytest.mark.mission("M032")
def test_papers_printed_before_the_change_ring_in_the_inbox(app, api, window):
    order = make.order(as_of=clock.now() - timedelta(minutes=35))  # the file
    asker, clerk = make.person(Role.PRE_SALE), make.person(Role.PRINTING)
    make.change(order, by=make.queries.actor_for(asker, channel="page"), yes=True)
    noted = make.notices(order)[0].id
    changes.answer_notice(noted, Answer.NOT_PRINTED, actor=make.queries.actor_for(clerk, channel="page"))
    number, path = order.number, f"/orders/{order.id}"
    db.session.rollback()

    mine, theirs = window(asker, "en", "narrow"), window(clerk, "zh-CN", "wide")
    mine.go(path)
    assert not mine.page.locator(".sd-next").count()
    theirs.go("/inbox")
    assert not theirs.page.locator(".sd-notices .sd-bad").count()

    _report_printed(api, number)

    for screen in (mine, theirs):
        screen.go("/inbox")
        card = screen.page.locator(".sd-notices > .sd-bad").first
        assert card.locator("[data-open]").get_attribute("aria-label") == number
        look(screen)
    page = mine.go(path)
    assert page.locator(".sd-next").count() == 1
    assert page.locator("ol.sd-stage .is-now").count() == 1
    look(mine, in_dark=True)


def _report_printed(api, number):
    """The shop's own system says of half past one what it hears at half past two."""
    shop = api(make.person(Role.INTEGRATION))
    printed_at = (clock.now() - timedelta(minutes=20)).isoformat()
    items = [{"order": number, "stage": "printed", "happened_at": printed_at, "batch": "W7"}]
    told = shop("POST", "/stores/my-shop/facts", {"as_of": clock.now().isoformat(), "origin": "ERP", "items": items})
    assert told.status_code == 200, told.json
    assert told.json["items"][0]["facts"][0]["effect"] == "moved"
    db.session.rollback()
