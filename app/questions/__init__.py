"""What a workshop asks of whoever registers, and what they answer."""
