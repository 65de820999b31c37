"""Forms of the workbench: what is sent from an order page, and the wishes."""

from shopdesk.desk.forms.page import KeyForm, MemoForm, ReasonForm
from shopdesk.desk.forms.steps import FORMS as STEP_FORMS
from shopdesk.desk.forms.steps import StepForm
from shopdesk.desk.forms.wishes import FORMS, AddressForm, WishForm

__all__ = ["FORMS", "STEP_FORMS", "AddressForm", "KeyForm", "MemoForm", "ReasonForm", "StepForm", "WishForm"]
