"""Pages of the dock: 退件签收, 拆包验货, 无主件."""

from typing import Any

from flask import Blueprint

from shopdesk.web.forms import new_key

bp = Blueprint("dock", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id


@bp.context_processor
def names() -> dict[str, Any]:
    """Each form carries a key of its own."""
    return {"new_key": new_key}


# The pages register themselves on the blueprint, so they come after it.
from shopdesk.warehouse.views.dock import acts, parcel, signing, unpacking  # noqa: E402

__all__ = ["acts", "bp", "parcel", "signing", "unpacking"]
