"""The one file that a copy is."""
