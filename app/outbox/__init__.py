"""Messages: waiting, sending, sent, failed; knows nothing of workshops."""
