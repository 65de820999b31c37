"""Decisions about refunds, on plain values."""
