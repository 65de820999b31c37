"""What a page says of a refund: how it stands, what comes next, why not more."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from shopdesk.desk.queries.refund_view import RefundView
from shopdesk.reconciling.queries.told import Otherwise
from shopdesk.refunds.service import Quote
from shopdesk.refunds.states import ENDED_BADLY, PAID_OTHERWISE, Cap, PayoutState, Stand
from shopdesk.web.locale import label, money_text

#: How it stands → tone and icon of its badge.
TONES: dict[Stand, tuple[str, str]] = {
    Stand.AWAITING_APPROVAL: ("warn", "hourglass"),
    Stand.REJECTED: ("bad", "ban"),
    Stand.WITHDRAWN: ("mute", "arrow-back-up"),
    Stand.AT_PLATFORM: ("warn", "external-link"),
    Stand.BY_FINANCE: ("warn", "coin"),
    Stand.SENDING: ("info", "arrows-exchange"),
    Stand.TO_VERIFY: ("bad", "alert-triangle"),
    Stand.AGREED: ("info", "external-link"),
    Stand.SUCCEEDED: ("ok", "check"),
    Stand.PARTLY: ("bad", "alert-triangle"),
    Stand.FAILED: ("bad", "ban"),
    Stand.REVERSED: ("bad", "arrow-back-up"),
}


def next_of(view: RefundView) -> str:
    """What comes next, and from whom."""
    if view.stand is Stand.AWAITING_APPROVAL and view.is_own:
        return _("You asked for it: a supervisor who did not ask decides.")
    if is_paid_otherwise(view):
        return _(
            "The platform paid another amount for it, which is counted as paid outside. Nothing is left to do, unless"
            " the customer is owed more: then ask for the rest."
        )
    if view.stand is Stand.TO_VERIFY and any(payout.needs_person for payout in view.payouts):
        return _(
            "The desk could not find out whether it was paid: a supervisor decides with evidence, on finance's table."
            " Do not pay it a second time."
        )
    return {
        Stand.AWAITING_APPROVAL: _("A supervisor who did not ask decides. Nothing is paid until then."),
        Stand.REJECTED: _("Nothing is paid. The reason stands in the history."),
        Stand.WITHDRAWN: _("Nothing is paid."),
        Stand.AT_PLATFORM: _(
            "Agree to it on the platform. It counts as refunded once the platform's list of refunds says so."
        ),
        Stand.BY_FINANCE: _("Finance pays it and notes the reference. It is not refunded yet."),
        Stand.SENDING: _("It is on its way. It is not refunded yet."),
        Stand.TO_VERIFY: _(
            "Nobody knows yet whether it was paid: the desk is still asking. Where it cannot find out, after a day at"
            " the latest, a supervisor decides with evidence. Do not pay it a second time."
        ),
        Stand.AGREED: _(
            "It was agreed to on the platform, as was said here: nothing is left to do. The platform's list of refunds"
            " has not confirmed this amount yet."
        ),
        Stand.SUCCEEDED: _("Refunded. Nothing is left to do."),
        Stand.PARTLY: _("A part was paid. What failed can be asked for anew, also to another destination."),
        Stand.FAILED: _("It was not paid, the money is free. Ask for it anew, also to another destination."),
        Stand.REVERSED: _("It was paid and came back: the customer does not have it. Ask for it anew."),
    }[view.stand]


def badge_of(view: RefundView) -> tuple[str, str, str]:
    """How it stands in words, with tone and icon."""
    return label(view.stand), *TONES[view.stand]


def is_paid_otherwise(view: RefundView) -> bool:
    """Whether the platform paid another amount for what of it failed: it must not be asked for in full again."""
    if view.stand not in {Stand.FAILED, Stand.PARTLY} or not view.paid_instead:
        return False
    return all(payout.code == PAID_OTHERWISE for payout in view.payouts if payout.state in ENDED_BADLY)


def _paid(view: RefundView) -> list[str]:
    """What was truly paid, each amount in words: by its own payouts, then what the platform paid instead."""
    ours = [one.paid_minor or one.amount_minor for one in view.payouts if one.state is PayoutState.SUCCEEDED]
    instead = [row.amount_minor for row in view.paid_instead]
    return [money_text(amount_minor, view.refund.currency) for amount_minor in [*ours, *instead]]


def told_otherwise(told: Otherwise, amount_minor: int, currency: str) -> str:
    """What the platform's list says was paid instead of what was asked for, and what it counts as."""
    return _(
        "The platform's list says that %(paid)s was paid (number %(number)s), not %(asked)s."
        " It is counted as paid outside.",
        paid=money_text(told.amount_minor, currency), number=told.number, asked=money_text(amount_minor, currency),
    )  # fmt: skip


