"""What the clinic of lesson 12 deals from."""
