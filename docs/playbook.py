"""Write docs/playbook.md from the table that the server enforces: `.venv/bin/python docs/playbook.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from shopdesk.changes.playbook import (  # noqa: E402
    EMPTIED,
    LINES,
    PLAYBOOK,
    TEMPLATES,
    WORKING,
    Code,
    StepSpec,
    When,
    steps_for,
)
from shopdesk.changes.rules import conditions  # noqa: E402
from shopdesk.changes.states import MOVES, ChangeState, Kind  # noqa: E402
from shopdesk.core.memo_text import TEMPLATES as WORDS  # noqa: E402
from shopdesk.parcels.states import Stage  # noqa: E402

PAGE = ROOT / "docs" / "playbook.md"
NOTHING = "—"
MEANING: dict[Code, str] = {
    Code.ASK_STAGE: "printing says whether it is printed",
    Code.AMEND: "amend the order data",
    Code.MEMO_HOLD: "red-flag memo, hold",
    Code.CONFIRM: "the customer confirms",
    Code.ACKNOWLEDGE: "printing acknowledges",
    Code.REFUND: "refund",
    Code.ENTER_IN_PLATFORM: "enter it in the platform",
    Code.RECALL_PAPERS: "recall the papers",
    Code.RECALL_PARCEL: "recall the parcel",
    Code.PULL_BACK: "pull the parcel back, or say that it is too late",
    Code.HAND_OUT: "hand out what is recalled",
    Code.AMEND_PAPERS: "amend the papers by hand",
    Code.REPRINT: "print again, the old waybill ends",
    Code.MEMO: "memo",
    Code.TAKE_BACK: "take the papers back",
    Code.REPACK: "pack again",
    Code.HAND_TO_AFTER_SALE: "hand over to a named after-sale person",
    Code.VOID: "void the parcel",
    Code.TAKE_OUT: "take the lines out of the parcel",
    Code.DESTROY_PAPERS: "destroy the papers",
    Code.BOOK_IN: "book the goods in",
    Code.MAKE_CASE: "goes on as a case",
}
CONDITION: dict[When, str] = {
    When.ALWAYS: "",
    When.PAID: "paid orders",
    When.PAID_QUANTITY: "paid orders",
    When.NEW_WAYBILL: "on an electronic waybill",
    When.OLD_WAYBILL: "on a paper one",
}
STAGES = [stage for stage in Stage if any(at is stage for _, at in PLAYBOOK)]
Steps = tuple[StepSpec, ...]


def page() -> str:
    return "\n\n".join([INTRODUCTION, summary(), *columns(), memos(), states()]) + "\n"


INTRODUCTION = """# The playbook: what happens to a wish at each stage

Written by `docs/playbook.py` from `shopdesk/changes/playbook.py`; do not edit it here. When a change opens, the steps
of its cell are copied to it; the server then lets each step be done only in its turn, by its role, at its stage. A
supervisor acts for any role. While the stage is stale, step 0 comes first: printing says whether it is printed, and
until then nothing is amended. On an unpaid order the notice waits until it is confirmed and paid."""

LATER = """*⏹* ends the hold; what follows it keeps no change open.

Steps of the system are done with what causes them: the recall with the wish, the memo with the amendment. Where the
stage moves under an open change, the steps of the new column take the place of the open ones; what was done counts. A
change that is withdrawn while somebody holds its papers keeps its hold until what was written on them is written back
and they are back where they belong.

\\* A new wish is refused here, with the reason. A parcel that has left ends the change as too late, and a notice
carries the wish to after-sale.

