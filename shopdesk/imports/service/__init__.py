"""Commands of imports: files in, in chunks; single orders from the API."""

from shopdesk.imports.service.applying import as_sale, note_orders_feed, put_order
from shopdesk.imports.service.guarding import put_order_if
from shopdesk.imports.service.running import InputFile, queue, run_files, run_queued, why_unreadable
from shopdesk.imports.service.stopping import sweep
from shopdesk.imports.service.wording import failure_message, note_message, time_in_name

__all__ = [
    "InputFile",
    "as_sale",
    "failure_message",
    "note_message",
    "note_orders_feed",
    "put_order",
    "put_order_if",
    "queue",
    "run_files",
    "run_queued",
    "sweep",
    "time_in_name",
    "why_unreadable",
]
