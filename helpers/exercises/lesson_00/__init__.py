"""Exercises of lesson 00: their questions, and what checks an answer."""
