"""Reads of the warehouse: what is told of a scan, what of a parcel is recalled, the board."""

from shopdesk.warehouse.queries.board import Board, Card, Version, board, heads, version
from shopdesk.warehouse.queries.recalls import Turn, last_receiver, receivers, to_count, turns
from shopdesk.warehouse.queries.telling import told

__all__ = [
    "Board",
    "Card",
    "Turn",
    "Version",
    "board",
    "heads",
    "last_receiver",
    "receivers",
    "to_count",
    "told",
    "turns",
    "version",
]
