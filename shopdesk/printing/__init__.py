"""Printing here: the queue, batches of delivery notes and pick slips, re-prints with their reason."""
