"""The staff's list of a workshop's people: what narrows it, its rows, and what is done to many at once."""
