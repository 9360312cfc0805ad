"""The tables of the projects of lesson 13."""
