"""Attention, as lesson 09 builds it: scores, a decoder that looks back, and more."""
