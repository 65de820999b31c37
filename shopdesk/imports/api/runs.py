"""Import runs: files in, and how far they are."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from shopdesk.core import paging
from shopdesk.core.errors import Malformed, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.core.text import strip_controls
from shopdesk.imports import queries, schemas, service
from shopdesk.imports.models import ImportFile, ImportNote, ImportRun
from shopdesk.imports.service import InputFile
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, Time, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import filled
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_imports", __name__, tag="imports")
FORM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["files"],
    "properties": {
        "files": {"type": "array", "minItems": 1, "maxItems": 10, "items": {"type": "string", "format": "binary"}},
        "as_of": {
            "type": "string",
            "format": "date-time",
            "description": "needed where a file's name does not tell it",
        },
    },
}


class NotAForm(UnsupportedMediaType):
    words = _("Send a form of the type multipart/form-data: the files in parts named files, and as_of if needed.")


@bp.route("/stores/<word:store>/imports", methods=["POST"])
@bp.doc(requestBody={"required": True, "content": {"multipart/form-data": {"schema": FORM}}})
@needs(Permission.IMPORT_WRITE)
@keyed()
@bp.response(202, schemas.Run, description="taken; the worker goes on, GET at Location says how far")
def start_import(store: str) -> Response:
    """Take exports as parts named `files`, in any order: order lists, details, and lists of refunds or after-sale."""
    where = staff.store_by_slug(store, actor(), Permission.IMPORT_WRITE)
    if request.mimetype != "multipart/form-data":
        raise NotAForm
    files, as_of = _files(), _as_of()
    for file in files:
        if not (as_of or service.time_in_name(file.name, where.zone)):  # never the time of the upload (D1)
            raise RuleViolation(
                "%(file)s does not say when it was exported: send as_of.", code="when_exported", file=file.name
            )
    folder = current_app.config["DATA"] / "imports"
    run = service.queue(where, files, folder, as_of=as_of, actor=actor())
    return answer(_run(run, where.slug, 0, 50), 202, location=f"/imports/{run.id}")


def _files() -> list[InputFile]:
    if set(request.files) - {"files"} or set(request.form) - {"as_of"}:
        raise _misfit(form=gettext("The parts are named files and as_of."))
    found: dict[str, InputFile] = {}
    for part in request.files.getlist("files"):
        name = strip_controls(part.filename or "").strip()[:200] or "file"
        while name in found:  # two files of one name are told apart
            name = f"_{name}"
        content = part.stream.read(current_app.config["MAX_UPLOAD_BYTES"] + 1)
        if len(content) > current_app.config["MAX_UPLOAD_BYTES"]:
            raise RequestEntityTooLarge
        found[name] = InputFile(name, content)
    if not found:
        raise _misfit(files=gettext("Please fill this in."))
    return list(found.values())


def _as_of() -> Any:
    if "as_of" not in request.form:
        return None
    try:
        return Time().deserialize(request.form["as_of"])
    except ValidationError as error:
        raise Malformed("The request cannot be understood.", fields={"as_of": error.messages}) from error


def _misfit(**fields: str) -> Malformed:
    return Malformed("The request cannot be understood.", fields={name: [text] for name, text in fields.items()})


@bp.route("/imports/<id:run_id>")
@needs(Permission.IMPORT_WRITE)
@bp.arguments(schemas.RunPage, location="query")
@bp.response(200, schemas.Run)
def show_import(page: dict[str, Any], run_id: int) -> Response:
    """How far a run is, its files, and (by cursor) the rows that were refused or need a word."""
    run = queries.run_by_id(run_id, actor())
    after = paging.decode(page["cursor"], (int,))[0] if page["cursor"] else 0
    return answer(_run(run, staff.store_by_id(run.store_id).slug, after, page["limit"]))


def _run(run: ImportRun, store: str, after: int, limit: int) -> dict[str, Any]:
    notes = queries.notes_of(run, after=after, limit=limit + 1)
    following = paging.encode(notes[limit - 1].id) if len(notes) > limit else None
    return {
        "id": str(run.id), "store": store, "state": str(run.state), "as_of": at_text(run.as_of),
        "made_at": at_text(run.made_at), "done_at": at_text(run.done_at), "orders_total": run.orders_total,
        "orders_done": run.handled, "created": run.created,
        "updated": run.updated, "unchanged": run.unchanged, "refused": run.refused, "failure": _failure(run.failure),
        "files": [_file(file) for file in queries.files_of(run)],
        "notes": {"items": [_note(note) for note in notes[:limit]], "next": following},
    }  # fmt: skip


def _failure(failure: dict[str, Any] | None) -> dict[str, Any] | None:
    return failure and {**failure, "message": filled(*service.failure_message(failure))}


def _file(file: ImportFile) -> dict[str, Any]:
    return {
        "name": file.name, "profile": file.profile, "encoding": file.encoding, "as_of": at_text(file.as_of),
        "rows": file.rows, "accepted": file.accepted, "refused": file.refused, "duplicates": file.duplicates,
    }  # fmt: skip


def _note(note: ImportNote) -> dict[str, Any]:
    return {
        "id": str(note.id), "file": note.file, "row_no": note.row_no, "severity": str(note.severity),
        "code": note.code, "message": filled(*service.note_message(note)),
        "field": note.field, "excerpt": note.excerpt, "order_number": note.order_number,
        "facts": note.facts,
    }  # fmt: skip
