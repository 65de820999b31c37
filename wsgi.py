"""The WSGI entry: `wsgi:app` for gunicorn and waitress, `flask --app wsgi` for commands."""

from shopdesk import create_app
from shopdesk.web.assets import serve_compressed

app = create_app()
serve_compressed(app)
