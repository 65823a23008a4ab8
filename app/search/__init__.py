"""One question over workshops, organisations and, for staff, people."""
