"""Tables of lesson 11: what recurrence buys."""
