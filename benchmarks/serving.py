"""What gunicorn serves here: ShopDesk as it is, and the bound beside it in the same workers."""

from __future__ import annotations

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.bound import create_bound
from shopdesk import create_app

app = DispatcherMiddleware(create_app(), {"/bound": create_bound()})
