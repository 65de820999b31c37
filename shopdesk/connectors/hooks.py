"""Where places to pay tell that something happened; nobody is shown anything here."""

from __future__ import annotations

from flask import Blueprint, request

from shopdesk.connectors.places import Forged, ours
from shopdesk.core.errors import NotFound
from shopdesk.refunds import service as refunds
from shopdesk.web.guard import public

bp = Blueprint("hooks", __name__)


@bp.post("/hooks/<place>")
@public
def hear(place: str) -> tuple[str, int]:
    """A webhook: 204 once its signature holds, also when it was heard before; 400 for everything else.

    It is a hint and no fact: kept once, then the place is asked (trust.md rule 3).
    """
    known = ours().get(place)
    if known is None:
        raise NotFound("There is no such thing here.")
    try:
        hint = known.read_hint(dict(request.headers), request.get_data(cache=False))
    except Forged:
        return "", 400
    refunds.take_in(hint)
    return "", 204
