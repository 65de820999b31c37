"""Commands of the workbench: personal values shown on the record."""

from shopdesk.desk.service.revealing import copy_memo, reveal

__all__ = ["copy_memo", "reveal"]
