"""Reads for finance."""
