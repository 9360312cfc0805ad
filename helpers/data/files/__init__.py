"""What a file holds that a learner brings: bytes, and the text that they stand for."""
