"""Tests of money beside the books."""
