"""Which open change a wish would join: said before it is sent, and asked again where somebody was quicker."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from shopdesk.changes import queries
from shopdesk.changes.queries import parts
from shopdesk.changes.states import Kind
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor
from shopdesk.desk.forms import WishForm
from shopdesk.desk.queries import OrderView
from shopdesk.web.locale import label, when


@dataclass(frozen=True, slots=True)
class Joining:
    """The open change, and who asked for it when, in words."""

    change_id: int
    who: str
    words: str


def joining(view: OrderView, kind: Kind, line_id: int | None, actor: Actor) -> Joining | None:
    """What a wish of this kind would join now; None where it opens a change of its own."""
    found = queries.would_join(view.order.id, kind, actor, line_id=line_id)
    if found is None:
        return None
    names = {"who": found.asked_as, "kind": label(kind), "at": when(found.opened_at, view.store.zone)}
    if kind is Kind.CANCEL and parts.cancels_whole(found.id, view.store.id):
        words = _("%(who)s asked for “%(kind)s” at %(at)s: it is under way already.", **names)
    elif found.asked_by_id == actor.id:
        words = _("You asked for “%(kind)s” yourself at %(at)s; this wish joins that change.", **names)
    elif found.order_id != view.order.id:
        words = _(
            "%(who)s asked for “%(kind)s” at %(at)s for another order in this parcel; your wish joins that change.",
            **names,
        )
    else:
        words = _("%(who)s asked for “%(kind)s” at %(at)s; your wish joins that change.", **names)
    return Joining(found.id, found.asked_as, words)


def check_seen(form: WishForm, now: Joining | None) -> None:
    """Refuse a wish that would join a change which was not there, or not shown, when its page was made."""
    if now is not None and form.seen_change.data != str(now.change_id):
        raise Conflict(
            "%(who)s was quicker with the same wish. Look at it, then send yours again if it is to join.",
            code="would_join", who=now.who,
        )  # fmt: skip
