"""A believable shop of any size, the same for the same seed, written in bulk into a migrated database."""

from benchmarks.world.filling import World, fill

__all__ = ["World", "fill"]
