"""Who asks, and about what: people of one store and of another, each signed in once for all rows of a test."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.staff import service as staff
from shopdesk.staff.models import Person
from tests import make
from tests.access.table import Row
from tests.access.world import World, new_world

IN = {"GET", "HEAD", "OPTIONS"}
_keys = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser or a program, and how it says who it is."""

    client: FlaskClient
    secret: str | None = None
    tokens: list[str] = field(default_factory=list)

    def ask(self, row: Row, path: str, world: World) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        sent: dict[str, Any] = {}
        if row.method not in IN:
            if path.startswith("/api/"):
                headers |= {"Idempotency-Key": f"key-{next(_keys)}", "If-Match": "*"}
                sent["json"] = _made(row.body, world) if row.body is not None else {}
            else:
                sent["data"] = {"csrf_token": self.token, **(_made(row.form, world) if row.form else {})}
        return self.client.open(path, method=row.method, headers=headers, **sent)

    @property
    def token(self) -> str:
        """As it stands on any page; it holds as long as the session."""
        if not self.tokens:
            self.tokens.append(make.token(self.client.get("/there-is-no-such-page")))
        return self.tokens[0]


class Crowd:
    """Two stores with what is in them, and people of the first; made when they are first needed.

    `ours` is new after each request that was let in and may have changed it; `theirs` nobody is ever let in to.
    """

    def __init__(self, app: Flask, folder: Path, *, in_api: bool) -> None:
        self.app, self.folder, self.in_api = app, folder, in_api
        self.ours = new_world(folder, make.person())
        self.role = cache(self._role)
        self.looker = cache(self._looker)

    def renew(self) -> None:
        self.ours = World(self.ours.store, make.person(), self.folder)

    @cached_property
    def theirs(self) -> World:
        return new_world(self.folder, make.person())

    @cached_property
    def nobody(self) -> Guest:
        return Guest(self.app.test_client())

    @cached_property
    def leaver(self) -> Guest:
        assert self.everybody  # somebody stays who may appoint: the only supervisor cannot leave
        person = make.person(*ASSIGNABLE)
        guest = self.guest(person)
        staff.disable_person(person.id, actor=make.ROOT)
        return guest

    @cached_property
    def everybody(self) -> Person:
        return make.person(*ASSIGNABLE)

    @cached_property
    def in_the_other_way(self) -> Guest:
        """A session at the API, a token at a page."""
        client = self.app.test_client()
        if self.in_api:
            return Guest(signed_in(client, self.everybody))
        return Guest(client, make.api_token(self.everybody))

    @cached_property
    def without_a_role(self) -> Guest:
        return self.guest(make.person())

    def _role(self, role: Role) -> tuple[Person, Guest]:
        person = make.person(role, store_id=self.ours.store.id)
        return person, self.guest(person)

    def _looker(self, role: Role, there: Role) -> Guest:
        """Somebody with `role` in our store who has `there` in theirs."""
        person = make.person(role, store_id=self.ours.store.id)
        staff.grant(person.id, there, store_id=self.theirs.store.id, actor=make.ROOT)
        return self.guest(person)

    def guest(self, person: Person, *scopes: str) -> Guest:
        client = self.app.test_client()
        return Guest(client, make.api_token(person, *scopes)) if self.in_api else Guest(signed_in(client, person))


def _made(sent: Any, world: World) -> dict[str, Any]:
    return dict(sent(world) if callable(sent) else sent)


def signed_in(client: FlaskClient, person: Person) -> FlaskClient:
    page = client.get("/sign-in")
    data = {"login": person.login, "password": make.PASSWORD, "csrf_token": make.token(page)}
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 303, answer.text
    return client
