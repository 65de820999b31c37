"""The card of the cases that belong together with this one, and of the ways to join and to split them."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase, choice
from shopdesk.core.permissions import Actor
from shopdesk.desk.forms.case_work import LinkForm, MergeForm, SplitForm
from shopdesk.desk.queries import case_chain
from shopdesk.desk.queries.case_chain import Tie
from shopdesk.desk.views.cases.may import may_work
from shopdesk.web.forms import DeskForm

APART = frozenset({Tie.SAME_ORDER, Tie.SAME_CUSTOMER})


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    ties = case_chain.ties(case, who)
    works = case.phase is not CasePhase.CLOSED and may_work(case, who)
    if not works and not ties:
        return None
    units = queries.lines_of(case)
    may_split = works and case.phase is CasePhase.COMMUNICATE and sum(line.quantity for line in units) > 1
    split = typed if isinstance(typed, SplitForm) else SplitForm(formdata=None, kind=choice(case.kind, case.goal))
    link = typed if isinstance(typed, LinkForm) else LinkForm(formdata=None)
    merge = typed if isinstance(typed, MergeForm) and not isinstance(typed, LinkForm) else MergeForm(formdata=None)
    return {
        "chain": [(tie, each) for tie, found in ties.items() if tie not in APART for each in found],
        "others": [(tie, each) for tie, found in ties.items() if tie in APART for each in found],
        "merge": merge if works else None,
        "link": link if works else None,
        "split": split if may_split else None,
        "units": units,
    }
