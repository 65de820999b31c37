"""What happens after commit: the worker and its handlers."""
