"""The blueprint of how cases are resolved."""

from shopdesk.web.api import DeskBlueprint

bp = DeskBlueprint("api_resolving", __name__, tag="cases")
