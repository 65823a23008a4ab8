"""A workshop, its texts per language, its days, capacity and states."""
