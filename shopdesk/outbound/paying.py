"""The worker's part of a payout: the place is called between two commits, never inside one."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import current_app

from shopdesk.connectors.places import Place, checked, ours
from shopdesk.core import clock, pausing
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.refunds import queries
from shopdesk.refunds import service as refunds
from shopdesk.refunds.states import Act, Answer, Outcome, Payout
from shopdesk.staff import queries as staff

log = structlog.get_logger()


class Unanswered(Exception):
    """A place was asked and did not say."""


def pay_out(store_id: int, payout_id: int, places: Mapping[str, Place]) -> bool:
    """Take a payout on by one act, if one is due; whether there was one.

    Whatever goes wrong on the way to the place means that nobody knows (trust.md rule 9).
    """
    actor = Actor.system([store_id])
    promised = {name: place.rules for name, place in places.items()}
    pause = pause_now()
    task = refunds.begin(payout_id, store_id, promised, actor=actor, paused_at=pause.at if pause else None)
    if task is None:
        return False
    pausing.note(current_app.config["DATA"], task.attempt_id)
    place = places[task.place]
    answer = _called(place, task)
    refunds.settle(task, answer, place.rules, actor=actor)
    return True


def pause_now() -> pausing.Pause | None:
    """The pause that holds; a database that knows fewer sendings than were made from here begins one (trust.md R21)."""
    folder = current_app.config["DATA"]
    there = pausing.paused(folder)
    if there is None and pausing.has_gone_back(folder, queries.newest_attempt()):
        log.error("payouts_paused", why="restored")
        there = pausing.pause(folder, pausing.Why.RESTORED)
    return there


def _called(place: Place, task: refunds.Task) -> Answer:
    try:
        if task.act is Act.SEND:
            return place.send(task.payout)
        return checked(place.ask(task.payout.number), task.payout)
    except Exception as error:
        log.error("place_failed", place=task.place, payout=task.payout_id, kind=type(error).__name__)
        return Answer(Outcome.UNKNOWN, type(error).__name__)


def pay_what_is_due() -> int:
    """Every payout that is due, once; how many there were.  A payout that spoils its turn spoils no other's."""
    done = 0
    for store_id, payout_id in queries.due_payouts(staff.all_store_ids(), clock.now()):
        try:
            done += pay_out(store_id, payout_id, ours())
        except Exception as error:
            db.session.rollback()
            log.error("payout_failed", payout=payout_id, kind=type(error).__name__)
    return done


def look_at(number: str | None) -> None:
    """A place told of one of our numbers: it is asked, and what it says is taken in where it is final.

    Raises Unanswered where it does not say, so that the outbox comes back to it.
    """
    payout = queries.payout_numbered(number) if number else None
    place = ours().get(payout.place) if payout else None
    if payout is None or place is None:
        return  # a refund that was not made here: the place's list brings it
    store_id, payout_id = payout.store_id, payout.id
    meant = Payout(payout.number, payout.amount_minor, payout.currency)
    db.session.rollback()  # no transaction is open while somebody outside is asked
    answer = checked(place.ask(meant.number), meant)
    if answer.outcome is Outcome.UNKNOWN and not answer.look:
        raise Unanswered(meant.number)
    refunds.learn(payout_id, store_id, answer, place.rules, actor=Actor.system([store_id]))


def order_at_platform(store_id: int, payout_id: int) -> int | None:
    """The order of a payout that the platform makes; None of any other."""
    payout = queries.payout_in(payout_id, store_id)
    order_id = payout and payout.place == "platform" and queries.order_of_payout(payout)
    db.session.rollback()
    return order_id or None
