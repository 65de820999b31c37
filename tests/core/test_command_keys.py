"""Command keys: one effect and one answer, whoever repeats it and however quickly."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import g
from sqlalchemy import func, select

from shopdesk.core import audit, clock, idempotency, outbox
from shopdesk.core.db import command, db
from shopdesk.core.errors import KeyReused, Malformed, RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.outbox import OutboxItem
from shopdesk.web.once import once
from tests import make

pytestmark = [pytest.mark.both_engines]


@pytest.fixture
def who(app):
    return make.actor()


@command
def _act(who):
    outbox.put("test")
    audit.record("test.done", "test", 1, who)


def _count():
    return db.session.scalar(select(func.count()).select_from(OutboxItem))


def effects():
    db.session.rollback()  # see what the others committed
    return _count()


def send(app, who, key="k", print_="p", before=None):
    """One submit, in a request of its own."""

    def act():
        _act(who)
        return Answer(201, {"n": _count()}, "/there")

    with app.app_context(), app.test_request_context():
        g.actor = who
        if before:
            before()
        try:
            return once(key, print_, act)
        finally:
            db.session.rollback()


def test_a_repeat_gets_the_first_answer_and_has_no_effect(app, who):
    first = send(app, who)
    assert send(app, who) == first == Answer(201, {"n": 1}, "/there")
    assert effects() == 1


def test_the_same_key_with_another_body_is_refused(app, who):
    send(app, who)
    with pytest.raises(KeyReused):
        send(app, who, print_="another body")
    assert effects() == 1


def test_another_key_is_another_submit_and_another_person_has_keys_of_their_own(app, who):
    send(app, who)
    send(app, who, key="k2")
    send(app, make.actor())
    assert effects() == 3


@pytest.mark.parametrize("key", ["", "x" * 129])
def test_a_key_that_is_empty_or_too_long_is_refused(app, who, key):
    with pytest.raises(Malformed):
        send(app, who, key=key)
    assert effects() == 0


def test_a_refused_submit_uses_up_no_key(app, who):
    def refuse():
        raise RuleViolation("no")

    with app.test_request_context():
        g.actor = who
        with pytest.raises(RuleViolation):
            once("k", "p", refuse)
        db.session.rollback()
    send(app, who)
    assert effects() == 1


def at_once(app, who, count=4):
    gate = Barrier(count)

    def one(_):
        return send(app, who, before=gate.wait)

    db.session.rollback()
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_several_submits_at_the_same_moment_one_has_an_effect_and_all_get_its_answer(app, who):
    answers = at_once(app, who)
    assert effects() == 1
    assert {a.body["n"] for a in answers} == {1}


def test_without_the_keys_every_one_of_them_has_an_effect(app, who, monkeypatch):
    """The control: the same race with the guard taken out."""
    monkeypatch.setattr(idempotency, "recall", lambda *_: None)
    monkeypatch.setattr(idempotency, "remember", lambda *_: None)
    at_once(app, who)
    assert effects() == 4


def test_old_keys_are_forgotten_and_young_ones_kept(app, who, monkeypatch):
    send(app, who)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=idempotency.KEEP_DAYS - 1))
    assert idempotency.forget_old() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=idempotency.KEEP_DAYS + 1))
    assert idempotency.forget_old() == 1
