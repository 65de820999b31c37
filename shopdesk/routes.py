"""Every blueprint of the application, one list each for pages and API."""

from flask_smorest import Blueprint as ApiBlueprint

from shopdesk.desk.views import bp as desk
from shopdesk.web.views import bp as web

PAGES = [web, desk]
API: list[ApiBlueprint] = []
