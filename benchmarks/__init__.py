"""How fast and how big: ratios to a bare bound, measured in one run on one machine (docs/performance.md)."""
