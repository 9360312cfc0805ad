"""Explorers of lesson 11: who hears whom, sweeps, and what is stretched."""
