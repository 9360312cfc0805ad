"""Lesson 12: would your model survive tomorrow?"""
