"""Decisions about goods that come back, on plain values."""
