"""停发: the pages of stops."""

from flask import Blueprint

bp = Blueprint("stops", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.desk.views.stops import making, showing  # noqa: E402

__all__ = ["ID", "bp", "making", "showing"]
