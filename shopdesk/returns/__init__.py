"""Goods coming back: returns, arrivals at the dock, findings, where each unit goes."""
