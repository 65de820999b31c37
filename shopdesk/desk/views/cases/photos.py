"""The photos of a case: shown to who reads the case, added while it is open."""

from __future__ import annotations

from typing import Any

from flask import url_for

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor, Permission
from shopdesk.web.forms import DeskForm
from shopdesk.web.photos import PhotosForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any]:
    rows = queries.photos_of(case)
    may_add = case.phase is not CasePhase.CLOSED and who.may(Permission.CASE_NOTE, case.store_id)
    return {
        "is_done": not rows and case.phase is not CasePhase.COMMUNICATE,
        "photos": [(url_for("cases.photo", case_id=case.id, photo_id=row.id), row.width, row.height) for row in rows],
        "form": (typed or PhotosForm(formdata=None)) if may_add and len(rows) < service.MOST_PHOTOS else None,
        "most": service.MOST_PHOTOS,
    }
