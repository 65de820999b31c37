"""Commands on people, stores and sign-in."""

from shopdesk.staff.rules import PASSWORD_MIN
from shopdesk.staff.service.people import (
    add_person,
    disable_person,
    enable_person,
    grant,
    new_link,
    set_locale,
    sign_out_everywhere,
    take_away,
)
from shopdesk.staff.service.saved_views import delete_view, rename_view, save_view, share_view
from shopdesk.staff.service.sign_in import forget_ended_sessions, redeem_link, sign_in, sign_out
from shopdesk.staff.service.standing import end_stand_in, stand_in
from shopdesk.staff.service.stores import (
    HOLD_EXPIRIES,
    add_store,
    add_warehouse,
    ensure_warehouse,
    serve_store,
    set_compensation,
    set_hold_expiry,
    set_nudge_minutes,
    set_pull_back,
    set_return_extensions,
)
from shopdesk.staff.service.tokens import create_token, revoke_token

__all__ = [
    "HOLD_EXPIRIES",
    "PASSWORD_MIN",
    "add_person",
    "add_store",
    "add_warehouse",
    "create_token",
    "delete_view",
    "disable_person",
    "enable_person",
    "end_stand_in",
    "ensure_warehouse",
    "forget_ended_sessions",
    "grant",
    "new_link",
    "redeem_link",
    "rename_view",
    "revoke_token",
    "save_view",
    "serve_store",
    "set_compensation",
    "set_hold_expiry",
    "set_locale",
    "set_nudge_minutes",
    "set_pull_back",
    "set_return_extensions",
    "share_view",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "stand_in",
    "take_away",
]
