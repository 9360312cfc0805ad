"""Exercises of lesson 03: their questions, and what checks an answer."""
