"""Photos of a case, in and out."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.cases import queries, service
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import Refused, run, show
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.photos import PhotosForm, taken
from shopdesk.web.pictures import picture


@bp.get(f"/cases/<{ID}:case_id>/photos/<{ID}:photo_id>")
@needs(Permission.CASE_READ)
def photo(case_id: int, photo_id: int) -> Response:
    return picture(queries.photo_of(queries.case_by_id(case_id, actor()), photo_id).sha256)


@bp.post(f"/cases/<{ID}:case_id>/photos")
@needs(Permission.CASE_NOTE)
def add_photos(case_id: int) -> Page:
    from_form = PhotosForm()
    queries.case_by_id(case_id, actor(), Permission.CASE_NOTE)
    try:
        found = taken(from_form)
    except RuleViolation as error:
        return show(case_id, status=422, refused=Refused("photos", PhotosForm(formdata=None), message_of(error)))
    return run(
        case_id,
        "photos",
        from_form,
        lambda: service.add_photos(case_id, found, actor=actor()),
        said=_("The photos are kept."),
    )
