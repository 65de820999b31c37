"""Random parcels, findings, corrections and decisions: quantities in = quantities decided, and I3, I4 hold.

Surplus is answered in every way, agreed to by further returns, corrections meet decisions; and a merged parcel that
comes back accounts for every order in it.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shopdesk.cases import service as cases
from shopdesk.cases.queries.settling import is_decided
from shopdesk.cases.states import CasePhase, Resolution
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.parcels.states import Stage
from shopdesk.returns import service
from shopdesk.returns.models import Arrival
from shopdesk.returns.queries import docks, on_table, turned
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import Decided, booking, finding, surplus, writing
from shopdesk.returns.states import Disposal, Grade, Identity, ReturnState, Whose
from tests import make, worlds
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
        st.tuples(st.just("agree"), st.integers(0, 1), st.integers(1, 3), st.just(0), st.booleans()),
        st.tuples(st.just("decide"), st.integers(0, 1), st.just(0), st.just(0), st.booleans()),
    ),
    max_size=10,
)
SPARE = 3  # units of the order that nobody agreed to yet


class Dock:
    """Two returns of one order and three parcels, each matched with one or both."""

    def __init__(self, clerk: Actor, first: int, second: int) -> None:
        self.clerk = clerk
        self.owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
        self.order = rows.shipped(lines=(make.line(quantity=first + second + SPARE),))
        self.backs = [rows.back(self.order, {1: first}), rows.back(self.order, {1: second})]
        for back in self.backs:
            cases.accept(back.case_id, actor=self.owner)
        self.wrong: list[str] = []  # what was done and should have been refused
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
        line = rows.lines(back)[0].id
        whose = (None, Whose.MORE, Whose.OTHERS)[(right + which) % 3]
        found = [Found(Identity.RIGHT, right, line, grade, has_defect=flag, whose=whose)] if right else []
        beside = line if whose is Whose.MORE else None
        return found + [Found(Identity.UNEXPECTED, 1, beside, Grade.B, title="伞", whose=whose)] * strange

    def inspect(self, which: int, right: int, strange: int, *, flag: bool) -> None:
        found = self._found(which, right, strange, flag=flag)
        lines = {line.id: line for back in self.backs for line in rows.lines(back)}
        named = lines.get(found[0].line_id or 0) if found else None
        room = named.expected - named.arrived if named else 0
        service.inspect(self.parcels[which].id, found, actor=self.clerk)
        self.put_in[which] = right + strange
        if (strange or right > room) and found[0].whose is None:
            self.wrong.append("surplus was booked without a question")

    def correct(self, which: int, right: int, strange: int, *, flag: bool) -> None:
        arrival = docks.load_arrival(self.parcels[which].id, self.clerk)
        found = self._found(which, right, strange, flag=flag)
        before = self._decided()
        service.correct(arrival.id, found, seen_version=arrival.version, actor=self.clerk)
        self.put_in[which] = right + strange
        for back in self.backs:
            if before.get(back.id, rows.units(back)) != rows.units(back):
                self.wrong.append("an inspection was corrected after the decision")

    def _decided(self) -> dict[int, list[tuple[int, int, int]]]:
        """Returns on which somebody has decided, with their units."""
        found = {}
        for back in self.backs:
            case = rows.case_of(back)
            if case.phase is CasePhase.RESOLVE and is_decided(case):
                found[back.id] = rows.units(back)
        return found

    def agree(self, which: int, units: int, _none: int, *, flag: bool) -> None:
        """After-sale confirms a further return, for surplus that is here or not."""
        (line,) = rows.orders.lines(self.order.id, self.order.store_id)
        made = service.confirm(self.backs[which].case_id, {line.id: units}, actor=self.owner)
        self.backs.append(made)

    def decide(self, which: int, *_none: Any, flag: bool) -> None:
        if flag:
            cases.add_resolution(self.backs[which].case_id, Resolution.REFUND, actor=self.owner)
        else:
            cases.take_back(self.backs[which].case_id, Resolution.REFUND, is_used=False, actor=self.owner)

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
            for row in all_of(arrival, self.clerk):
                db.session.refresh(row)
                if row.disposed < row.quantity:
                    left = Decided(row.id, Disposal.SCRAP, row.quantity - row.disposed)
                    service.dispose(row.arrival_id, [left], actor=self.clerk)

    # -- what never breaks

    def broken(self) -> list[str]:
        db.session.rollback()
        return [*self._lines(), *self._parcels(), *self._states(), *self.wrong]

    def _standing(self) -> list[Any]:
        found = [row for arrival in self.parcels for row in all_of(arrival, self.clerk)]
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
            found = all_of(arrival, self.clerk)
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


def all_of(arrival: Arrival, clerk: Actor) -> list[Any]:
    """What lay in a parcel, with what was taken out of it because it is somebody else's."""
    return [row for each in (arrival, *docks.taken_out(arrival, clerk)) for row in docks.findings(each)]


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


