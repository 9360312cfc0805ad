"""Exercises of lesson 09: their questions, and what checks an answer."""
