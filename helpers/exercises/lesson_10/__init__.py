"""Exercises of lesson 10: their questions, and what checks an answer."""
