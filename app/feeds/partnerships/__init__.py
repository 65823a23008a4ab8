"""The dates of partnerships in calendars: the public ones in one of their own, all of them in those of who belongs there."""
