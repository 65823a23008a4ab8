"""The waiting list: whose turn it is, offers with a deadline, and what staff do out of turn."""
