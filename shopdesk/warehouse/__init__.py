"""What the warehouse does with a scanner in its hand: packing, shipping, and being stopped."""
