"""Reads of printing: the queue, what is asked of printing, runs and the papers in them."""
