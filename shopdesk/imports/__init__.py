"""Files and feeds from outside into orders."""
