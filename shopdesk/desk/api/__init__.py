"""Resources that compose features: orders, changes, notices, checks, the audit feed."""

from shopdesk.desk.api.case_photos import bp as case_photos
from shopdesk.desk.api.case_queue import bp as case_queue
from shopdesk.desk.api.case_work import bp as case_work
from shopdesk.desk.api.changes import bp as changes
from shopdesk.desk.api.checks import bp as checks
from shopdesk.desk.api.dispatch import bp as dispatch_checks
from shopdesk.desk.api.events import bp as events
from shopdesk.desk.api.everyday import bp as everyday
from shopdesk.desk.api.finance import bp as finance
from shopdesk.desk.api.memos import bp as memos
from shopdesk.desk.api.notices import bp as notices
from shopdesk.desk.api.orders import bp as orders
from shopdesk.desk.api.parcels import bp as parcels
from shopdesk.desk.api.ready import bp as ready
from shopdesk.desk.api.reconciliation import bp as reconciliation
from shopdesk.desk.api.recoveries import bp as recoveries
from shopdesk.desk.api.refunds import bp as refunds
from shopdesk.desk.api.resolving import bp as resolving
from shopdesk.desk.api.stops import stops
from shopdesk.desk.api.watch import bp as watch

__all__ = [
    "case_photos",
    "case_queue",
    "case_work",
    "changes",
    "checks",
    "dispatch_checks",
    "events",
    "everyday",
    "finance",
    "memos",
    "notices",
    "orders",
    "parcels",
    "ready",
    "reconciliation",
    "recoveries",
    "refunds",
    "resolving",
    "stops",
    "watch",
]
