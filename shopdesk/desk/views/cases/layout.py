"""In which order the cards of a case stand: what can be done now first, what is done folded, by its phase."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from shopdesk.cases.states import CasePhase

Cards = Mapping[str, dict[str, Any]]
P = CasePhase
_BACK = (
    "goods", "courier", "replacement", "platform", "photos", "resolution", "money", "invoice", "appraisal", "ending",
    "notes",
)  # fmt: skip
_WAITS = frozenset({"resolution", "money", "invoice", "appraisal", "ending"})
#: Below the head; the card of the next step goes before all of them, one that is not named after them.
ORDER: dict[CasePhase, tuple[str, ...]] = {
    P.COMMUNICATE: ("platform", "appraisal", "goods", "courier", "closing", "photos", "notes"),
    P.RECEIVE: _BACK,
    P.INSPECT: _BACK,
    P.RESOLVE: (
        "platform", "resolution", "money", "replacement", "invoice", "ending", "photos", "goods", "courier",
        "appraisal", "notes",
    ),
    P.CLOSED: (
        "problem", "platform", "ending", "photos", "resolution", "money", "replacement", "invoice", "goods",
        "courier", "notes", "appraisal",
    ),
}  # fmt: skip
#: Beside them in a wide window, after them in a narrow one.
BESIDE = ("problem", "people", "together")
#: What the phase is past, or has not come to.
FOLDED: dict[CasePhase, frozenset[str]] = {
    P.COMMUNICATE: frozenset(),
    P.RECEIVE: _WAITS,
    P.INSPECT: _WAITS,
    P.RESOLVE: frozenset({"appraisal"}),
    P.CLOSED: frozenset({"resolution", "money", "replacement", "invoice", "goods", "courier"}),
}


class Layout(NamedTuple):
    """Names of cards."""

    main: list[str]
    beside: list[str]
    folded: Collection[str]


def arranged(phase: CasePhase, cards: Cards, next_card: str, refused: str | None) -> Layout:
    """`refused`: the card whose form was not taken; it and the next step's stand open, before the others."""
    told = _told(phase, cards)
    beside = [name for name in BESIDE if name in cards and name not in {*told, *ORDER[phase]}]
    wanted = [refused or "", *told, next_card, *ORDER[phase], *cards]
    main = [name for name in dict.fromkeys(wanted) if name in cards and name not in {"head", *beside}]
    done = {name for name, card in cards.items() if card.get("is_done")}
    return Layout(main, beside, (FOLDED[phase] | done) - {refused, next_card})


def _told(phase: CasePhase, cards: Cards) -> list[str]:
    """What is read before anything is decided: the problem, and the pictures of it."""
    if phase is not P.COMMUNICATE:
        return []
    return ["problem", "photos"] if cards["photos"]["photos"] else ["problem"]
