"""What was found in a parcel is counted and written down, line by line; the caller holds the parcel and its returns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.returns.models import Arrival, Finding, Return, ReturnLine
from shopdesk.returns.queries import lines_of
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import booking, strangers
from shopdesk.returns.states import Identity, ReturnState, Whose

#: What is called as its line is.
NAMED = frozenset({Identity.RIGHT, Identity.MISSING})


def lines_by_id(backs: Sequence[Return]) -> dict[int, ReturnLine]:
    return {line.id: line for back in backs for line in lines_of([back.id], back.store_id)}


def write(arrival: Arrival, found: Sequence[Found], backs: Sequence[Return], actor: Actor) -> int:
    """Count and write each line; the id of the first finding.  What is somebody else's leaves the parcel.

    Raises NotFound (`no_such_line`), RuleViolation (`too_many_missing`; `surplus` with `units` and `lines`: nothing is
    written until a person has said what it is).
    """
    lines = lines_by_id(backs)
    for one in found:
        if one.line_id is not None and one.line_id not in lines:
            raise NotFound("Nothing of this kind is expected in this parcel.", code="no_such_line")
    found = [_beside(one, lines) for one in found]
    _revive(found, backs, lines)
    made: list[Finding] = []
    surplus: Counter[int] = Counter()  # line (0: none) → units about which nobody was asked
    # By line, so that two parcels of one order count its lines in the same order.
    for one in sorted(found, key=lambda one: one.line_id or 0):
        line = lines[one.line_id] if one.line_id is not None else None
        rows = _rows(arrival, one, line, actor)
        made += rows
        if backs and one.whose is None:
            surplus[one.line_id or 0] += sum(row.quantity for row in rows if row.identity is Identity.UNEXPECTED)
    _ask(+surplus)
    _check_missing(found, lines)
    strangers.take_out(arrival, [row for row in made if strangers.is_strange(arrival, row)], actor)
    db.session.add_all(made)
    db.session.flush()
    return made[0].id


def changed(
    standing: Sequence[Finding], found: Sequence[Found], return_of: Mapping[int, int]
) -> tuple[list[Finding], list[Found]]:
    """What is said anew: findings and lines of the returns (line → return) of which something differs now.

    Where nothing differs, everything is written down once more.
    """
    were: defaultdict[int, Counter[tuple[object, ...]]] = defaultdict(Counter)
    are: defaultdict[int, Counter[tuple[object, ...]]] = defaultdict(Counter)
    for row in standing:
        were[return_of.get(row.return_line_id or 0, 0)][_said(row, row.return_line_id)] += 1
    for one in found:
        are[return_of.get(one.line_id or 0, 0)][_said(one, one.line_id)] += 1
    differ = {back for back in were.keys() | are.keys() if were[back] != are[back]} or were.keys() | are.keys()
    return (
        [row for row in standing if return_of.get(row.return_line_id or 0, 0) in differ],
        [one for one in found if return_of.get(one.line_id or 0, 0) in differ],
    )


def _said(one: Finding | Found, line_id: int | None) -> tuple[object, ...]:
    words = None if one.identity in NAMED else one.title or one.sku
    return line_id, one.identity, one.quantity, one.grade, one.has_defect, one.note, words


def _beside(one: Found, lines: Mapping[int, ReturnLine]) -> Found:
    """Other goods that came with a return stand beside its first line, where only one return is meant."""
    if one.identity is not Identity.UNEXPECTED or one.whose is not Whose.MORE or one.line_id is not None:
        return one
    returns = {line.return_id for line in lines.values()}
    if len(returns) != 1:
        raise RuleViolation("Say with which return it came.", code="line_required")
    return Found(
        one.identity, one.quantity, min(lines), one.grade, one.has_defect, one.sku, one.title, one.note, one.whose
    )  # fmt: skip


def _ask(surplus: Mapping[int, int]) -> None:
    if surplus:
        raise RuleViolation(
            "%(units)s more than was expected. Count again; if it is so, say whose they are.",
            code="surplus", units=sum(surplus.values()), lines=sorted(surplus),
        )  # fmt: skip


def _rows(arrival: Arrival, one: Found, line: ReturnLine | None, actor: Actor) -> list[Finding]:
    if one.identity is not Identity.RIGHT or line is None:
        return [_row(arrival, one, line, one.identity, one.quantity, actor)]
    counted = booking.take_in(line, one.quantity)
    beside = line if one.whose is Whose.MORE else None
    parts = ((Identity.RIGHT, counted, line), (Identity.UNEXPECTED, one.quantity - counted, beside))
    return [_row(arrival, one, of, identity, units, actor, line) for identity, units, of in parts if units]


def _row(
    arrival: Arrival, one: Found, line: ReturnLine | None, identity: Identity, units: int, actor: Actor,
    named: ReturnLine | None = None,
) -> Finding:  # fmt: skip
    """`named`: the line that says what the thing is called, also of surplus."""
    is_same = identity is Identity.UNEXPECTED and line is not None and one.title in {line.title, line.sku} - {None}
    called = named or (line if identity in NAMED or is_same else None)
    return Finding(
        arrival_id=arrival.id, return_line_id=line.id if line else None, identity=identity, quantity=units,
        grade=one.grade, has_defect=one.has_defect, sku=called.sku if called else one.sku,
        title=called.title if called else one.title, note=one.note, found_by_id=actor.id, found_at=clock.now(),
    )  # fmt: skip


def _revive(found: Sequence[Found], backs: Sequence[Return], lines: Mapping[int, ReturnLine]) -> None:
    """A cancelled return of which something comes: its units are not held any more, so they count as given up."""
    came = {lines[one.line_id].return_id for one in found if one.line_id and one.identity is Identity.RIGHT}
    for back in backs:
        if back.state is ReturnState.CANCELLED and back.id in came:
            for line in (line for line in lines.values() if line.return_id == back.id):
                booking.give_up_rest(line)


def _check_missing(found: Sequence[Found], lines: Mapping[int, ReturnLine]) -> None:
    missing: Counter[int] = Counter()
    for one in found:
        if one.identity is Identity.MISSING and one.line_id is not None:
            missing[one.line_id] += one.quantity
    for line_id, units in missing.items():
        left = lines[line_id].expected - lines[line_id].arrived - lines[line_id].given_up
        if units > left:
            raise RuleViolation("No more than %(left)s can be missing.", code="too_many_missing", left=left)
