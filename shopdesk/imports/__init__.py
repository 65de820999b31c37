"""The edge where files and feeds come in."""
