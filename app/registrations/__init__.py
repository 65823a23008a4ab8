"""Registration, waiting list and attendance."""
