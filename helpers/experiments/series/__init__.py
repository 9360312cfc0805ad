"""Tables of the lesson on series."""
