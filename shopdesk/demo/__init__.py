"""The demo shop: an invented shop that makes every screen worth looking at."""

from shopdesk.demo.service import ensure

__all__ = ["ensure"]
