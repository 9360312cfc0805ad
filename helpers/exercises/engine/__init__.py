"""What every exercise runs on: check, hint, predict, progress."""
