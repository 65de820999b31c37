"""Photos of a case: listed, shown, added."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case, CasePhoto
from shopdesk.core import pictures
from shopdesk.core.errors import NotAllowed
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import cases as schemas
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed
from shopdesk.web.photos import BINARY, body_of, sent
from shopdesk.web.pictures import picture

bp = DeskBlueprint("api_case_photos", __name__, tag="cases")


@bp.route("/cases/<id:case_id>/photos")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.CasePhotos)
def list_photos(case_id: int) -> Response:
    """The photos of a case, also those of the cases that go on in it."""
    return answer(_listed(_readable(case_id)))


@bp.route("/cases/<id:case_id>/photos", methods=["POST"])
@bp.doc(requestBody=body_of(service.MOST_PHOTOS))
@needs(Permission.CASE_NOTE)
@keyed()
@bp.response(201, schemas.CasePhotos)
def add_photos(case_id: int) -> Response:
    """Add photos: parts named `photos`, or one alone as the body (`image/jpeg`, `image/png`, `image/webp`).

    They are drawn anew, at most 2048 px on the long side and without EXIF.

    JPEG, PNG or WebP by their content, at most 10 MB each and 9 a case; one that is there already changes nothing.
    """
    queries.case_by_id(case_id, actor(), Permission.CASE_NOTE)
    case = service.add_photos(case_id, [pictures.tidy(content) for content in sent(service.MOST_PHOTOS)], actor=actor())
    return answer(_listed(case), 201, location=f"/cases/{case.id}/photos")


@bp.route("/cases/<id:case_id>/photos/<id:photo_id>")
@needs(Permission.CASE_READ)
@bp.response(200, BINARY, content_type="image/jpeg")
def show_photo(case_id: int, photo_id: int) -> Response:
    """One photo, as a JPEG."""
    return picture(queries.photo_of(_readable(case_id), photo_id).sha256)


def _readable(case_id: int) -> Case:
    case = queries.case_by_id(case_id, actor())
    if not queries.reads_wish(case, actor()):  # a photo cannot be masked
        raise NotAllowed("Your roles do not allow this.", permission=str(Permission.PERSONAL_READ))
    return case


def _listed(case: Case) -> dict[str, Any]:
    return {"items": [_photo(row) for row in queries.photos_of(case)]}


def _photo(row: CasePhoto) -> dict[str, Any]:
    return {
        "id": str(row.id), "case_id": str(row.case_id), "width": row.width, "height": row.height, "bytes": row.bytes,
        "added_at": at_text(row.added_at),
    }  # fmt: skip
