"""Exercises of lesson 08: their questions, and what checks an answer."""
