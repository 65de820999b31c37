"""Pages of the warehouse."""

from typing import Any

from flask import Blueprint

from shopdesk.web.forms import new_key

bp = Blueprint("warehouse", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist


@bp.context_processor
def names() -> dict[str, Any]:
    """Each form of an answer carries a key of its own."""
    return {"new_key": new_key}


# The pages register themselves on the blueprint, so they come after it.
from shopdesk.warehouse.views import board, recalls, scan  # noqa: E402

__all__ = ["board", "bp", "recalls", "scan"]