What our own hands handed over and nobody outside has collected can be pulled back for 15 minutes (a store's setting):
the change then has one step, warehouse: pull the parcel back, or say that it is too late. Found, the steps of *packed*
take its place, with hold and recall already there; too late or out of time, it goes on as a case."""


def groups() -> dict[tuple[Steps, ...], list[Kind]]:
    """Kinds that go the same way at every stage."""
    found: dict[tuple[Steps, ...], list[Kind]] = {}
    for kind in Kind:
        found.setdefault(tuple(possible(kind, stage) for stage in STAGES), []).append(kind)
    return found


def possible(kind: Kind, stage: Stage) -> Steps:
    """The steps that a change of this kind can have there; one that every change has needs no condition."""
    cases = [
        conditions(kind, is_paid=is_paid, has_electronic_waybill=is_electronic)
        for is_paid in (True, False)
        for is_electronic in (True, False)
    ]
    always = set.intersection(*cases)
    steps = steps_for(kind, stage, set.union(*cases))
    return tuple(replace(step, when=When.ALWAYS) if step.when in always else step for step in steps)


def summary() -> str:
    """One table of all wishes and stages: the steps in order, their role in brackets."""
    heads = [f"{stage}" if stage in WORKING else f"{stage} *" for stage in STAGES]
    lines = ["| wish | " + " | ".join(heads) + " |", "|---" * (len(STAGES) + 1) + "|"]
    for cells, kinds in groups().items():
        lines.append("| " + " | ".join([names(kinds), *map(cell, cells)]) + " |")
    return "\n".join(["## The table", "", *lines, "", LATER, "", lines_out()])


def lines_out() -> str:
    """The columns of a cancel after which something stays in the parcel, and of a quantity after which nothing does."""
    lines = [f"| {stage} | {cell(steps)} |" for stage, steps in LINES.items()]
    head = (
        "Cancelling lines, or a whole order of a merged parcel, where something stays in the parcel (where nothing\n"
        "does, it is the cancel above):"
    )
    emptied = [f"| {stage} | {cell(steps)} |" for stage, steps in EMPTIED.items()]
    other = (
        "A quantity wish that leaves nothing in one parcel of an order which has more elsewhere (where it leaves\n"
        "nothing at all, it is refused: cancel the order instead):"
    )
    table = ["", "| stage | steps |", "|---|---|"]
    return "\n".join([head, *table, *lines, "", other, *table, *emptied])


def names(kinds: list[Kind]) -> str:
    return ", ".join(kinds)


def cell(steps: Steps) -> str:
    return "<br>".join(f"{number} {one(step)}" for number, step in enumerate(steps, start=1)) or NOTHING


def one(step: StepSpec) -> str:
    end = " ⏹" if step.ends_hold else ""
    only = f" — {CONDITION[step.when]}" if CONDITION[step.when] else ""
    return f"{MEANING[step.code]} ({step.role}){end}{only}"


def columns() -> Iterator[str]:
    """A diagram for each group of wishes, one lane per stage."""
    yield "## As diagrams\n\nRounded steps follow after the hold. Price and freight, for unpaid orders, hold nothing."
    for cells, kinds in groups().items():
        yield f"### {names(kinds)}\n\n```mermaid\nflowchart LR\n" + "\n".join(diagram(cells)) + "\n```"


def diagram(cells: tuple[Steps, ...]) -> Iterator[str]:
    for stage, steps in zip(STAGES, cells, strict=True):
        if not steps:
            continue
        yield f"  subgraph {stage}"
        yield "    direction LR"
        for number, step in enumerate(steps):
            left, right = ("([", "])") if step.after_hold else ("[", "]")
            only = f"<br>{CONDITION[step.when]}" if CONDITION[step.when] else ""
            yield f'    {stage}{number}{left}"{MEANING[step.code]}<br><i>{step.role}</i>{only}"{right}'
        if len(steps) > 1:
            yield "    " + " --> ".join(f"{stage}{number}" for number in range(len(steps)))
        yield "  end"


def memos() -> str:
    """Which memo is written where, and its words."""
    lines = ["## Memos", "", "| wish | " + " | ".join(STAGES) + " |", "|---" * (len(STAGES) + 1) + "|"]
    for kind in Kind:
        cells = [TEMPLATES.get((kind, stage), NOTHING) for stage in STAGES]
        lines.append("| " + " | ".join([kind, *cells]) + " |")
    lines += ["", "| memo | words, followed by `---date name` |", "|---|---|"]
    lines += [f"| {name} | `{words}` |" for name, words in WORDS["zh"].items()]
    return "\n".join(lines)


def states() -> str:
    """The moves of a change."""
    moves = sorted(MOVES, key=lambda move: [list(ChangeState).index(state) for state in move])
    arrows = [f"  {source} --> {target}" for source, target in moves]
    note = "`done → open` only by a late fact: the papers turn out to be older than the change."
    return "\n".join(["## States of a change", "", "```mermaid", "stateDiagram-v2", *arrows, "```", "", note])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
