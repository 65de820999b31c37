"""Shapes of wishes, changes and their steps."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from shopdesk.changes.states import (
    ON_LINE,
    SPECIAL,
    ApplicationState,
    ChangeState,
    ConfirmChannel,
    Destination,
    Kind,
    Others,
    StepState,
)
from shopdesk.core import references
from shopdesk.core.permissions import Role
from shopdesk.desk.schemas.knowledge import stage
from shopdesk.parcels.states import RecallKind, RecallState, Stage
from shopdesk.web.api import Amount, Answer, Body, Id, OneLine, Text, Time

ADDRESS = ("name", "phone", "province", "city", "district", "street", "zip")
#: The members of `value` that each kind takes.
MEMBERS: dict[Kind, tuple[str, ...]] = {
    Kind.ADDRESS: ADDRESS,
    Kind.ATTRIBUTE: ("attributes",),
    Kind.QUANTITY: ("quantity",),
    Kind.PRICE: ("amount",),
    Kind.FREIGHT: ("amount",),
    Kind.CANCEL: ("text", "lines"),
    **dict.fromkeys(SPECIAL, ("text",)),
}


class Units(Body):
    line_id = Id(required=True)
    units = fields.Integer(strict=True, required=True, validate=validate.Range(min=1, max=100_000))


class Value(Body):
    """The new value: address its parts (absent ones stay); attribute, quantity, amount or text for the other kinds."""

    lines = fields.List(
        fields.Nested(Units),
        validate=validate.Length(min=1, max=500),
        metadata={"description": "cancel: so many units of these lines; without it the whole order"},
    )

    name = OneLine(64)
    phone = OneLine(64)
    province = OneLine(64)
    city = OneLine(64)
    district = OneLine(64)
    street = OneLine(500)
    zip = OneLine(16)
    attributes = OneLine(500)
    quantity = fields.Integer(
        strict=True, validate=validate.Range(min=0, max=100_000), metadata={"description": "units that remain"}
    )
    text = OneLine(500)
    amount = Amount(allow_none=False)


class Confirmation(Body):
    """The customer's yes: the words, how they came, when."""

    text = Text(2000, required=True)
    via = fields.Enum(ConfirmChannel, by_value=True, required=True)
    at = Time(allow_none=True, load_default=None, metadata={"description": "absent: now"})


class AskIn(Body):
    """A wish.  `seen_stage` is the stage that the asker saw: where it has moved on, nothing is written (409)."""

    kind = fields.Enum(Kind, by_value=True, required=True)
    value = fields.Nested(Value, load_default=dict)
    line_id = Id(allow_none=True, load_default=None)
    seen_stage = fields.Enum(Stage, by_value=True, allow_none=True, load_default=None)
    confirmation = fields.Nested(Confirmation, allow_none=True, load_default=None)
    pull_back = fields.Boolean(
        load_default=False,
        metadata={"description": "of what our own scan handed over just now: ask the warehouse to pull it back first"},
    )
    others = fields.Enum(
        Others, by_value=True, allow_none=True, load_default=None,
        metadata={"description": "address of a merged parcel, required there: what becomes of its other orders"},
    )  # fmt: skip

    @validates_schema
    def check_value(self, data: dict[str, Any], **_kwargs: Any) -> None:
        kind = data["kind"]
        strange = sorted(set(data["value"]) - set(MEMBERS[kind]))
        if strange:
            raise ValidationError({"value": {name: [str(_("Not of this kind."))] for name in strange}})
        if not data["value"] and kind is not Kind.CANCEL:
            raise ValidationError({"value": [str(_("Please fill this in."))]})
        named = [one["line_id"] for one in data["value"].get("lines") or ()]
        if len(set(named)) < len(named):
            raise ValidationError({"value": {"lines": [str(_("Name each line once."))]}})
        if kind in ON_LINE and data["line_id"] is None:
            raise ValidationError({"line_id": [str(_("Say which line."))]})


class CountedLine(Body):
    """Units of one line that were counted."""

    line_id = Id(required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=1_000_000))


class DoneIn(Body):
    """What is recorded with a step; each code takes its own members, the others are left out.

    `confirm`: text, via, at · `refund`: amount, reference, destination · `hand_out`, `hand_to_after_sale`: to ·
    `reprint`: waybill · `repack`: grams · `book_in`: counted.  `version` is the change's as it
    was read: where it has moved on, 409.
    """

    version = fields.Integer(strict=True, allow_none=True, load_default=None)

    text = Text(2000, load_default=None)
    via = fields.Enum(ConfirmChannel, by_value=True, allow_none=True, load_default=None)
    at = Time(allow_none=True, load_default=None)
    amount = Amount(load_default=None)
    reference = OneLine(
        references.MOST,
        load_default=None,
        metadata={"description": "letters, digits and - . / # : with at least one digit; never a name or a phone"},
    )

    destination = fields.Enum(Destination, by_value=True, load_default=Destination.PLATFORM)
    to = Id(allow_none=True, load_default=None, metadata={"description": "one of the change's `receivers`"})
    waybill = OneLine(
        64,
        load_default=None,
        metadata={"description": "the new number; needed for address and courier on electronic waybills"},
    )
    grams = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(min=1, max=1_000_000),
        metadata={"description": "needed after a change of quantity and a cancel of lines"},
    )  # fmt: skip
    counted = fields.List(
        fields.Nested(CountedLine), allow_none=True, load_default=None, validate=validate.Length(max=500),
        metadata={"description": "what came back, by line; a difference from the document is recorded"},
    )  # fmt: skip


