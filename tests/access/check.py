"""The check of one row: every role, nobody, a leaver, the own and another store, and the wrong way of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from werkzeug.test import TestResponse

from shopdesk.core.permissions import ASSIGNABLE, GRANTS, Permission, Role
from tests.access.crowd import IN, Crowd, Guest
from tests.access.table import Row
from tests.access.world import PARAMS, World

Wanted = Callable[[TestResponse], bool]


class Check:
    """Runs one row; `problems` yields a sentence for everything that is not as the row says."""

    def __init__(self, app: Flask, row: Row, folder: Path, crowd: Crowd | None = None) -> None:
        self.app, self.row = app, row
        self.rule = next(
            r for r in app.url_map.iter_rules() if r.endpoint == row.endpoint and row.method in (r.methods or ())
        )
        self.in_api = self.rule.rule.startswith("/api/")
        self.crowd = crowd or Crowd(app, folder, in_api=self.in_api)
        self.has_ids = bool(self.rule.arguments) or row.ids_in_body
        self.asked = 0

    # -- how an address is built and asked for

    def path(self, world: World) -> str:
        missing = sorted(self.rule.arguments - set(PARAMS))
        assert not missing, f"{self.row}: add {missing} to PARAMS in tests/access/world.py"
        values = {name: PARAMS[name](world) for name in self.rule.arguments}
        return self.app.url_map.bind("localhost").build(self.row.endpoint, values, method=self.row.method)

    def ask(self, guest: Guest, world: World) -> TestResponse:
        self.asked += 1
        answer = guest.ask(self.row, self.path(world), world)
        if self.row.method not in IN and answer.status_code not in {401, 403, 404}:
            self.crowd.renew()
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
        for role in ASSIGNABLE:
            yield from self._as_role(role)
        if self.row.permission is not None:
            yield "somebody without a role", self.ask(crowd.without_a_role, crowd.ours), _status(403)
        if self.in_api and self.row.permission is not None:
            other = next(p for p in Permission if p is not self.row.permission)
            guest = crowd.guest(crowd.everybody, other)
            yield "a token without the scope", self.ask(guest, crowd.ours), _status(403)

    def _as_role(self, role: Role) -> Iterator[tuple[str, TestResponse, Wanted]]:
        person, guest = self.crowd.role(role)
        if not self._grants(role):
            yield f"{role}", self.ask(guest, self.crowd.ours), _status(403)
            return
        if self.has_ids:
            yield f"{role} in another store", self.ask(guest, self.crowd.theirs), _status(404)
            if self.row.scope == "store" and self.row.permission is not Permission.ORDER_READ:
                yield from self._only_looking_elsewhere(role)
        ours = self.crowd.ours
        if self.row.scope == "own":  # and what ends a session or belongs to one person is tried with a guest of its own
            ours, guest = World(ours.store, person, self.crowd.folder), self.crowd.guest(person)
        yield f"{role}", self.ask(guest, ours), self._passes

    def _only_looking_elsewhere(self, role: Role) -> Iterator[tuple[str, TestResponse, Wanted]]:
        """Rights do not add up across stores: who may only look there may not do it there."""
        lookers = [r for r in ASSIGNABLE if Permission.ORDER_READ in GRANTS[r] and not self._grants(r)]
        if lookers:
            answer = self.ask(self.crowd.looker(role, lookers[0]), self.crowd.theirs)
            yield f"somebody who is only {lookers[0]} there", answer, _status(403, 404)

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
