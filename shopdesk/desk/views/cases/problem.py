"""The card of the problem: what the customer wants and why, what they answered, the units it is about."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.queries.wished import wished_kind
from shopdesk.cases.states import Question, Resolution
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm
from shopdesk.web.locale import label, labels

WHY = "shown on the open case"


def card(case: Case, who: Actor, _typed: DeskForm | None) -> dict[str, Any]:
    is_clear = queries.reads_wish(case, who)

    def words(value: Personal) -> str:
        return value.reveal(WHY) if is_clear else str(value)

    wished = wished_kind(case)
    return {
        "applied_as": label(wished) if wished is not case.kind else None,
        "wish": words(case.wish),
        "reason": labels(case.reason, case.detail) if case.reason else None,
        "wanted": [label(Resolution(each)) for each in case.wanted or ()],
        "answers": [(label(Question(row.question)), words(row.answer)) for row in queries.answers_of(case)],
        "units": queries.lines_of(case),
        "outcome": words(case.outcome) if case.outcome else "",
        "names": staff.signatures({i for i in (case.opened_by_id, case.closed_by_id) if i}),
    }
