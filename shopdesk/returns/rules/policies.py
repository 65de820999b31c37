"""What a policy may say."""

from __future__ import annotations

from shopdesk.core.errors import RuleViolation

MOST_DAYS = 365
MAX_CONDITION = 200  # characters
MAX_RECEIVER = 500


def check_policy(days: int, condition: str, receiver: str | None) -> None:
    """Raises RuleViolation."""
    if not 0 <= days <= MOST_DAYS:
        raise RuleViolation("Say a number of days, 0 to %(most)s.", code="bad_days", most=MOST_DAYS)
    if not condition:
        raise RuleViolation("Say what the goods must be like.", code="value_required", missing="condition")
    for text, most in ((condition, MAX_CONDITION), (receiver or "", MAX_RECEIVER)):
        if len(text) > most:
            raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=most)
