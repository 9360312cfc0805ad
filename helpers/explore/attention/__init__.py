"""Explorers of lesson 09: looking back, looking up, ranking, rounding."""
