"""The pages of finance beside each other, with what waits on each."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from shopdesk.cases.queries import settling
from shopdesk.reconciling.queries import payouts, recoveries
from shopdesk.web.guard import here


def places(at: str) -> list[dict[str, Any]]:
    """The line of links on top of each of them; `at` is where one is."""
    found = [
        ("finance.payouts", _("Payouts"), payouts.count_waiting(here())),
        ("finance.recoveries", _("To recover"), recoveries.count_open(here())),
        ("finance.reconciliation", _("Reconciliation"), None),
        ("finance.credit_notes", _("Credit notes"), None),
        ("invoices.invoices", _("Invoices to issue"), settling.count_invoice_tasks(here())),
    ]
    return [
        {"label": words, "count": count, "href": url_for(endpoint), "active": endpoint == at}
        for endpoint, words, count in found
    ]
