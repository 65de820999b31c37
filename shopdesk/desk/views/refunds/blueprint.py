"""The blueprint that the pages of refunds hang on."""

from flask import Blueprint

bp = Blueprint("refunds", __name__)
