"""What explorers share: the live figure, its controls, typed text."""
