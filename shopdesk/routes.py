"""Every blueprint of the application, one list each for pages and API."""

from flask_smorest import Blueprint as ApiBlueprint

from shopdesk.changes.views import bp as changes
from shopdesk.desk.views import bp as desk
from shopdesk.imports.views import bp as imports
from shopdesk.web.views import bp as web

PAGES = [web, desk, changes, imports]
API: list[ApiBlueprint] = []
