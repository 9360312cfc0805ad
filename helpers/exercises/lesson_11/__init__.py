"""Exercises of lesson 11: their questions, and what checks an answer."""
