"""Clerks who check the same list at the same moment."""

import pytest

from shopdesk.changes import service
from shopdesk.core import db as database
from shopdesk.core.permissions import Role
from tests import make
from tests.racing import race

pytestmark = pytest.mark.both_engines


def test_checks_of_one_list_at_once_never_wait_for_each_other_in_a_circle(app, monkeypatch):
    numbers = [make.order().number for _ in range(12)]
    clerk = make.actor(Role.PRINTING)
    collisions = []
    asked = database.collided
    monkeypatch.setattr(database, "collided", lambda error: collisions.append(error) or asked(error))
    for _ in range(3):
        outcomes = race(app, *[lambda: service.make_check(numbers, actor=clerk)] * 4)
        assert list(outcomes) == ["ok"] * 4
    assert collisions == []
