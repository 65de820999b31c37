"""Commands of the workbench: what personal values leave it, on the record."""

from shopdesk.desk.service.revealing import copy_amendment, copy_memo, copy_supplier_message, reveal
from shopdesk.desk.service.supplier_words import message_text
from shopdesk.desk.service.taking_back import take_one_back

__all__ = ["copy_amendment", "copy_memo", "copy_supplier_message", "message_text", "reveal", "take_one_back"]
