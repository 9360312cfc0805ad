"""Data of lesson 11."""
