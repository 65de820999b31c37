"""What a source says first, said twice at one moment: no word about the outside is refused (I11, domain.md §3a)."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.feeds import queries, service
from shopdesk.feeds.models import FeedKind
from shopdesk.reconciling import service as reconciling
from tests import make
from tests.racing import race


@pytest.mark.both_engines
def test_the_first_two_words_of_a_source_come_at_one_moment_and_both_are_heard(app, monkeypatch):
    store_id, now = make.store().id, clock.now()
    actor = make.actor(Role.INTEGRATION, store_id=store_id)
    both, look = threading.Barrier(2), service._locked

    def look_and_wait(*asked):
        found = look(*asked)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)  # SQLite lets one in at a time: nobody comes
        return found

    monkeypatch.setattr(service, "_locked", look_and_wait)
    calls = [
        lambda hours=hours: reconciling.note_list(store_id, "erp", as_of=now - timedelta(hours=hours), actor=actor)
        for hours in (2, 1)
    ]
    assert race(app, *calls) == ["ok", "ok"]
    monkeypatch.undo()
    (feed,) = [one for one in queries.feeds_in(store_id) if one.kind is FeedKind.REFUNDS]
    assert feed.as_of == now - timedelta(hours=1)
