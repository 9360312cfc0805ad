"""Exercises of lesson 05: their questions, and what checks an answer."""
