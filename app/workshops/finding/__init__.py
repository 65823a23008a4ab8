"""Workshops found: by list, filter, month, line of years and map."""
