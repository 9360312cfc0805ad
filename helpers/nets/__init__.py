"""The networks that the lessons built: by hand in NumPy, then in torch."""