def why_failed(view: RefundView) -> list[str]:
    """What the place said of payouts that were not paid."""
    bad = {PayoutState.FAILED, PayoutState.REVERSED, PayoutState.UNKNOWN}
    codes = {
        "by_hand": _("finance could not pay it"),
        PAID_OTHERWISE: _("the platform paid another amount, which is counted as paid outside")
        if view.paid_instead
        else _("the platform's list said that another amount was paid, and does not say so any more"),
        "taken_back": _("it was said to be paid, and was not"),
        "not_approved": _("it was not approved"),
        "paid_after_all": _("the place paid it after all: it is counted as paid outside"),
    }
    return [
        _("%(number)s: %(why)s", number=payout.number, why=codes.get(payout.code) or code_words(payout.code))
        for payout in view.payouts
        if payout.state in bad and payout.code
    ]


def code_words(code: str) -> str:
    """What a code of the desk's own means; a place's own code stays as it is."""
    return {
        "desk.timed_out": _("the place did not answer in time"),
        "desk.no_answer": _("the place did not answer"),
        "desk.too_long": _("the place's answer could not be read"),
        "desk.unreadable": _("the place's answer could not be read"),
        "desk.redirected": _("the place's answer could not be read"),
        "desk.resting": _("the place has not answered several times: nothing was sent now"),
        "desk.broken": _("the connection to the place failed"),
        "desk.by_hand": _("nothing was sent: people pay here"),
        "desk.other_number": _("the place answered about another number"),
        "desk.other_amount": _("the place says another amount"),
        "desk.other_currency": _("the place says another currency"),
        "desk.duplicate_not_matched": _("the place says it was refunded already, and does not show our refund"),
        "desk.reference_used": _("the place's reference belongs to another payout"),
    }.get(code, code)


def phrase(view: RefundView) -> str:
    """What to tell the customer, true now, in the store's language."""
    with force_locale("zh_Hans_CN" if view.store.memo_language == "zh" else "en"):
        facts = {
            "amount": money_text(view.refund.amount_minor, view.refund.currency),
            "number": view.order.number,
            "where": label(view.refund.destination),
        }
        if is_paid_otherwise(view):
            return _(
                "Of order %(number)s the platform has refunded %(paid)s the way you paid.",
                number=view.order.number, paid=_(", ").join(_paid(view)),
            )  # fmt: skip
        return _phrase(Stand.AT_PLATFORM if view.stand is Stand.AGREED else view.stand) % facts


def _phrase(stand: Stand) -> str:
    if stand is Stand.SUCCEEDED:
        return _("We have refunded %(amount)s of order %(number)s to: %(where)s.")
    if stand is Stand.AT_PLATFORM:
        return _(
            "We agree to refund %(amount)s of order %(number)s."
            " The platform returns it the way you paid; you will see it there."
        )
    if stand in {Stand.BY_FINANCE, Stand.SENDING, Stand.TO_VERIFY}:
        return _(
            "The refund of %(amount)s for order %(number)s is under way to: %(where)s."
            " We tell you once it has gone out."
        )
    return _("We are looking at the refund of %(amount)s for order %(number)s and come back to you.")


def to_agree(view: RefundView) -> list[tuple[str, str]]:
    """What to type or to check on the platform."""
    items = ", ".join(
        _("%(title)s × %(units)s", title=title, units=line.units) if line.units else title
        for line, title in view.lines
        if title
    )
    return [
        (_("Order no."), view.order.number),
        (_("Amount"), money_text(view.refund.amount_minor, view.refund.currency)),
        *([(_("Items"), items)] if items else []),
    ]


def limits(quote: Quote, titles: dict[int, str]) -> list[dict[str, Any]]:
    """Why not more, the caps that are passed first."""
    words = {
        Cap.UNITS: _("Units of this line that are neither cancelled, refunded nor replaced"),
        Cap.SHARE: _("Paid for the line and not given back"),
        Cap.SHARE_UNKNOWN: _("Nobody has told what was paid for this line: import the order's details"),
        Cap.SHIPPING: _("Paid for shipping and not given back"),
        Cap.SHIPPING_UNKNOWN: _("Nobody has told what the freight of this order was"),
        Cap.COMPENSATION: _("The store's limit for compensation in one case"),
        Cap.FEES: _("No more is kept than the goods that it is kept of"),
        Cap.PAYMENTS: _("What the payments of the order still hold"),
        Cap.PAID_UNKNOWN: _("Nobody has told what was paid for this order: import a list with its amounts"),
    }
    unknown = {Cap.SHARE_UNKNOWN, Cap.SHIPPING_UNKNOWN, Cap.PAID_UNKNOWN}
    return [
        {
            "words": words[limit.cap],
            "of": titles.get(limit.line_id or 0, ""),
            "most": str(limit.most_minor) if limit.cap is Cap.UNITS else None,
            "most_minor": None if limit.cap in unknown | {Cap.UNITS} else limit.most_minor,
            "is_over": limit.is_over,
        }
        for limit in sorted(quote.limits, key=lambda one: not one.is_over)
    ]
