"""Tables of lesson 09."""
