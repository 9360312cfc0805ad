"""The same tables on many machines."""
