"""What becomes of a gradient on its way back through time."""
