"""The scan page around a result; its own module asks for the result alone."""

from __future__ import annotations

from flask import render_template

from shopdesk.core import clock
from shopdesk.warehouse.forms import ScanForm
from shopdesk.warehouse.views.words import Shown
from shopdesk.web.guard import actor

PART = "X-Part"  # the page's own module asks for the result alone


def page(form: ScanForm, found: Shown | None, problem: str | None = None) -> str:
    return render_template(
        "warehouse/scan.html",
        form=form,
        mode=form.mode.data,
        found=found,
        problem=problem,
        now=clock.now().isoformat(),
        who=actor().id,
    )