class Because(Body):
    reason = Text(500, required=True)


class UnitsOut(Answer):
    line_id = Id(required=True)
    units = fields.Integer(required=True)


class PartOut(UnitsOut):
    taken = fields.Integer(required=True, metadata={"description": "cancelled so far: printing has taken them out"})


class WishOut(Answer):
    """Old and new as this person may see them: in words, or of a price or freight as amounts.

    Null where nobody told it, where the kind has the other of the two, and of amounts without money:read.
    """

    id = Id(required=True)
    line_id = Id(required=True, allow_none=True)
    old = fields.String(required=True, allow_none=True)
    new = fields.String(required=True, allow_none=True)
    old_amount = Amount(required=True, allow_none=True)
    new_amount = Amount(required=True, allow_none=True)
    lines = fields.List(
        fields.Nested(UnitsOut), required=True, metadata={"description": "a cancel of lines; empty: the whole order"}
    )
    asked_at = Time(required=True)
    confirmed_at = Time(required=True, allow_none=True)
    confirmed_via = fields.Enum(ConfirmChannel, by_value=True, required=True, allow_none=True)


class StepOut(Answer):
    n = fields.Integer(required=True, metadata={"description": "its number in /changes/{id}/steps/{n}/done"})
    code = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    state = fields.Enum(StepState, by_value=True, required=True)
    ends_hold = fields.Boolean(required=True)
    after_hold = fields.Boolean(required=True)
    by_message = fields.Boolean(required=True, metadata={"description": "at a supplier's: a message and their answer"})
    done_at = Time(required=True, allow_none=True)
    person_id = Id(required=True, allow_none=True, metadata={"description": "who of the role has it"})
    reminders = fields.Integer(required=True)
    reminded_at = Time(required=True, allow_none=True)


class RecallOut(Answer):
    """Papers or a parcel that are asked back (`requested`) or in somebody's hands (`handed_out`)."""

    kind = fields.Enum(RecallKind, by_value=True, required=True)
    state = fields.Enum(RecallState, by_value=True, required=True)
    requested_at = Time(required=True)
    holder_id = Id(required=True, allow_none=True)


class Receiver(Answer):
    id = Id(required=True)
    name = fields.String(required=True)


class PlatformOut(Answer):
    """A refund application on the platform, which a feed told: its word and its clock stand beside our own."""

    line_id = Id(required=True, allow_none=True, metadata={"description": "null: the order as a whole"})
    state = fields.Enum(ApplicationState, by_value=True, required=True)
    told = fields.String(required=True, allow_none=True, metadata={"description": "the platform's own word"})
    due_at = Time(required=True, allow_none=True)
    first_told_at = Time(required=True)


class ChangeOut(Answer):
    id = Id(required=True)
    order_id = Id(required=True)
    parcel_id = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    column = stage(metadata={"description": "whose steps of the playbook it goes through"})
    state = fields.Enum(ChangeState, by_value=True, required=True)
    opened_at = Time(required=True)
    ended_at = Time(required=True, allow_none=True)
    hold_expires_at = Time(required=True, allow_none=True)
    wishes = fields.List(fields.Nested(WishOut), required=True)
    steps = fields.List(fields.Nested(StepOut), required=True)
    next_step = fields.Integer(required=True, allow_none=True)
    can_do_next = fields.Boolean(required=True, metadata={"description": "by this caller"})
    can_withdraw = fields.Boolean(required=True)
    can_end = fields.Boolean(required=True)
    follower_id = Id(required=True, allow_none=True, metadata={"description": "who does pre-sale's steps"})
    version = fields.Integer(required=True)
    recall = fields.Nested(RecallOut, required=True, allow_none=True)
    receivers = fields.List(
        fields.Nested(Receiver), required=True, metadata={"description": "whom the next step may name in `to`"}
    )
    refundable = Amount(required=True, allow_none=True)
    lines = fields.List(
        fields.Nested(PartOut), required=True, metadata={"description": "a cancel of lines: what leaves this parcel"}
    )
    platform = fields.List(fields.Nested(PlatformOut), required=True)


class ChangesOut(Answer):
    """One change for each parcel that the wish concerns."""

    items = fields.List(fields.Nested(ChangeOut), required=True)


class OptionOut(Answer):
    kind = fields.Enum(Kind, by_value=True, required=True)
    is_allowed = fields.Boolean(required=True)
    code = fields.String(required=True, allow_none=True, metadata={"description": "why not"})
    message = fields.String(required=True, allow_none=True)
    stage = stage(allow_none=True, metadata={"description": "send it back as seen_stage"})
    asks_printing_first = fields.Boolean(required=True)
    pull_back_until = Time(
        required=True,
        allow_none=True,
        metadata={"description": "it has left, but until then `pull_back` can be asked for"},
    )
    open_change_id = Id(required=True, allow_none=True, metadata={"description": "the change that a wish joins"})


class ParcelOptions(Answer):
    parcel_id = Id(required=True)
    stage = stage()
    kinds = fields.List(fields.Nested(OptionOut), required=True)


class OptionsOut(Answer):
    """What this caller may do now: for the order as a whole, and for each of its parcels."""

    order_id = Id(required=True)
    kinds = fields.List(fields.Nested(OptionOut), required=True)
    parcels = fields.List(fields.Nested(ParcelOptions), required=True)
