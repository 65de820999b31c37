"""Which of the stages that several sources tell a person may decide for (domain.md §3a D7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from shopdesk.parcels.states import OWN_HANDS, STAGE_RANK, FactEffect, RecallKind, Source, Stage


class Told(Protocol):
    """A stage fact as these rules see it."""

    @property
    def stage(self) -> Stage: ...
    @property
    def source(self) -> Source: ...
    @property
    def effect(self) -> FactEffect: ...


def choices(stage: Stage, against: Iterable[Stage], vouched: Stage) -> list[Stage]:
    """The stages that may be decided for: the shown one first, then what is told against it, as far as it may stand.

    On it may always go, back only to where nothing that our own hands or the courier did speaks against it.
    """
    return [stage, *(told for told in dict.fromkeys(against) if told is not stage and _may_stand(told, stage, vouched))]


def _may_stand(told: Stage, stage: Stage, vouched: Stage) -> bool:
    if told not in STAGE_RANK or stage not in STAGE_RANK:
        return False  # what was voided by us stays so
    return STAGE_RANK[told] > STAGE_RANK[stage] or STAGE_RANK[told] >= STAGE_RANK[vouched]


def vouched(facts: Sequence[Told], *, papers_version: int, fetched: Iterable[RecallKind]) -> Stage:
    """The furthest stage that our own hands or the courier stand for, of facts in the order they became known.

    `fetched`: what of it somebody found or handed out.  A person's look is no deed: they may look again.
    """
    deeds, now = [Stage.UNPRINTED], Stage.UNPRINTED
    for fact in facts:
        if fact.effect not in {FactEffect.MOVED, FactEffect.KNOWN} or fact.stage not in STAGE_RANK:
            continue
        is_deed = _is_deed(fact, now)
        if fact.effect is FactEffect.MOVED:
            now = fact.stage
            deeds = [deed for deed in deeds if STAGE_RANK[deed] <= STAGE_RANK[now]]
        if is_deed:
            deeds.append(fact.stage)
    if papers_version > 1:
        deeds.append(Stage.PRINTED)
    deeds += [Stage.PRINTED if kind is RecallKind.PAPERS else Stage.PACKED for kind in fetched]
    return max(deeds, key=STAGE_RANK.__getitem__)


def _is_deed(fact: Told, now: Stage) -> bool:
    if fact.source is Source.PAGE:
        is_command = fact.effect is FactEffect.MOVED
        return is_command and (now not in STAGE_RANK or STAGE_RANK[fact.stage] > STAGE_RANK[now])
    return fact.source in OWN_HANDS or fact.source is Source.CARRIER
