"""Random parcels, findings, corrections and decisions: quantities in = quantities decided, and I3, I4 hold."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.returns import service
from shopdesk.returns.models import Arrival
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import Decided, booking
from shopdesk.returns.states import Disposal, Grade, Identity, ReturnState
from tests import make
from tests.returns import rows

pytestmark = pytest.mark.usefixtures("app")
_next = itertools.count(1)
EXAMPLES = 60 if "SHOPDESK_CI" in os.environ else 12
UNITS = st.integers(1, 4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("inspect"), st.integers(0, 2), st.integers(0, 4), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("correct"), st.integers(0, 2), st.integers(0, 4), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("put"), st.integers(0, 2), st.integers(1, 3), st.just(0), st.booleans()),
        st.tuples(st.just("give_up"), st.integers(0, 1), st.just(0), st.just(0), st.booleans()),
        st.tuples(st.just("cancel"), st.integers(0, 1), st.just(0), st.just(0), st.booleans()),
    ),
    max_size=10,
)


class Dock:
    """Two returns of one order and three parcels, each matched with one or both."""

    def __init__(self, clerk: Actor, first: int, second: int) -> None:
        self.clerk = clerk
        self.order = rows.shipped(lines=(make.line(quantity=first + second),))
        self.backs = [rows.back(self.order, {1: first}), rows.back(self.order, {1: second})]
        house = docks.warehouses_of(clerk)[0].id
        self.parcels: list[Arrival] = []
        for number in range(3):
            arrival = service.sign_in(f"SF{next(_next)}", house, actor=clerk).arrival
            assert arrival
            for back in self.backs[number % 2 :]:
                service.match(arrival.id, back.id, actor=clerk)
            self.parcels.append(docks.load_arrival(arrival.id, clerk))
        self.put_in: dict[int, int] = {}  # parcel → units that its newest inspection counted

    def act(self, what: str, which: int, right: int, strange: int, *, flag: bool) -> None:
        """One act; what the desk refuses leaves everything as it was."""
        try:
            getattr(self, what)(which, right, strange, flag=flag)
        except DomainError:
            db.session.rollback()

    def _found(self, which: int, right: int, strange: int, *, flag: bool) -> list[Found]:
        back = self.backs[1] if which == 1 or flag else self.backs[0]
        grade = Grade.C if flag else Grade.A
        found = [Found(Identity.RIGHT, right, rows.lines(back)[0].id, grade, has_defect=flag)] if right else []
        return found + [Found(Identity.UNEXPECTED, 1, None, Grade.B, title="伞")] * strange

    def inspect(self, which: int, right: int, strange: int, *, flag: bool) -> None:
        service.inspect(self.parcels[which].id, self._found(which, right, strange, flag=flag), actor=self.clerk)
        self.put_in[which] = right + strange

    def correct(self, which: int, right: int, strange: int, *, flag: bool) -> None:
        arrival = docks.load_arrival(self.parcels[which].id, self.clerk)
        found = self._found(which, right, strange, flag=flag)
        service.correct(arrival.id, found, seen_version=arrival.version, actor=self.clerk)
        self.put_in[which] = right + strange

    def put(self, which: int, units: int, _none: int, *, flag: bool) -> None:
        place = Disposal.SCRAP if flag else Disposal.RESTOCK
        for row in docks.findings(self.parcels[which])[:1]:
            service.dispose(self.parcels[which].id, [Decided(row.id, place, units)], actor=self.clerk)

    def give_up(self, which: int, *_none: Any, flag: bool) -> None:
        if flag and rows.back_state(self.backs[which]) is not ReturnState.CANCELLED:
            rows.give_up(self.backs[which])

    def cancel(self, which: int, *_none: Any, flag: bool) -> None:
        if flag and rows.back_state(self.backs[which]) is ReturnState.CONFIRMED:
            rows.cancel(self.backs[which])

    def put_all_away(self) -> None:
        for arrival in self.parcels:
            for row in docks.findings(arrival):
                db.session.refresh(row)
                if row.disposed < row.quantity:
                    left = Decided(row.id, Disposal.SCRAP, row.quantity - row.disposed)
                    service.dispose(arrival.id, [left], actor=self.clerk)

    # -- what never breaks

    def broken(self) -> list[str]:
        db.session.rollback()
        return [*self._lines(), *self._parcels(), *self._states()]

    def _standing(self) -> list[Any]:
        found = [row for arrival in self.parcels for row in docks.findings(arrival)]
        for row in found:
            db.session.refresh(row)
        return found

    def _lines(self) -> list[str]:
        said = []
        right: Counter[int] = Counter()
        for row in self._standing():
            if row.identity is Identity.RIGHT:
                right[row.return_line_id] += row.quantity
        arrived = awaited = 0
        for back in self.backs:
            (line,) = rows.lines(back)
            arrived += line.arrived
            is_off = rows.back_state(back) is ReturnState.CANCELLED
            awaited += 0 if is_off else line.expected - line.arrived - line.given_up
            if right[line.id] != line.arrived:
                said.append(f"found {right[line.id]} right, counted {line.arrived}")
        ((shipped, in_return, returned),) = rows.order_units(self.order)
        if (in_return, returned) != (awaited, arrived) or in_return + returned > shipped:
            said.append(f"order line says {in_return}, {returned}; the returns {awaited}, {arrived}")
        return said

    def _parcels(self) -> list[str]:
        said = []
        for number, arrival in enumerate(self.parcels):
            found = docks.findings(arrival)
            there = sum(row.quantity for row in found)
            if there != self.put_in.get(number, 0):
                said.append(f"{self.put_in.get(number, 0)} came in, {there} were written down")
            placed = docks.dispositions([row.id for row in found])
            for row in found:
                gone = sum(one.quantity for one in placed if one.finding_id == row.id)
                if gone != row.disposed or gone > row.quantity:
                    said.append(f"{gone} went somewhere, {row.disposed} of {row.quantity} were counted")
        return said

    def _states(self) -> list[str]:
        rest = [row.return_line_id for row in self._standing() if row.disposed < row.quantity]
        said = []
        for back in self.backs:
            (line,) = rows.lines(back)
            is_done = line.arrived and line.arrived + line.given_up == line.expected and line.id not in rest
            if rows.back_state(back) is ReturnState.DISPOSED and not is_done:
                said.append("disposed, but units of it are still to be decided")
        return said


def play(first: int, second: int, acts: list[tuple[Any, ...]]) -> list[str]:
    clerk = Actor(make.person().id, "w", "w", {make.store().id: frozenset({Role.WAREHOUSE})})
    dock = Dock(clerk, first, second)
    for what, which, right, strange, flag in acts:
        dock.act(what, which, right, strange, flag=flag)
        if said := dock.broken():
            return [f"after {what}: {line}" for line in said]
    dock.put_all_away()
    left = [row for row in dock._standing() if row.disposed != row.quantity]
    return [*dock.broken(), *(f"{row.quantity - row.disposed} went nowhere" for row in left)]


@pytest.mark.mission("M096", "M121")
@settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(first=UNITS, second=UNITS, acts=ACTS)
def test_what_came_in_is_what_was_decided(first, second, acts):
    assert play(first, second, acts) == []


STORY = [("inspect", 0, 2, 1, False), ("correct", 0, 1, 0, False), ("put", 0, 1, 0, True)]


def test_the_story_below_is_sound_as_it_is():
    assert play(2, 2, STORY) == []


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("_order_line", lambda *_given, **_values: True),
        ("take_out", lambda *_given: None),
        ("take_in", lambda _line, quantity: quantity),
    ],
)
def test_a_booking_that_forgets_a_counter_is_found(name, instead):
    with patch.object(booking, name, instead):
        assert play(2, 2, STORY) != []


def test_every_end_of_the_story_takes_real_turns():
    """The acts above are not all refused: each of them is carried out in some example."""
    done: Counter[str] = Counter()
    clerk = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    dock = Dock(clerk, 3, 2)
    for what, which, right, strange in (("inspect", 0, 2, 1), ("correct", 0, 1, 0), ("put", 0, 1, 0)):
        getattr(dock, what)(which, right, strange, flag=False)
        done[what] += 1
    assert (done.total(), dock.broken()) == (3, [])
