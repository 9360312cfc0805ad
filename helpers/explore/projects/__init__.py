"""The explorer of lesson 13."""
