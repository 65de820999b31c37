"""The blueprint that the pages of cases hang on."""

from flask import Blueprint
from werkzeug.wrappers import Response

from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation

bp = Blueprint("cases", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id
Page = str | tuple[str, int] | Response
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation)
