"""Shared rooms of the course: data, nets, plots, explorers and exercises."""
