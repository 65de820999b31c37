"""Goods going out again: exchanges, reships, goods sent back to the customer."""
