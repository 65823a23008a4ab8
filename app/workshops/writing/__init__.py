"""A workshop's values become rows."""
