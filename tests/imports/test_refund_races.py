"""One list of refunds, brought in by two people at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import queries as cases
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, run_files
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.imports.refund_exports import KEY, ROW, taobao
from tests.racing import race

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]


def race_in(app):
    """Two imports of one list at once; what each run counted, in order of size."""
    store_id, as_of = make.store().id, clock.now() - timedelta(hours=1)

    def bring():
        run_files(make.store(), [InputFile("退款管理.csv", taobao({}))], as_of=as_of, actor=Actor.system([store_id]))

    assert race(app, bring, bring) == ["ok", "ok"]
    assert invariants.broken(store_id) == []
    runs = queries.recent_runs(make.actor(Role.SUPERVISOR))
    return sorted((run.created, run.updated, run.unchanged, run.refused) for run in runs)


def test_of_what_has_left_it_makes_one_case(app):
    order = make.order(number=ROW["订单编号"], as_of=clock.now() - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    assert race_in(app) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert cases.of_platform(KEY, make.store().id) is not None


def test_of_what_has_not_left_it_makes_one_hold(app):
    order = make.order(number=ROW["订单编号"], as_of=clock.now() - timedelta(hours=9))
    assert race_in(app) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert make.parcel(order).holds == 1
