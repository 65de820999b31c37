"""Money back, exactly once: what is refunded, who approves it, how it is paid out."""
