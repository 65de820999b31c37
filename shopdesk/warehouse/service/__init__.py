"""Commands by scan: pack, ship, hand out, take back."""

from shopdesk.warehouse.service.handing import Given, gone, hand, look, seen
from shopdesk.warehouse.service.scanning import TO, move, scan

__all__ = ["TO", "Given", "gone", "hand", "look", "move", "scan", "seen"]
