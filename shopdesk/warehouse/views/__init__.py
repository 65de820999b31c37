"""Pages of the warehouse."""

from flask import Blueprint

bp = Blueprint("warehouse", __name__)

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.warehouse.views import scan  # noqa: E402

__all__ = ["bp", "scan"]
