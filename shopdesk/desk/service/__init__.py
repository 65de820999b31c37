"""Commands of the workbench: what personal values leave it, on the record."""

from shopdesk.desk.service.revealing import copy_amendment, copy_memo, copy_supplier_message, reveal

__all__ = ["copy_amendment", "copy_memo", "copy_supplier_message", "reveal"]
