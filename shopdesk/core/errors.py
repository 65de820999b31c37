"""What the business refuses, without a word about HTTP."""

from collections.abc import Mapping


class DomainError(Exception):
    """A request that is refused.

    `code` is stable and safe to show; `facts` fill the message (`%(name)s`), which is an English msgid.
    """

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.facts: Mapping[str, object] = facts

    def __str__(self) -> str:
        return self.message % self.facts if self.facts else self.message


class NotSignedIn(DomainError):
    code = "not_signed_in"


class NotAllowed(DomainError):
    code = "not_allowed"


class NotFound(DomainError):
    """Also: not yours. What belongs to another store does not exist."""

    code = "not_found"


class Conflict(DomainError):
    """The world moved between the look and the submit; nothing was written."""

    code = "conflict"


class IllegalMove(DomainError):
    """The state does not allow it (now)."""

    code = "illegal_move"


class Stale(DomainError):
    """The version that was edited is not the newest."""

    code = "stale_version"


class RuleViolation(DomainError):
    code = "rule_violation"


class KeyReused(DomainError):
    """A command key came again with another body."""

    code = "key_reused"


class TooMany(DomainError):
    """Too many tries; `retry_after_seconds` is among the facts."""

    code = "too_many"


class Malformed(DomainError):
    """The shape of the input is wrong; `facts["fields"]` may name the fields."""

    code = "malformed"


class Unavailable(DomainError):
    """The database is too busy to answer; try again."""

    code = "unavailable"
