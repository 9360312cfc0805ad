"""Explorers of the lesson on series."""
