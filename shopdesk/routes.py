"""Every blueprint of the application, one list each for pages and API."""

from shopdesk.web.views import bp as web

PAGES = [web]
API: list = []
