"""The trail names the role that somebody acted in, not just any that they hold."""

import pytest
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role, acting_role, require, require_role
from shopdesk.notices.models import Answer
from shopdesk.orders.states import Flag
from tests import make

ALL = (Role.AFTER_SALE, Role.PRINTING, Role.PRE_SALE)


def roles_of(actor, action):
    statement = select(Event.role).where(Event.actor_id == actor.id, Event.action == action)
    return set(db.session.scalars(statement))


@pytest.mark.usefixtures("app")
def test_who_holds_several_roles_asks_as_pre_sale_and_answers_as_printing():
    order = make.order()
    both = make.actor(*ALL)
    make.change(order, by=both, yes=True)
    notice = make.notices(order)[0]
    changes.answer_notice(notice.id, Answer.NOT_PRINTED, actor=both)
    assert roles_of(both, "change.opened") == {"pre_sale"}
    assert roles_of(both, "notice.answered") == {"printing"}


@pytest.mark.usefixtures("app")
def test_a_supervisor_acts_under_their_own_role():
    order = make.order()
    above = make.actor(Role.SUPERVISOR)
    changes.write_note(order.id, "请尽快", flag=Flag.RED, actor=above)
    assert roles_of(above, "memo.written") == {"supervisor"}


def test_a_check_of_another_store_or_person_says_nothing():
    both = Actor(1, "a", "a", {1: frozenset(ALL), 2: frozenset({Role.MANAGER})})
    require_role(both, Role.PRINTING, 1)
    assert acting_role(both, 1) is Role.PRINTING
    assert acting_role(both, 2) is Role.MANAGER
    assert acting_role(both, 3) is None
    assert acting_role(Actor(2, "b", "b", {1: frozenset({Role.FINANCE})}), 1) is Role.FINANCE
    require(both, Permission.CHANGE_ASK, 1)
    assert acting_role(both, 1) is Role.PRE_SALE
