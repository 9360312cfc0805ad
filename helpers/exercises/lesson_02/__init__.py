"""Exercises of lesson 02: their questions, and what checks an answer."""
