"""Exercises of lesson 07: their questions, and what checks an answer."""
