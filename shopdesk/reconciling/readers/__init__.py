"""Statements of where money was paid from, as files."""

from shopdesk.reconciling.readers.statement import MOST_BYTES, Read, StatementRow, read_statement

__all__ = ["MOST_BYTES", "Read", "StatementRow", "read_statement"]
