"""What each kind of event was, in words, with its icon: for the timeline of an order and for histories."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

#: Event action → icon, what it was.
EVENTS: dict[str, tuple[str, Any]] = {
    "order.mirrored": ("database", _("read from an export")),
    "order.readiness_set": ("alert-circle", _("said whether the order may be printed")),
    "change.opened": ("replace", _("asked for a change")),
    "change.joined": ("replace", _("added a wish to the change")),
    "change.gathered": ("link", _("The wishes of a merged parcel were put together")),
    "change.confirmed": ("circle-check", _("noted that the customer confirmed")),
    "change.done": ("check", _("The change is done")),
    "change.withdrawn": ("arrow-back-up", _("withdrew the change")),
    "change.too_late": ("alert-triangle", _("The change came too late")),
    "change.reopened": ("alert-triangle", _("The change is open again")),
    "change.refund_due": ("receipt-refund", _("A refund is due for units that were taken off")),
    "case.opened": ("headset", _("A case was opened")),
    "case.accepted": ("user", _("accepted the case")),
    "case.closed": ("circle-check", _("closed the case")),
    "step.done": ("check", _("did a step")),
    "memo.written": ("flag", _("wrote a memo")),
    "memo.copied": ("copy", _("copied the whole memo")),
    "memo.pasted": ("clipboard-check", _("pasted the memo into the platform")),
    "amendment.copied": ("copy", _("copied the new value")),
    "amendment.entered": ("clipboard-check", _("entered the new value in the platform")),
    "notice.answered": ("bell", _("answered a notice")),
    "personal.revealed": ("eye", _("revealed a personal value")),
    "fact.recorded": ("package", _("The stage was reported")),
    "fact.repeated": ("package", _("The stage was reported once more")),
    "fact.confirmed": ("package", _("The stage was reported once more, as of later")),
    "parcel.voided": ("ban", _("voided the parcel")),
    "parcel.merged": ("link", _("merged parcels")),
    "parcel.split": ("arrows-exchange", _("split the parcel")),
    "waybill.known": ("truck", _("A waybill number became known")),
    "check.made": ("clipboard-check", _("made a pre-print check")),
    "check.printed": ("printer", _("printed a checked batch")),
    "feed.told": ("database", _("A feed said since when it is true")),
    "feed.noted": ("database", _("A feed was read")),
    "import.started": ("upload", _("began an import")),
    "import.read": ("upload", _("The files of an import were read")),
    "import.applied": ("upload", _("An import brought orders")),
    "import.refused": ("alert-circle", _("An import was stopped: its person may no longer import")),
    "import.broken_off": ("alert-circle", _("An import was broken off")),
    "import.refused_order": ("alert-circle", _("An import refused an order")),
    "import.finished": ("upload", _("An import ended")),
    "person.added": ("user", _("added a person")),
    "person.disabled": ("user", _("shut a person out")),
    "person.language_set": ("language", _("chose a language")),
    "person.link_made": ("lock", _("made a one-time link")),
    "person.password_set": ("lock", _("set a password")),
    "person.role_granted": ("user", _("gave a role")),
    "person.role_taken": ("user", _("took a role away")),
    "person.signed_in": ("user", _("signed in")),
    "person.signed_out": ("logout", _("signed out")),
    "person.signed_out_everywhere": ("logout", _("was signed out everywhere")),
    "store.added": ("building-store", _("added a store")),
    "warehouse.added": ("building-warehouse", _("added a warehouse")),
    "token.created": ("lock", _("made an access token")),
    "token.revoked": ("lock", _("took an access token back")),
    "demo.made_older": ("clock", _("The demo was moved back in time")),
}
#: Stage facts have lines of their own in a timeline, with who said it and when it happened.
TOLD_BY_FACTS = frozenset({"fact.recorded", "fact.repeated", "fact.confirmed"})
