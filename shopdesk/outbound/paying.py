"""The worker's part of a payout: the place is called between two commits, never inside one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import structlog

from shopdesk.core.permissions import Actor
from shopdesk.refunds import service as refunds
from shopdesk.refunds.states import Act, Answer, Outcome, Payout, PlaceRules

log = structlog.get_logger()


class Place(Protocol):
    """As much of a place as the worker needs (connectors.places)."""

    rules: PlaceRules

    def send(self, payout: Payout) -> Answer: ...

    def ask(self, number: str) -> Answer: ...


def pay_out(store_id: int, payout_id: int, places: Mapping[str, Place]) -> bool:
    """Take a payout on by one act, if one is due; whether there was one.

    Whatever goes wrong on the way to the place means that nobody knows (trust.md rule 9).
    """
    actor = Actor.system([store_id])
    promised = {name: place.rules for name, place in places.items()}
    task = refunds.begin(payout_id, store_id, promised, actor=actor)
    if task is None:
        return False
    place = places[task.place]
    answer = _called(place, task)
    refunds.settle(task, answer, place.rules, actor=actor)
    return True


def _called(place: Place, task: refunds.Task) -> Answer:
    try:
        return place.send(task.payout) if task.act is Act.SEND else place.ask(task.payout.number)
    except Exception as error:
        log.error("place_failed", place=task.place, payout=task.payout_id, kind=type(error).__name__)
        return Answer(Outcome.UNKNOWN, type(error).__name__)
