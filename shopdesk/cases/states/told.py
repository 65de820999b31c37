"""What a platform's own word about an application comes to; the word itself is kept as given."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: How the words end that say: nothing is wished any more.
CLOSED_ENDS = (
    "关闭", "撤销", "取消", "失败", "超过有效期", "无售后", "closed", "cancelled", "canceled", "withdrawn",
)  # fmt: skip
#: How the words end that say: the money went back, or the goods went out.
DONE_ENDS = ("成功", "已完成", "success", "refunded")
#: Words that end so and still wait for somebody.
STILL_OPEN = ("待", "等待")


class PlatformWord(StrEnum):
    RUNNING = "running"
    CLOSED = "closed"  # withdrawn, refused for good, out of time
    DONE = "done"  # refunded, exchanged, reshipped by the platform's account


def platform_word(told: str | None) -> PlatformWord:
    """A word that nobody knows is an application that runs: it is looked at rather than lost."""
    word = "".join((told or "").split()).lower()
    if not word or word.startswith(STILL_OPEN):
        return PlatformWord.RUNNING
    if word.endswith(DONE_ENDS):
        return PlatformWord.DONE
    return PlatformWord.CLOSED if word.endswith(CLOSED_ENDS) else PlatformWord.RUNNING


@dataclass(frozen=True, slots=True)
class PlatformState:
    """What the platform says of one application, as of when; None: it does not say."""

    status: str | None
    amount_minor: int | None
    due_at: datetime | None
    kind: str | None  # the CaseKind of its word
    as_of: datetime | None

    @property
    def word(self) -> PlatformWord:
        return platform_word(self.status)


def put_together(known: PlatformState, told: PlatformState) -> PlatformState:
    """The later telling, with the gaps filled from the earlier one: the same whichever came first (D2).

    What the platform once called done never runs again; a deadline belongs to the status it was told with.
    """
    if known.as_of is None:
        return told
    is_later = told.as_of is not None and told.as_of > known.as_of
    newer, older = (told, known) if is_later else (known, told)
    is_backwards = older.word is PlatformWord.DONE and newer.word is not PlatformWord.DONE
    by_status, other = (older, newer) if is_backwards or not newer.status else (newer, older)
    due_at = by_status.due_at
    if due_at is None and other.status == by_status.status:
        due_at = other.due_at
    return PlatformState(
        status=by_status.status,
        amount_minor=newer.amount_minor if newer.amount_minor is not None else older.amount_minor,
        due_at=due_at,
        kind=newer.kind or older.kind,
        as_of=newer.as_of,
    )
