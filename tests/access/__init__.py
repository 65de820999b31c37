"""Who reaches what: the reviewed table, the worlds its addresses lead into, and the check of one row."""
