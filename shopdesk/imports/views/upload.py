"""Files in: they are kept and queued; the worker imports them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from shopdesk.core import idempotency
from shopdesk.core.errors import RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission
from shopdesk.imports import service
from shopdesk.imports.forms import UploadForm
from shopdesk.imports.service import InputFile
from shopdesk.imports.views import bp
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import once

Page = tuple[str, int] | str | Response


@bp.get("/feeds/<slug>/files")
@needs(Permission.IMPORT_WRITE)
def upload_page(slug: str) -> Page:
    return _page(_store(slug), UploadForm())


@bp.post("/feeds/<slug>/files")
@needs(Permission.IMPORT_WRITE)
def upload(slug: str) -> Page:
    """The command key counts together with the files: the same form with other files is another import."""
    store, form = _store(slug), UploadForm()
    if not form.validate():
        return _page(store, form), 422
    try:
        as_of = form.told_at(store.zone)
        files = _files(form, store, as_of)
    except RuleViolation as error:
        field = form.as_of if error.code == "when_exported" else form.files
        field.errors = [*field.errors, message_of(error)]
        return _page(store, form), 422
    seen = hashlib.sha256("".join(hashlib.sha256(f.content).hexdigest() for f in files).encode()).hexdigest()
    print_ = idempotency.fingerprint(request.path, form.as_of.data, [f.name for f in files], seen)
    folder = current_app.config["DATA"] / "imports"
    key = f"{(form.command_key.data or new_key())[:60]}:{print_[:40]}"
    slug_ = store.slug
    answer = once(key, print_, lambda: Answer(303, location=_queued(slug_, files, folder, as_of)))
    return redirect(answer.location or request.path, code=303)


def _queued(slug: str, files: list[InputFile], folder: Path, as_of: datetime | None) -> str:
    run = service.queue(_store(slug), files, folder, as_of=as_of, actor=actor())
    return url_for("imports.run", run_id=run.id)


def _store(slug: str) -> Store:
    return staff.store_by_slug(slug, actor(), Permission.IMPORT_WRITE)


def _files(form: UploadForm, store: Store, as_of: datetime | None) -> list[InputFile]:
    """What was sent.  Raises RuleViolation for a file that is too large or that says nowhere when it was made (D1)."""
    found = []
    for file, own_time in zip(form.files.data, form.own_times(), strict=True):
        if not file.filename:
            continue
        content = _content(file)
        if not (as_of or own_time or service.time_in_name(file.filename, store.zone)):
            raise RuleViolation(
                "%(file)s does not say when it was exported. Enter the time and choose the files again.",
                code="when_exported", file=file.filename,
            )  # fmt: skip
        found.append(InputFile(file.filename, content, own_time))
    return found


def _content(file: FileStorage) -> bytes:
    most = current_app.config["MAX_UPLOAD_BYTES"]
    content = file.stream.read(most + 1)
    if len(content) > most:
        raise RuleViolation(
            "%(file)s is larger than %(limit_mb)s MB. Export a shorter period.",
            code="file_too_large", file=file.filename, limit_mb=most // 1024**2,
        )  # fmt: skip
    return content


def _page(store: Store, form: UploadForm) -> str:
    return render_template(
        "imports/upload.html",
        store=store,
        form=form,
        problems=[str(e) for e in form.files.errors],
        as_of_error=" ".join(str(e) for e in form.as_of.errors) or None,
        most_mb=current_app.config["MAX_UPLOAD_BYTES"] // 1024**2,
        key=new_key(),
    )
