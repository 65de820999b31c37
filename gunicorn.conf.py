"""How gunicorn serves ShopDesk; `manage.py run` and the systemd unit both read this file.

SHOPDESK_WEB_WORKERS and SHOPDESK_WEB_THREADS change the counts (processes, threads per process).
"""

import os
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("SHOPDESK_WEB_WORKERS", "2"))
threads = int(os.environ.get("SHOPDESK_WEB_THREADS", "4"))
preload_app = True  # imported once, then forked: a faster start; nothing is connected before the fork
timeout = 60  # seconds without a sign of life before a worker is replaced
graceful_timeout = 10  # seconds for requests under way at SIGTERM; below the 15 that manage.py waits


def on_starting(server: Any) -> None:
    """The application is imported: wait, where `manage.py run` still prepares its data, for a line; none, no server."""
    if os.environ.get("SHOPDESK_HELD") and os.read(0, 1) != b"\n":
        raise SystemExit(1)


def when_ready(server: Any) -> None:
    """Check the database before the first worker: gunicorn prints a RuntimeError as one sentence and ends with 1."""
    from shopdesk.web.selfcheck import check_at_start

    check_at_start(server.app.wsgi())


# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108

# Request lines carry search text (phones, names): no access log here, the application logs without personal data.
accesslog = None

# The most that gunicorn allows.  A look-up longer than this goes by POST (static/js/look_up.js).
limit_request_line = 8190  # bytes

# Who may speak for the client is the application's decision (its proxy hop count), never the server's.
secure_scheme_headers: dict[str, str] = {}

# It would be written to the home directory, outside the data directory.
control_socket_disable = True
