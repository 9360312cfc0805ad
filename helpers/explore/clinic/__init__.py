"""Explorer of lesson 12: find the fault of a sick run in three tests."""
