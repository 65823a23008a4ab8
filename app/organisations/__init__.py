"""Municipalities, regions, networks and their places."""
