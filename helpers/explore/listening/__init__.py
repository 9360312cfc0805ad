"""Explorers of lesson 10: the lattice of CTC, a beam of prefixes, a radio operator."""
