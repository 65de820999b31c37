"""Buyers of a store."""
