"""Exercises of lesson 06: their questions, and what checks an answer."""
