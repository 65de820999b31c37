"""From request to actor, from error to answer."""
