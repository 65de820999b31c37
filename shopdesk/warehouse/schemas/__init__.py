"""Shapes of the warehouse's part of the API."""
