"""Which of two sources is right about a stage: a person has looked."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Permission
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.parcels.states import Stage
from shopdesk.web.forms import DeskForm
from shopdesk.web.guard import actor, needs


class StageForm(DeskForm):
    """The parcel, the stage that was shown, and the told one that was chosen."""

    parcel_id = IntegerField()
    stage = HiddenField()
    chosen = HiddenField()

    def seen(self) -> Stage:
        return Stage(self.stage.data) if self.stage.data in set(Stage) else Stage.VOIDED

    def picked(self) -> Stage | None:
        return Stage(self.chosen.data) if self.chosen.data in set(Stage) else None


@bp.post(f"/orders/<{ID}:order_id>/stage-seen")
@needs(Permission.PRINT_CHECK)
def confirm_stage(order_id: int) -> Answer:
    form = StageForm()

    def act() -> str:
        changes.confirm_stage(form.parcel_id.data or 0, form.seen(), chosen=form.picked(), actor=actor())
        return url_for("desk.order", order_id=order_id)

    return run(form, order_id, act, said=_("Noted: the stage that you chose stands."))
