"""What gunicorn serves here: ShopDesk as it is, and the bound beside it in the same workers."""

from __future__ import annotations

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.bound import create_bound
from shopdesk import create_app

app = create_app()
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/bound": create_bound()})  # type: ignore[method-assign]
