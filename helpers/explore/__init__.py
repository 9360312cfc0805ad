"""Explorers: figures that answer sliders, one file for each."""
