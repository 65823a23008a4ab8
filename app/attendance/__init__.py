"""Who was there: checking people in, half-days and sessions, and what counts as having attended."""
