"""The check of one row: every role, nobody, a leaver, the own and another store, and the wrong way of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from shopdesk.core.permissions import ASSIGNABLE, GRANTS, Permission, Role
from tests.access.crowd import IN, Crowd, Guest, looks_there, person_of, sent
from tests.access.table import Row
from tests.access.world import PARAMS, World
from tests.engines import SqliteDesk

Wanted = Callable[[TestResponse], bool]


class Check:
    """Runs one row; `problems` yields a sentence for everything that is not as the row says."""

    def __init__(
        self, app: Flask, row: Row, folder: Path, crowd: Crowd | None = None, desk: SqliteDesk | None = None, *,
        one_of_each_kind: bool = False,
    ) -> None:  # fmt: skip
        self.app, self.row, self.desk, self.one_of_each_kind = app, row, desk, one_of_each_kind
        self.rule = next(
            r for r in app.url_map.iter_rules() if r.endpoint == row.endpoint and row.method in (r.methods or ())
        )
        self.in_api = self.rule.rule.startswith("/api/")
        self.crowd = crowd or Crowd(app, folder, in_api=self.in_api)
        self.has_ids = bool(self.rule.arguments) or row.ids_in_body
        self.changes = row.method not in IN
        self.made: dict[World, tuple[str, dict[str, Any]]] = {}  # where and what to send, made once of each world
        self.asked = 0

    # -- how an address is built and asked for

    def path(self, world: World) -> str:
        missing = sorted(self.rule.arguments - set(PARAMS))
        assert not missing, f"{self.row}: add {missing} to PARAMS in tests/access/world.py"
        values = {name: PARAMS[name](world) for name in self.rule.arguments}
        return self.app.url_map.bind("localhost").build(self.row.endpoint, values, method=self.row.method)

    def ask(self, guest: Guest, world: World) -> TestResponse:
        """The answer; what it changed in our store is undone, so that everybody asks about the same."""
        self.asked += 1
        if world not in self.made:
            self.made[world] = self.path(world), (sent(self.row, world) if self.changes else {})
            self.crowd.is_kept = False
        if not self.changes:
            return guest.ask(self.row.method, *self.made[world])
        assert self.desk, "the database of what changes something is put back after each request"
        self.crowd.keep(self.desk)
        answer = guest.ask(self.row.method, *self.made[world])
        if answer.status_code not in {401, 403, 404}:
            self.crowd.put_back(self.desk)
        return answer

    def turned_away(self, answer: TestResponse) -> bool:
        if self.in_api:
            return answer.status_code == 401
        return answer.status_code == 303 and (answer.location or "").startswith("/sign-in")

    # -- what is asked

    def problems(self) -> Iterator[str]:
        for who, answer, wanted in self._answers():
            status = answer.status_code
            said = "turned away" if self.turned_away(answer) else str(status)
            if status >= 500 or not wanted(answer):
                yield f"{self.row}: {who} got {said}: {answer.text[:200] if self.in_api else ''}"

    def _answers(self) -> Iterator[tuple[str, TestResponse, Wanted]]:
        crowd = self.crowd
        if self.row.scope == "public":
            yield "nobody", self.ask(crowd.nobody, crowd.ours), self._passes
            return
        yield "nobody", self.ask(crowd.nobody, crowd.ours), self.turned_away
        yield "a leaver", self.ask(crowd.leaver, crowd.ours), self.turned_away
        yield "the wrong way of signing in", self.ask(crowd.in_the_other_way, crowd.ours), self.turned_away
        for role in self._roles():
            yield from self._as_role(role)
        if self.row.permission is not None:
            yield "somebody without a role", self.ask(crowd.without_a_role, crowd.ours), _status(403)
        if self.in_api and self.row.permission is not None:
            other = next(p for p in Permission if p is not self.row.permission)
            guest = crowd.with_scope(other)
            yield "a token without the scope", self.ask(guest, crowd.ours), _status(403)

    def _roles(self) -> list[Role]:
        """Everybody; with `one_of_each_kind` one whom the row lets in, another for each row, and two others."""
        if not self.one_of_each_kind:
            return list(ASSIGNABLE)
        may = [role for role in ASSIGNABLE if self._grants(role)]
        others = [role for role in ASSIGNABLE if not self._grants(role)]
        turn = sum(map(ord, self.row.endpoint))
        return may[turn % len(may) :][:1] + (others * 2)[turn % max(1, len(others)) :][: min(2, len(others))]

    def _as_role(self, role: Role) -> Iterator[tuple[str, TestResponse, Wanted]]:
        person_id, guest = self.crowd.role(role)
        if not self._grants(role):
            yield f"{role}", self.ask(guest, self.crowd.ours), _status(403)
            return
        if self.has_ids:
            yield f"{role} in another store", self.ask(guest, self.crowd.theirs), _status(404)
            if self.row.scope == "store" and self.row.permission is not Permission.ORDER_READ:
                yield from self._only_looking_elsewhere(role)
        ours = self.crowd.ours
        if self.row.scope == "own":  # and what ends a session or belongs to one person is tried with a guest of its own
            person = person_of(person_id)
            ours, guest = World(ours.store, person, self.crowd.folder), self.crowd.guest(person)
        yield f"{role}", self.ask(guest, ours), self._passes

    def _only_looking_elsewhere(self, role: Role) -> Iterator[tuple[str, TestResponse, Wanted]]:
        """Rights do not add up across stores: who may only look there may not do it there."""
        there = looks_there(self.row)
        if there:
            answer = self.ask(self.crowd.looker(role, there), self.crowd.theirs)
            yield f"somebody who is only {there} there", answer, _status(403, 404)

    def _grants(self, role: Role) -> bool:
        return self.row.permission is None or self.row.permission in GRANTS[role]

    def _passes(self, answer: TestResponse) -> bool:
        refused = {401, 403, 405} if self.row.scope == "public" else {401, 403, 404, 405}
        if self.row.is_personal:
            refused -= {403}
        return answer.status_code not in refused | (set() if self.in_api else {400}) and not (
            self.row.scope != "public" and self.turned_away(answer) and self.row.endpoint != "web.sign_out"
        )


def _status(*wanted: int) -> Wanted:
    return lambda answer: answer.status_code in wanted
