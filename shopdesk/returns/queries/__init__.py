"""Reads about goods that come back."""
