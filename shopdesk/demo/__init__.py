"""The demo shop: an invented shop that makes every screen worth looking at."""
