"""Rows of before migration 0031 say since when they wait, as commands keep it from then on."""

import importlib

import pytest
from sqlalchemy import text

from shopdesk.changes.models import Step
from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from tests import make, worlds
from tests.invariants import rows, rules_broken

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]
migration = importlib.import_module("migrations.versions.0031_waiting_since")


def test_the_migration_fills_what_a_command_would_have_kept():
    store = make.store()
    asker = make.actor(Role.PRE_SALE)
    make.change(make.order(), by=asker)
    make.change(make.order(), by=asker, yes=True)
    gone = make.change(make.order(lines=(make.line(price_minor=900),)), Kind.CANCEL, {}, by=asker)
    worlds.do(gone, "void", make.actor(Role.PRINTING))
    store_id = store.id
    kept = {step.id: step.waits_since for step in rows(Step, store_id)}
    assert sum(since is not None for since in kept.values()) >= 3
    assert rules_broken(store_id) == []
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE step SET waits_since = NULL"))
        connection.execute(text(migration.FILL))
    db.session.rollback()
    assert {step.id: step.waits_since for step in rows(Step, store_id)} == kept
