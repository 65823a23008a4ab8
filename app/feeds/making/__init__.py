"""Making calendars, anew only where something has changed."""
