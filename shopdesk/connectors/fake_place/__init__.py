"""A place to pay that pays nobody: a process of its own, whose file says what money moved (docs/places.md).

It imports nothing of the desk: what the desk believes and what happened must not come from the same code.
"""
