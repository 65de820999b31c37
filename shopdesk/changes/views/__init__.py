"""Pages of changes: the pre-print check."""

from flask import Blueprint

bp = Blueprint("changes", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.changes.views import print_check  # noqa: E402

__all__ = ["ID", "bp", "print_check"]
