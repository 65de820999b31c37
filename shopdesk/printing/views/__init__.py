"""Pages of printing."""

from flask import Blueprint

bp = Blueprint("printing", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.printing.views import papers, queue, requests, slips  # noqa: E402

__all__ = ["ID", "bp", "papers", "queue", "requests", "slips"]
