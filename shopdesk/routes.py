"""Every blueprint of the application, one list each for pages and API."""

from flask_smorest import Blueprint as ApiBlueprint

from shopdesk.cases import api as cases_api
from shopdesk.changes import api as changes_api
from shopdesk.changes.views import bp as changes
from shopdesk.connectors.hooks import bp as hooks
from shopdesk.desk import api as desk_api
from shopdesk.desk.views import bp as desk
from shopdesk.desk.views.cases import bp as cases
from shopdesk.desk.views.cases import invoices_bp as invoices
from shopdesk.desk.views.finance import bp as finance
from shopdesk.desk.views.refunds import bp as refunds
from shopdesk.desk.views.stops import bp as stops
from shopdesk.feeds import api as feeds_api
from shopdesk.imports import api as imports_api
from shopdesk.imports.views import bp as imports
from shopdesk.printing import api as printing_api
from shopdesk.printing.views import bp as printing
from shopdesk.returns import api as returns_api
from shopdesk.warehouse import api as warehouse_api
from shopdesk.warehouse.views import bp as warehouse
from shopdesk.warehouse.views.dock import bp as dock
from shopdesk.web.views import bp as web

PAGES = [web, desk, cases, invoices, refunds, finance, changes, stops, printing, warehouse, dock, imports]
#: Told by machines, which sign what they say: no session, no form.
HOOKS = [hooks]
API: list[ApiBlueprint] = [
    desk_api.orders,
    desk_api.memos,
    desk_api.changes,
    desk_api.watch,
    changes_api.changes,
    cases_api.bp,
    desk_api.case_photos,
    desk_api.resolving,
    desk_api.finance,
    desk_api.recoveries,
    desk_api.reconciliation,
    desk_api.refunds,
    returns_api.returns,
    returns_api.courier,
    returns_api.policies,
    desk_api.case_work,
    desk_api.everyday,
    desk_api.case_queue,
    desk_api.notices,
    desk_api.checks,
    desk_api.dispatch_checks,
    printing_api.bp,
    warehouse_api.bp,
    warehouse_api.arrivals,
    changes_api.facts,
    desk_api.stops,
    desk_api.ready,
    desk_api.parcels,
    feeds_api.bp,
    imports_api.orders,
    imports_api.runs,
    desk_api.events,
]
