"""Every module with tables, so that the metadata is whole wherever the application is."""

from shopdesk.cases import models as cases
from shopdesk.changes import models as changes
from shopdesk.core import audit, idempotency, outbox
from shopdesk.customers import models as customers
from shopdesk.feeds import models as feeds
from shopdesk.imports import models as imports
from shopdesk.notices import models as notices
from shopdesk.orders import models as orders
from shopdesk.parcels import models as parcels
from shopdesk.payments import models as payments
from shopdesk.printing import models as printing
from shopdesk.reconciling import models as reconciling
from shopdesk.refunds import models as refunds
from shopdesk.replacements import models as replacements
from shopdesk.returns import models as returns
from shopdesk.staff import models as staff

MODULES = (
    audit,
    idempotency,
    outbox,
    staff,
    customers,
    orders,
    feeds,
    parcels,
    notices,
    cases,
    payments,
    changes,
    refunds,
    reconciling,
    returns,
    replacements,
    printing,
    imports,
)
