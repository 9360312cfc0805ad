"""Runs that do not train, and the tests that say why."""
