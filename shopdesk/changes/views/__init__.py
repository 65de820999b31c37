"""Pages of changes: the checks before printing and before the truck."""

from flask import Blueprint

bp = Blueprint("changes", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.changes.views import dispatch_check, print_check  # noqa: E402

__all__ = ["ID", "bp", "dispatch_check", "print_check"]
