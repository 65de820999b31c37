"""Pages of imports: files in, and the account of every row."""

from flask import Blueprint

bp = Blueprint("imports", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id; anything larger does not exist

# The pages register themselves on the blueprint, so they come after it.
from shopdesk.imports.views import runs, upload  # noqa: E402

__all__ = ["ID", "bp", "runs", "upload"]
