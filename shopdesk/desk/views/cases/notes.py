"""The card of internal notes; looking at the case is having seen what one was mentioned in."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.forms.case_work import NoteForm
from shopdesk.desk.views.cases.problem import WHY
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any]:
    rows = queries.notes_of(case)
    is_clear = queries.reads_wish(case, who)
    names = staff.signatures({row.made_by_id for row in rows if row.made_by_id})
    form = None
    if who.may(Permission.CASE_NOTE, case.store_id):
        readers = sorted((person, name) for person, name in queries.readers_of(case).items() if person != who.id)
        form = (typed if isinstance(typed, NoteForm) else NoteForm(formdata=None)).offer(readers)
    return {
        "notes": [
            {
                "by": names.get(row.made_by_id or 0),
                "at": row.made_at,
                "text": row.text.reveal(WHY) if is_clear else str(row.text),
                "is_merged": row.case_id != case.id,
            }
            for row in rows
        ],
        "form": form,
    }
