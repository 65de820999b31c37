"""The check of one row: every role, nobody, a leaver, the own and another store, and the wrong way of signing in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopdesk.core.permissions import ASSIGNABLE, GRANTS, Permission, Role
from shopdesk.staff import service as staff
from shopdesk.staff.models import Person
from tests import make
from tests.access.table import Row
from tests.access.world import PARAMS, World, new_world

Clients = Callable[[], FlaskClient]
IN = {"GET", "HEAD", "OPTIONS"}
_keys = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser or a program, and how it says who it is."""

    client: FlaskClient
    secret: str | None = None

    def ask(self, row: Row, path: str, world: World) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        sent: dict[str, Any] = {}
        if row.method not in IN:
            if path.startswith("/api/"):
                headers |= {"Idempotency-Key": f"key-{next(_keys)}", "If-Match": "*"}
                sent["json"] = _made(row.body, world) if row.body is not None else {}
            else:
                page = self.client.get("/there-is-no-such-page")
                sent["data"] = {"csrf_token": make.token(page), **(_made(row.form, world) if row.form else {})}
        return self.client.open(path, method=row.method, headers=headers, **sent)


def _made(sent: Any, world: World) -> dict[str, Any]:
    return dict(sent(world) if callable(sent) else sent)


class Check:
    """Runs one row; `problems` yields a sentence for everything that is not as the row says."""

    def __init__(self, app: Flask, row: Row, folder: Path) -> None:
        self.app, self.row, self.folder = app, row, folder
        self.rule = next(
            r for r in app.url_map.iter_rules() if r.endpoint == row.endpoint and row.method in (r.methods or ())
        )
        self.in_api = self.rule.rule.startswith("/api/")
        self.has_ids = bool(self.rule.arguments) or row.ids_in_body
        self.asked = 0
        self._worlds: list[World] = []  # that nobody changed yet: who is turned away changes nothing

    # -- how an address is built and asked for

    def path(self, world: World) -> str:
        missing = sorted(self.rule.arguments - set(PARAMS))
        assert not missing, f"{self.row}: add {missing} to PARAMS in tests/access/world.py"
        values = {name: PARAMS[name](world) for name in self.rule.arguments}
        return self.app.url_map.bind("localhost").build(self.row.endpoint, values, method=self.row.method)

    def ask(self, guest: Guest, world: World) -> TestResponse:
        self.asked += 1
        answer = guest.ask(self.row, self.path(world), world)
        if self.row.method in IN or answer.status_code in {401, 403, 404}:
            self._worlds.append(world)
        return answer

    def guest(self, person: Person | None, *scopes: str) -> Guest:
        client = self.app.test_client()
        if person is None:
            return Guest(client)
        if self.in_api:
            return Guest(client, make.api_token(person, *scopes))
        return Guest(signed_in(client, person))

    def in_other_way(self, person: Person) -> Guest:
        """A session at the API, a token at a page."""
        client = self.app.test_client()
        return Guest(signed_in(client, person)) if self.in_api else Guest(client, make.api_token(person))

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

    def _answers(self) -> Iterator[tuple[str, TestResponse, Callable[[TestResponse], bool]]]:
        if self.row.scope == "public":
            yield "nobody", self.ask(self.guest(None), self._world()), self._passes
            return
        yield "nobody", self.ask(self.guest(None), self._world()), self.turned_away
        yield "a leaver", self._leaver(), self.turned_away
        everybody = make.person(*ASSIGNABLE)
        yield "the wrong way of signing in", self.ask(self.in_other_way(everybody), self._world()), self.turned_away
        for role in ASSIGNABLE:
            yield from self._as_role(role)
        if self.row.permission is not None:
            yield "somebody without a role", self.ask(self.guest(make.person()), self._world()), _status(403)
        if self.in_api and self.row.permission is not None:
            other = next(p for p in Permission if p is not self.row.permission)
            yield "a token without the scope", self.ask(self.guest(everybody, other), self._world()), _status(403)

    def _as_role(self, role: Role) -> Iterator[tuple[str, TestResponse, Callable[[TestResponse], bool]]]:
        ours = self._world()
        person = make.person(role, store_id=ours.store.id)
        guest = self.guest(person)
        if not self._grants(role):
            yield f"{role}", self.ask(guest, ours), _status(403)
            return
        if self.has_ids:
            yield f"{role} in another store", self.ask(guest, self._world()), _status(404)
            if self.row.scope == "store" and self.row.permission is not Permission.ORDER_READ:
                yield from self._only_looking_elsewhere(person, guest)
        if self.row.scope == "own":
            ours = World(ours.store, person, self.folder)
        yield f"{role}", self.ask(guest, ours), self._passes

    def _only_looking_elsewhere(
        self, person: Person, guest: Guest
    ) -> Iterator[tuple[str, TestResponse, Callable[..., bool]]]:
        """Rights do not add up across stores: who may only look there may not do it there."""
        lookers = [r for r in ASSIGNABLE if Permission.ORDER_READ in GRANTS[r] and not self._grants(r)]
        if lookers:
            theirs = self._world()
            staff.grant(person.id, lookers[0], store_id=theirs.store.id, actor=make.ROOT)
            yield f"somebody who is only {lookers[0]} there", self.ask(guest, theirs), _status(403, 404)
            self._worlds.remove(theirs)  # it is no longer another store to them

    def _leaver(self) -> TestResponse:
        person = make.person(*ASSIGNABLE)
        guest = self.guest(person)
        staff.disable_person(person.id, actor=make.ROOT)
        return self.ask(guest, self._world())

    def _grants(self, role: Role) -> bool:
        return self.row.permission is None or self.row.permission in GRANTS[role]

    def _passes(self, answer: TestResponse) -> bool:
        refused = {401, 403, 405} if self.row.scope == "public" else {401, 403, 404, 405}
        if self.row.is_personal:
            refused -= {403}
        return answer.status_code not in refused | (set() if self.in_api else {400}) and not (
            self.row.scope != "public" and self.turned_away(answer) and self.row.endpoint != "web.sign_out"
        )

    def _world(self) -> World:
        return self._worlds.pop() if self._worlds else new_world(self.folder, make.person())


def signed_in(client: FlaskClient, person: Person) -> FlaskClient:
    page = client.get("/sign-in")
    data = {"login": person.login, "password": make.PASSWORD, "csrf_token": make.token(page)}
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 303, answer.text
    return client


def _status(*wanted: int) -> Callable[[TestResponse], bool]:
    return lambda answer: answer.status_code in wanted
