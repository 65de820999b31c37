"""Decisions about money beside the books, on plain values."""
