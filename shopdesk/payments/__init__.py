"""What customers paid, what of it is set aside and given back, and the ledger of all of it."""
