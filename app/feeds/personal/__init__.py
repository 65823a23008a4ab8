"""Somebody's own calendar: secret addresses, one a device, and what stands in it."""
