"""Forms of the workbench: what is sent from an order page, and the wishes."""

from shopdesk.desk.forms.page import ConfirmForm, KeyForm, MemoForm, ReasonForm, RefundForm
from shopdesk.desk.forms.wishes import FORMS, AddressForm, WishForm

__all__ = ["FORMS", "AddressForm", "ConfirmForm", "KeyForm", "MemoForm", "ReasonForm", "RefundForm", "WishForm"]
