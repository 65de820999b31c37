"""Wishes about unshipped orders: the playbook, its steps, and the facts that overtake them."""
