"""What gunicorn serves here: ShopDesk as it is, and the bound beside it in the same workers."""

from __future__ import annotations

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.bound import create_bound
from benchmarks.stand_in import add_stand_in
from shopdesk import create_app

shopdesk = create_app()
add_stand_in(shopdesk)
app = DispatcherMiddleware(shopdesk, {"/bound": create_bound()})
