"""The course itself: the map of its lessons and the check of an installation."""
