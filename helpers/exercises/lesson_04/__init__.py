"""Exercises of lesson 04: their questions, and what checks an answer."""
