"""What was bought and paid: orders, lines, memos, amendments, and the keys they are found by."""
