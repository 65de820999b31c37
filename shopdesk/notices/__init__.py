"""Inboxes with acknowledgement."""
