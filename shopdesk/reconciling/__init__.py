"""Money beside the books: receipts of payouts by hand, what the platforms paid back, statements, what is recovered."""
