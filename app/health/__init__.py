"""Whether the service lives, for monitoring."""
