"""Subscribed calendars: addresses, what they show, their revisions."""
