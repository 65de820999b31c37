"""Who asks, and about what: people of one store and of another, each signed in once for all rows of a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopdesk.core.db import db
from shopdesk.core.permissions import ASSIGNABLE, GRANTS, Permission, Role
from shopdesk.staff import queries
from shopdesk.staff import service as staff
from shopdesk.staff.models import Person
from tests import make
from tests.access.table import TABLE, Row
from tests.access.world import World
from tests.engines import SqliteDesk

IN = {"GET", "HEAD", "OPTIONS"}
_keys = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser or a program, and how it says who it is."""

    client: FlaskClient
    secret: str | None = None
    tokens: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, given: dict[str, Any]) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        sent: dict[str, Any] = {}
        if method not in IN:
            if path.startswith("/api/"):
                headers |= {"Idempotency-Key": f"key-{next(_keys)}", "If-Match": "*"}
                sent["json"] = given
            else:
                sent["data"] = {"csrf_token": self.token, **given}
        return self.client.open(path, method=method, headers=headers, **sent)

    @property
    def token(self) -> str:
        """As it stands on any page; it holds as long as the session."""
        if not self.tokens:
            self.tokens.append(make.token(self.client.get("/there-is-no-such-page")))
        return self.tokens[0]


#: who → the id of the person, and how they come in
People = dict[object, tuple[int, Guest]]


class Crowd:
    """Two stores with what is in them, and people of the first; made when they are first needed.

    `people` may have been made before, by another crowd on the same database.  `theirs` nobody is ever let in to.
    """

    def __init__(self, app: Flask, folder: Path, *, in_api: bool, people: People | None = None) -> None:
        self.app, self.folder, self.in_api = app, folder, in_api
        self.people: People = dict(people or {})
        self.ours, self.theirs = self._world("our-shop"), self._world("their-shop")
        self.is_kept = False

    def _world(self, slug: str) -> World:
        return World(make.store(slug), make.person(), self.folder)

    def keep(self, desk: SqliteDesk) -> None:
        """Remember the database for `put_back`, if anything was made since it was last remembered."""
        if not self.is_kept:
            desk.keep("before")
        self.is_kept = True

    def put_back(self, desk: SqliteDesk) -> None:
        """Undo what a request that was let in did to our store."""
        db.session.rollback()
        desk.clean("before")

    def gather(self) -> People:
        """Everybody whom many rows ask for."""
        assert self.leaver
        assert self.in_the_other_way
        assert self.without_a_role
        for role in ASSIGNABLE:
            self.role(role)
            for there in {there for row in TABLE.values() if (there := looks_there(row))}:
                self.looker(role, there)
        return self.people

    @cached_property
    def nobody(self) -> Guest:
        return Guest(self.app.test_client())

    @property
    def leaver(self) -> Guest:
        return self._known("leaver", self._who_left)[1]

    def _who_left(self) -> tuple[int, Guest]:
        assert self.everybody  # somebody stays who may appoint: the only supervisor cannot leave
        person = make.person(*ASSIGNABLE)
        guest = self.guest(person)
        staff.disable_person(person.id, actor=make.ROOT)
        return person.id, guest

    @property
    def everybody(self) -> Person:
        return person_of(self._known("everybody", lambda: self._guest_of(make.person(*ASSIGNABLE)))[0])

    def with_scope(self, scope: Permission) -> Guest:
        """A token of somebody who may do everything, for this alone."""
        return self._known(scope, lambda: (self.everybody.id, self.guest(self.everybody, scope)))[1]

    @property
    def in_the_other_way(self) -> Guest:
        """A session at the API, a token at a page."""
        return self._known("the other way", self._other_way)[1]

    def _other_way(self) -> tuple[int, Guest]:
        client, person = self.app.test_client(), self.everybody
        if self.in_api:
            return person.id, Guest(make.signed_in(client, person))
        return person.id, Guest(client, make.api_token(person))

    @property
    def without_a_role(self) -> Guest:
        return self._known("no role", lambda: self._guest_of(make.person()))[1]

    def role(self, role: Role) -> tuple[int, Guest]:
        """The id of somebody with the role in our store, and how they come in."""
        return self._known(role, lambda: self._guest_of(make.person(role, store_id=self.ours.store.id)))

    def looker(self, role: Role, there: Role) -> Guest:
        """Somebody with `role` in our store who has `there` in theirs."""
        return self._known((role, there), lambda: self._looker(role, there))[1]

    def _looker(self, role: Role, there: Role) -> tuple[int, Guest]:
        person = make.person(role, store_id=self.ours.store.id)
        staff.grant(person.id, there, store_id=self.theirs.store.id, actor=make.ROOT)
        return self._guest_of(person)

    def _known(self, key: object, made: Callable[[], tuple[int, Guest]]) -> tuple[int, Guest]:
        if key not in self.people:
            self.people[key] = made()
        return self.people[key]

    def _guest_of(self, person: Person) -> tuple[int, Guest]:
        return person.id, self.guest(person)

    def guest(self, person: Person, *scopes: str) -> Guest:
        self.is_kept = False
        client = self.app.test_client()
        return Guest(client, make.api_token(person, *scopes)) if self.in_api else Guest(make.signed_in(client, person))


def looks_there(row: Row) -> Role | None:
    """A role that may look at the orders of a store, but not do what the row says."""
    lookers = (r for r in ASSIGNABLE if Permission.ORDER_READ in GRANTS[r] and row.permission not in GRANTS[r])
    return next(lookers, None) if row.permission else None


def person_of(person_id: int) -> Person:
    found = queries.person_by_id(person_id)
    assert found
    return found


def sent(row: Row, world: World) -> dict[str, Any]:
    """What the row sends, with the ids of a world."""
    given = row.form if row.body is None else row.body
    return dict(given(world) if callable(given) else given or {})
