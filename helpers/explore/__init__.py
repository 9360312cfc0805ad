"""Explorers: figures that answer sliders, one module for each lesson."""
