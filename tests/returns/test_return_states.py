"""Where goods that come back are: every move from every state, allowed or refused; the table written out once more."""

from __future__ import annotations

import pytest

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.errors import DomainError
from shopdesk.returns import queries, service
from shopdesk.returns.service.moving import step
from shopdesk.returns.states import RETURN_MOVES, RETURN_OPEN, ReturnState
from tests import make
from tests.returns.world import agent, case_of, confirmed, line_of, sent

pytestmark = pytest.mark.usefixtures("app")
#: state → where it may go: domain.md §4.
TABLE = {
    "confirmed": "sent partly_arrived arrived cancelled",
    "sent": "partly_arrived arrived cancelled",
    "partly_arrived": "arrived cancelled",
    "arrived": "inspected partly_arrived",
    "inspected": "disposed partly_arrived arrived",
    "disposed": "partly_arrived",
    "cancelled": "partly_arrived arrived",
}
#: What each command does in each state: where the return is afterwards, or why it was refused.
COMMANDS = {
    "cancel": {"confirmed": "cancelled", "sent": "cancelled"},
    "waybill": {"confirmed": "sent", "sent": "sent", "partly_arrived": "partly_arrived"},
    "give_up": {"confirmed": "cancelled", "sent": "cancelled", "partly_arrived": "disposed"},
}


@pytest.fixture
def made():
    owner = agent()
    order = sent(units=2)
    return confirmed(case_of(order, owner), owner, 2), owner, order


def test_the_table_names_every_state():
    assert set(TABLE) == set(ReturnState)
    assert {(s, t) for s, targets in TABLE.items() for t in targets.split()} == RETURN_MOVES
    assert {state for state in ReturnState if state not in {"disposed", "cancelled"}} == RETURN_OPEN


@pytest.mark.mission("M092")
@pytest.mark.parametrize("target", list(ReturnState))
@pytest.mark.parametrize("state", list(ReturnState))
def test_each_move_is_allowed_or_refused_as_the_table_says(made, state, target):
    back, _owner, _order = made
    make._write(back, {"state": state})

    @command
    def go():
        step(back, target)
        audit.record("test.set", "return", back.id, make.ROOT)

    if target in TABLE[state].split():
        go()
        assert back.state is target
        assert (back.ended_at is not None) == (target in {"disposed", "cancelled"})
    else:
        with pytest.raises(DomainError) as caught:
            go()
        assert caught.value.code == "wrong_state"


@pytest.mark.parametrize("state", list(ReturnState))
@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_in_each_state(made, name, state):
    back, owner, order = made
    make._write(back, {"state": state})
    if state == "partly_arrived":
        (line,) = queries.lines_of([back.id], back.store_id)
        make._write(line, {"arrived": 1})
        make._write(line_of(order), {"in_return": 1, "returned": 1})
    run = {
        "cancel": lambda: service.cancel(back.id, "kept", actor=owner),
        "waybill": lambda: service.record_waybills(back.id, "SF1234567890123", actor=owner),
        "give_up": lambda: service.give_up(back.id, "lost", actor=owner),
    }[name]
    expected = COMMANDS[name].get(state)
    if expected:
        assert run().state == expected
    else:
        with pytest.raises(DomainError) as caught:
            run()
        assert caught.value.code == "wrong_state"
