"""Exercises of lesson 01: their questions, and what checks an answer."""
