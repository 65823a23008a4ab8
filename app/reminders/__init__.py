"""Who is due which reminder now, put into the outbox once."""
