"""Series of numbers: baselines, nets that forecast, and leaks that flatter them."""
