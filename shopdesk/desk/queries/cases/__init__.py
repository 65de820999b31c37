"""Reads of the pages that list cases: the queue, the registers, what is left over, the day."""
