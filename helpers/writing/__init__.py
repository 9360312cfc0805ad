"""From logits to a text: counting, decoding, forcing, disturbing."""
