"""What an application says beside its words: the units it is about, the answers to the guiding questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shopdesk.cases import rules
from shopdesk.cases.models import Case, CaseAnswer, CaseLine
from shopdesk.cases.states import MAX_ANSWER, Question
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.text import strip_controls
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import Field


def checked_units(order: Order, units: Iterable[tuple[int, int]]) -> list[tuple[OrderLine, int]]:
    """The lines with their units.  Raises NotFound (no line of this order), RuleViolation (`more_than_shipped`)."""
    wanted = rules.merged_units(units)
    if not wanted:
        return []
    lines = {line.id: line for line in orders.lines(order.id, order.store_id)}
    if not wanted.keys() <= lines.keys():
        raise NotFound("There is no such thing here.")
    for line_id, quantity in wanted.items():
        line = lines[line_id]
        title = line.title or line.sku or line.line_key
        rules.check_units(title, quantity, shipped=line.shipped, returned=line.returned)
    return [(lines[line_id], quantity) for line_id, quantity in wanted.items()]


def keep_units(case: Case, order: Order, units: Iterable[tuple[OrderLine, int]]) -> None:
    """Keep them as the lines are called now: what is renamed later is still called so here."""
    for line, quantity in units:
        attributes = orders.effective_value(order, Field.ATTRIBUTE, line.id).get("attributes")
        db.session.add(
            CaseLine(
                store_id=case.store_id, case_id=case.id, line_id=line.id, quantity=quantity, sku=line.sku,
                title=line.title, attributes=attributes,
            )
        )  # fmt: skip


def cleaned(answers: Mapping[Question, str]) -> dict[Question, str]:
    """Answers with words in them.  Raises RuleViolation (`too_long`)."""
    found = {question: strip_controls(text).strip() for question, text in answers.items()}
    if any(len(text) > MAX_ANSWER for text in found.values()):
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_ANSWER)
    return {question: text for question, text in found.items() if text}


def keep_answers(case: Case, answers: Mapping[Question, str]) -> None:
    for question, text in answers.items():
        db.session.add(CaseAnswer(store_id=case.store_id, case_id=case.id, question=str(question), answer=text))
