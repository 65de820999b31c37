"""The card of what the platform says of the case: as given, as of when, and that it may be ended."""

from __future__ import annotations

from typing import Any

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase, PlatformWord, platform_word
from shopdesk.core.permissions import Actor, Permission
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, _typed: DeskForm | None) -> dict[str, Any] | None:
    if case.platform_number is None:
        return None
    word = platform_word(case.platform_status)
    is_open = case.phase is not CasePhase.CLOSED
    return {
        "word": str(word),
        "asks_to_end": is_open and word is not PlatformWord.RUNNING,
        "runs_on": not is_open and word is PlatformWord.RUNNING,
        "sees_money": who.may(Permission.MONEY_READ, case.store_id),
        "was_refunded": word is PlatformWord.DONE,
    }
