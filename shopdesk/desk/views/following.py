"""What My work shows of cases: reminders to answer, what is left over from yesterday."""

from __future__ import annotations

from typing import Any

from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.queries.cases import following
from shopdesk.staff import queries as staff
from shopdesk.web.forms import new_key
from shopdesk.web.guard import here

SHOWN = 10  # rows of what is left over; the others are on its own page
ROLES = frozenset({Role.AFTER_SALE, Role.FINANCE})


def of_cases() -> dict[str, Any] | None:
    """None for whoever has no cases."""
    who = here()
    if not any(held & ROLES and who.may(Permission.CASE_READ, store_id) for store_id, held in who.roles.items()):
        return None
    reminders = following.reminders_of(who)
    return {
        "reminders": reminders,
        "left": following.left_over(who, who.id, limit=SHOWN),
        "names": staff.signatures({row.sent_by_id for row in reminders if row.sent_by_id}),
        "new_key": new_key,
        "why": "shown to who was reminded",
    }
