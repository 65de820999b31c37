"""改单提醒: the inbox of one's roles, and the answers to what it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.inbox import AnswerForm, SelectedForm, VoidForm
from shopdesk.desk.queries import inbox as reads
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.frame import here
from shopdesk.desk.views.notice_words import asks_stage, heading, pills, tone
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.guard import actor, needs

Page = tuple[str, int] | str | Response
REFUSED = (Conflict, IllegalMove, RuleViolation)


@bp.get("/inbox")
@needs(Permission.NOTICE_READ)
def inbox() -> Page:
    return _page()


@bp.post(f"/inbox/<{ID}:notice_id>")
@needs(Permission.NOTICE_ANSWER)
def answer_notice(notice_id: int) -> Page:
    form = AnswerForm()
    if not form.validate():
        words = " ".join(str(e) for field in form for e in field.errors)
        return _page(errors={notice_id: words}, typed=form), 422
    try:
        return submit(form, lambda: _answered(notice_id, Answer(form.answer.data or ""), form.batch.data))
    except REFUSED as error:
        return _page(errors={notice_id: message_of(error)}, typed=form), STATUS[type(error)]


def _answered(notice_id: int, given: Answer, batch: str | None) -> str:
    changes.answer_notice(notice_id, given, batch=batch, actor=actor())
    flash(_("Answered."), "success")
    return _here()


@bp.post("/inbox/acknowledge")
@needs(Permission.NOTICE_ANSWER)
def answer_many() -> Page:
    """The ticked ones, or all that match: each gets its answer or says why not, and nothing is lost on the way."""
    form = SelectedForm()
    if not form.validate() or not (form.ids() or form.newest()):
        return _page(problem=_("Tick the notices first.")), 422
    if form.newest():
        found = changes.acknowledge_matching(form.given(), kind=_kind(), up_to=form.newest(), actor=here())
    else:
        found = changes.acknowledge(form.ids(), form.given(), actor=here())
    errors = {notice_id: message_of(error) for notice_id, error in found.refused.items()}
    return _page(errors=errors, done=len(found.done), left=len(found.left)), 409 if errors else 200


@bp.post(f"/inbox/<{ID}:notice_id>/void")
@needs(Permission.PARCEL_VOID)
def void(notice_id: int) -> Page:
    form = VoidForm()
    try:
        return submit(form, lambda: _voided(notice_id))
    except REFUSED as error:
        return _page(errors={notice_id: message_of(error)}), STATUS[type(error)]


def _voided(notice_id: int) -> str:
    change_id, position = reads.void_step(notice_id, actor())
    changes.do_step(change_id, position, Evidence(), actor=actor())
    flash(_("Voided. After-sale is asked to refund what was paid."), "success")
    return _here()


def _here() -> str:
    """Back to the same kind of notices."""
    kind = _kind()
    return url_for("desk.inbox", kind=str(kind) if kind else None)


def _kind() -> NoticeKind | None:
    wanted = request.args.get("kind", "")
    return NoticeKind(wanted) if wanted in set(NoticeKind) else None


def _after() -> int:
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _page(
    *,
    errors: dict[int, str] | None = None,
    typed: AnswerForm | None = None,
    problem: str | None = None,
    done: int | None = None,
    left: int = 0,
) -> str:
    view = reads.inbox(here(), kind=_kind(), after=_after())
    shown = {one.notice.id for row in view.rows for one in row.all}
    gone = {i: words for i, words in (errors or {}).items() if i not in shown}
    return render_template(
        "notices/inbox.html",
        view=view,
        kind=_kind(),
        pills=pills(view, _kind()),
        errors=errors or {},
        gone=_counted(gone.values()),
        left=left,
        newest=view.newest,
        problem=problem,
        done_words=ngettext("%(num)s notice acknowledged.", "%(num)s notices acknowledged.", done) if done else None,
        typed=typed,
        heading=heading,
        error_of=_error_of,
        tone=tone,
        asks_stage=asks_stage,
        new_key=new_key,
        shows_stores=len({row.store.id for row in view.rows}) > 1,
        shows_roles=len({one.notice.role for row in view.rows for one in row.all}) > 1,
        next_url=url_for("desk.inbox", kind=_kind(), after=view.next_after) if view.next_after else None,
    )


def _counted(words: Iterable[str]) -> list[str]:
    """Each reason once, with how many it is about."""
    return [f"{said} ({many})" if many > 1 else said for said, many in Counter(words).items()]


def _error_of(row: reads.InboxRow, errors: dict[int, str]) -> str | None:
    return next((errors[one.notice.id] for one in row.all if one.notice.id in errors), None)
