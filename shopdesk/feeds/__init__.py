"""How old each kind of truth is."""
