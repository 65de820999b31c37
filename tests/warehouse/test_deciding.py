"""D7: of two told stages a person who looked chooses either; back only where our hands did nothing that says no."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Role
from shopdesk.desk.views.words import effects
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.rules.deciding import choices, vouched
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import FactEffect, RecallKind, Source, Stage
from shopdesk.warehouse import service
from shopdesk.warehouse.states import Mode
from tests import invariants, make, worlds
from tests.desk.pages import EN

U, P, K, S, V = Stage.UNPRINTED, Stage.PRINTED, Stage.PACKED, Stage.SHIPPED, Stage.VOIDED
MOVED, KNOWN = FactEffect.MOVED, FactEffect.KNOWN


class Told:
    def __init__(self, stage, source=Source.FILE, effect=MOVED):
        self.stage, self.source, self.effect = stage, source, effect


@pytest.mark.parametrize(
    ("facts", "version", "fetched", "furthest"),
    [
        ([Told(K)], 1, [], U),
        ([Told(K), Told(K, Source.PAGE, KNOWN)], 1, [], U),  # a look
        ([Told(K), Told(K, Source.SCAN, KNOWN)], 1, [], K),  # in hand
        ([Told(P, Source.CHECK), Told(S)], 1, [], P),
        ([Told(P, Source.PAGE), Told(K)], 1, [], P),
        ([Told(S, Source.CARRIER, KNOWN)], 1, [], S),
        ([Told(S, Source.SCAN), Told(K, Source.SCAN)], 1, [], K),  # pulled back
        ([Told(K), Told(P, Source.PAGE)], 1, [], U),  # a person put it back there
        ([Told(P)], 2, [], P),
        ([Told(P)], 1, [RecallKind.PAPERS], P),
        ([Told(K)], 1, [RecallKind.PAPERS, RecallKind.PARCEL], K),
        ([Told(S, Source.SCAN, FactEffect.CONTRADICTED), Told(K)], 1, [], U),
    ],
)
def test_what_our_hands_or_the_courier_stand_for(facts, version, fetched, furthest):
    assert vouched(facts, papers_version=version, fetched=fetched) is furthest


@pytest.mark.parametrize(
    ("stage", "against", "furthest", "may"),
    [
        (K, [U], U, [K, U]),
        (K, [U, P, U], U, [K, U, P]),
        (K, [U, P], P, [K, P]),
        (K, [S], K, [K, S]),
        (K, [K], K, [K]),
        (V, [P], U, [V]),
    ],
)
def test_on_it_may_always_go_and_back_as_far_as_nothing_was_done(stage, against, furthest, may):
    assert choices(stage, against, furthest) == may


in_app = pytest.mark.usefixtures("app")


def say(order, stage, origin, *, ago=0, happened=None, source=Source.FILE):
    now = clock.now()
    at = happened and now - timedelta(minutes=happened)
    told = Report(stage=stage, happened_at=at, as_of=now - timedelta(minutes=ago), source=source, origin=origin)
    make._fact(make.parcel(order).id, order.store_id, told)


def choose(order, seen, chosen, *roles):
    clerk = make.actor(*(roles or (Role.PRINTING,)), signature="敏敏")
    changes.confirm_stage(make.parcel(order).id, seen, chosen=chosen, actor=clerk)
    parcel = make.parcel(order)
    worlds.refresh(parcel)
    return parcel


def against(order):
    return [str(f.stage) for f in parcels.contradictions([make.parcel(order).id], order.store_id)]


@in_app
@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_the_other_told_stage_is_chosen_and_stands_with_its_trace():
    make.store()
    order = make.order()
    say(order, S, "聚水潭", ago=60)
    say(order, U, "旺店通")
    assert worlds.counters(order) == (1, 0, 1, 1)
    parcel = choose(order, S, U)
    assert (parcel.stage, parcel.stage_source, parcel.batch_id) == (U, Source.PRINTING, None)
    assert worlds.counters(order) == (1, 0, 0, 1)
    assert (against(order), make.notices(order, NoticeKind.CONTRADICTION)) == ([], [])
    (event,) = db.session.scalars(select(Event).where(Event.action == "parcel.decided"))
    assert (event.body["stage"], event.body["was"], event.body["origin"]) == ("unprinted", "shipped", "旺店通")
    say(order, U, "旺店通")  # printing's word stays
    assert choose_stands(order) == (U, Source.PRINTING)
    assert invariants.broken(order.store_id) == []


def choose_stands(order):
    parcel = make.parcel(order)
    worlds.refresh(parcel)
    return parcel.stage, parcel.stage_source


@in_app
def test_what_was_decided_against_and_is_told_again_moves_nothing_and_is_asked_about_once():
    make.store()
    order = make.order()
    say(order, K, "聚水潭", ago=60)
    say(order, U, "旺店通", ago=30)
    choose(order, K, U)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        say(order, K, "聚水潭")
        say(order, K, "聚水潭")
        assert (choose_stands(order)[0], against(order)) == (U, ["packed"])
        assert len(make.notices(order, NoticeKind.CONTRADICTION)) == 1
        assert choose(order, U, K).stage is K  # by now it is true
        assert invariants.broken(order.store_id) == []


@in_app
def test_a_moment_that_is_told_anew_moves_it_on():
    make.store()
    order = make.order()
    with time_machine.travel(clock.now(), tick=False) as still:
        say(order, K, "聚水潭", ago=60, happened=60)
        say(order, U, "旺店通")
        choose(order, K, U)
        say(order, K, "聚水潭", happened=60)
        assert choose_stands(order)[0] is U
        still.shift(60)
        say(order, K, "聚水潭", happened=0.5)
        assert choose_stands(order)[0] is K


@in_app
def test_what_lay_in_our_hands_is_not_chosen_away_and_a_stage_that_nobody_tells_is_refused():
    make.store()
    order = make.order()
    say(order, P, "旺店通", ago=60, happened=60)
    service.scan(order.number, Mode.PACK, actor=make.actor(Role.WAREHOUSE), happened_at=clock.now())
    say(order, P, "旺店通", happened=-0.01)
    assert against(order) == ["printed"]
    for chosen, code in ((P, "own_hands"), (S, "not_told")):
        with pytest.raises(IllegalMove) as refused:
            choose(order, K, chosen)
        assert refused.value.code == code
    assert (choose_stands(order)[0], against(order)) == (K, ["printed"])


@in_app
@pytest.mark.parametrize("kind", [Kind.ADDRESS, Kind.CANCEL])
def test_an_open_change_goes_the_way_of_the_stage_that_holds(kind):
    make.store()
    order = make.order()
    say(order, P, "聚水潭", ago=60)
    say(order, U, "旺店通")
    value = {"text": "不要了"} if kind is Kind.CANCEL else None
    change = make.change(order, kind, value, by=make.actor(Role.PRE_SALE))
    assert worlds.open_codes(change)[0] in {"hand_out", "hand_to_after_sale"}
    choose(order, P, U)
    worlds.refresh(change)
    assert (change.state, change.column, make.parcel(order).holds) == (ChangeState.OPEN, U, 1)
    assert worlds.open_codes(change)[0] == ("void" if kind is Kind.CANCEL else "confirm")
    kinds = [(k, s) for k, r, s in worlds.notice_states(change) if s in {"waiting", "open"}]
    assert kinds == ([("void", "open")] if kind is Kind.CANCEL else [("change", "waiting")])
    if kind is Kind.ADDRESS:
        assert worlds.effective(order) == make.NEW_ADDRESS["street"]
        assert worlds.memos(order)[-1].startswith("客户要求修改地址")
        worlds.do(change, "confirm", make.actor(Role.PRE_SALE))
        (notice,) = make.notices(order, NoticeKind.CHANGE)
        changes.answer_notice(notice.id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
        assert make.parcel(order).holds == 0
    assert invariants.broken(order.store_id) == []


@in_app
def test_chosen_to_have_left_it_is_a_fact_and_the_open_change_is_too_late():
    make.store()
    order = make.order()
    service.scan(order.number, Mode.PACK, actor=make.actor(Role.WAREHOUSE))
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    say(order, S, "旺店通", happened=20)
    assert (choose_stands(order)[0], against(order)) == (K, ["shipped"])
    assert choose(order, K, S, Role.SUPERVISOR).stage is S
    worlds.refresh(change)
    assert (change.state, worlds.counters(order)) == (ChangeState.TOO_LATE, (1, 0, 1, 1))
    assert invariants.broken(order.store_id) == []


@in_app
def test_page_and_program_offer_both_and_take_either(sign_in, api):
    make.store()
    order = make.order()
    say(order, K, "聚水潭", ago=60, happened=60)
    say(order, U, "旺店通")
    clerk = make.person(Role.PRINTING)
    browser = sign_in(clerk)
    page = browser.get(f"/orders/{order.id}", headers=EN)
    assert ["I looked: it is Packed" in page.text, "I looked: it is Unprinted" in page.text] == [True, True]
    path = f"/parcels/{make.parcel(order).id}/stage-seen"
    refused = api(clerk)("POST", path, {"stage": "packed", "chosen": "shipped"})
    assert (refused.status_code, refused.json["error"]) == (409, "not_told")
    form = {"csrf_token": make.token(page), "command_key": "k" * 20, "parcel_id": make.parcel(order).id,
            "stage": "packed", "chosen": "unprinted"}  # fmt: skip
    assert browser.post(f"/orders/{order.id}/stage-seen", data=form).status_code == 303
    assert choose_stands(order)[0] is U
    page = browser.get(f"/orders/{order.id}", headers=EN).text
    assert "one of the told stages stands" in page
    assert "Two sources disagree" not in page
    assert 'class="sd-stage"' in page
    times = re.findall(r"<li[^>]*>(.*?)</li>", page.partition('class="sd-stage"')[2].partition("</ol>")[0], re.DOTALL)
    assert [bool(re.search(r"\d\d:\d\d", part)) for part in times] == [
        True,
        False,
        False,
        False,
        False,
    ]  # what it was put back from is not
    assert "contradicts what 聚水潭 told" in page
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        say(order, K, "聚水潭")
        told = api(clerk)("POST", path, {"stage": "unprinted", "chosen": "packed"})
        assert told.json == {"id": str(make.parcel(order).id), "stage": "packed"}


class Fact(Told):
    def __init__(self, n, stage, source=Source.FILE, effect=MOVED):
        super().__init__(stage, source, effect)
        self.id, self.parcel_id, self.origin = n, 1, "聚水潭"


def test_the_timeline_says_truly_what_a_fact_meant(app):
    facts = [
        Fact(1, P), Fact(2, P, effect=KNOWN), Fact(3, S), Fact(4, P, effect=KNOWN),
        Fact(5, U, effect=FactEffect.CONTRADICTED), Fact(6, K, Source.SCAN), Fact(7, U, effect=FactEffect.CONTRADICTED),
    ]  # fmt: skip
    with app.test_request_context(headers=EN):
        said = effects(facts)
    assert [said[1], said[3], said[6]] == ["", "", ""]
    assert said[2] == "confirms what was known"
    assert said[4] == "it stood further already: nothing moved"
    assert said[5] == "contradicts what 聚水潭 told: please check"
    assert said[7] == "contradicts what was done here: please check"