#: Two of three right, one more counted twice, a correction, a decision, what was agreed to, what went away.
STORY = [
    ("inspect", 0, 2, 1, False), ("correct", 0, 1, 0, False), ("put", 0, 1, 0, True), ("inspect", 1, 3, 1, False),
    ("inspect", 2, 2, 1, True), ("agree", 0, 1, 0, False), ("agree", 1, 1, 0, False),
]  # fmt: skip
DECIDED = [
    ("inspect", 0, 2, 0, False), ("inspect", 2, 0, 1, False), ("decide", 0, 0, 0, True), ("correct", 0, 1, 0, False),
]  # fmt: skip
ASKED = [("inspect", 0, 3, 0, False)]
BESIDE = [("inspect", 0, 4, 0, False), ("inspect", 2, 0, 1, False), ("agree", 0, 1, 0, False)]


@pytest.mark.parametrize("story", [STORY, DECIDED, ASKED, BESIDE])
def test_the_stories_below_are_sound_as_they_are(story):
    assert play(2, 2, story) == []


@pytest.mark.parametrize(
    ("where", "name", "instead", "story"),
    [
        (booking, "_order_line", lambda *_given, **_values: True, STORY),
        (booking, "take_out", lambda *_given: None, STORY),
        (booking, "take_in", lambda _line, quantity: quantity, BESIDE),
        (writing, "_ask", lambda _surplus: None, ASKED),
        (finding, "is_decided", lambda _case: False, DECIDED),
        (surplus, "rows_changed", lambda _statement: 1, BESIDE),
    ],
    ids=["order line", "taken out", "taken in", "asked", "decided", "agreed"],
)
def test_a_guard_that_is_broken_is_found(where, name, instead, story):
    with patch.object(where, name, instead):
        assert play(2, 2, story) != []


def test_every_end_of_the_story_takes_real_turns():
    """The acts above are not all refused: each of them is carried out."""
    clerk = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    dock = Dock(clerk, 2, 2)
    turns = (("inspect", 0, 1, 0), ("correct", 0, 4, 0), ("inspect", 2, 0, 1), ("put", 2, 1, 0))
    for what, which, right, strange in turns:
        getattr(dock, what)(which, right, strange, flag=False)
    dock.agree(0, 1, 0, flag=False)
    assert (len(dock.backs), rows.units(dock.backs[2]), dock.broken()) == (3, [(1, 1, 0)], [])


# -- a merged parcel that comes back -----------------------------------------------------------------------------------

ORDERS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4)


def come_back(orders: list[tuple[int, int, int]], *, told: bool) -> list[str]:
    """Orders of (units, how many come by another return, how many are found) in one parcel; what is amiss."""
    clerk = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    code = f"YT{next(_next)}"
    lines = [(make.line(quantity=units),) for units, *_rest in orders]
    made = [make.order(lines=lines[0], waybills=((code, "圆通"),)), *(make.order(lines=each) for each in lines[1:])]
    parcel = None
    for other in made[1:]:
        parcel = worlds.merge(made[0], other)
    parcel = parcel or make.parcel(made[0])
    make.fact(made[0], Stage.SHIPPED)
    elsewhere = [min(units, other) for units, other, _found in orders]
    for order, units in zip(made, elsewhere, strict=True):
        if units:
            rows.back(order, {1: units})
    announced = told and elsewhere[0] < orders[0][0]
    if announced:
        rows.back(made[0], {1: orders[0][0] - elsewhere[0]}, parcel_id=parcel.id)
    arrival = service.sign_in(code, docks.warehouses_of(clerk)[0].id, actor=clerk).arrival
    assert arrival
    for order in [] if announced else docked(arrival, clerk)[:1]:
        service.open_for_goods(arrival.id, order.id, actor=clerk)
    db.session.rollback()
    said = [f"order {n} was forgotten" for n, order in enumerate(made) if rows.order_units(order)[0][0:2] != (
        orders[n][0], orders[n][0])]  # fmt: skip
    backs = [one.back for one in on_table.on_table(docks.load_arrival(arrival.id, clerk), clerk)]
    found = []
    for back in backs:
        (line,) = rows.lines(back)
        units = min(line.expected, orders[[o.id for o in made].index(back.order_id)][2])
        found += [Found(Identity.RIGHT, units, line.id, Grade.A, has_defect=False)] if units else []
    if found:
        service.inspect(arrival.id, found, actor=clerk)
        returned = sum(rows.order_units(order)[0][2] for order in made)
        if returned != sum(one.quantity for one in found):
            said.append(f"{returned} returned, {sum(one.quantity for one in found)} found")
    return said


def docked(arrival: Arrival, clerk: Actor) -> list[Any]:
    ours = turned.came_back(arrival, clerk)
    return turned.unaccounted(arrival, ours) if ours else []


@settings(
    max_examples=EXAMPLES // 2, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(orders=ORDERS, told=st.booleans())
def test_no_order_of_a_parcel_that_comes_back_is_forgotten(orders, told):
    assert come_back(orders, told=told) == []


@pytest.mark.parametrize("told", [True, False])
def test_an_order_that_is_forgotten_is_found(told):
    parcel = [(1, 0, 1), (2, 0, 1), (1, 0, 1)]
    assert come_back(parcel, told=told) == []
    real = turned.unaccounted
    with patch.object(turned, "unaccounted", lambda *given: real(*given)[:1]):
        assert come_back(parcel, told=told) != []
