"""The WSGI entry: `wsgi:app` for gunicorn and waitress, `flask --app wsgi` for commands."""

from shopdesk import create_app

app = create_app()
